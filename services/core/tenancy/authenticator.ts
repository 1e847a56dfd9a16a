import type { MnemeError } from "../errors.ts";
import type { Caller } from "./caller.ts";

/** What a call shows of itself. */
export interface Credentials {
  /** An API key's secret, or a user's token. */
  readonly secret: string;
  /** The project that the call wants to reach, where its credentials reach several; their default if undefined. */
  readonly projectId?: string | undefined;
}

/** Whose credentials work. */
export interface Known {
  readonly caller: Caller;
  /**
   * Why the call is not served all the same: SUSPENDED; PROJECT_NOT_FOUND for a project that these credentials don't
   * reach. Not thrown, for such a call counts against its caller's limits and stands in the tenant's trail.
   */
  readonly refusal?: MnemeError | undefined;
}

/** Finds out who calls. */
export interface Authenticator {
  /** @returns undefined for a secret that is unknown, expired or revoked. */
  authenticate(credentials: Credentials): Promise<Known | undefined>;
}
