import { InternalError } from "../errors/errors.ts";

/** What an answer must hold. @throws InternalError where the server left it out. */
export function required<T>(message: T | undefined, what: string): T {
  if (message === undefined) throw new InternalError(`the server answered without the ${what}`);
  return message;
}
