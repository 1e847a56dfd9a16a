import type { Caller } from "./caller.ts";

/** Looks a secret up. */
export interface Authenticator {
  /** @returns undefined for a secret that is unknown, expired or revoked. */
  authenticate(secret: string): Promise<Caller | undefined>;
}
