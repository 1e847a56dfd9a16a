import { defined } from "./convert/memory.ts";
import { fromDate } from "./convert/time.ts";

/** Which state of the world and of what was known to read; neither shows what was deleted, erased or fenced. */
export interface Times {
  /** What was true at this time. */
  readonly asOf?: Date | undefined;
  /** What was known at this time. */
  readonly knownAt?: Date | undefined;
}

/** As the wire takes them. */
export function timesToWire({ asOf, knownAt }: Times) {
  return defined({ asOf: fromDate(asOf, "as_of"), knownAt: fromDate(knownAt, "known_at") });
}
