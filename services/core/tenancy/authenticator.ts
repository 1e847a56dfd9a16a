import type { Caller } from "./caller.ts";

/** What a call shows of itself. */
export interface Credentials {
  /** An API key's secret, or a user's token. */
  readonly secret: string;
  /** The project that the call wants to reach, where its credentials reach several; their default if undefined. */
  readonly projectId?: string | undefined;
}

/** Finds out who calls. */
export interface Authenticator {
  /**
   * @returns undefined for a secret that is unknown, expired or revoked.
   * @throws MnemeError SUSPENDED; PROJECT_NOT_FOUND for a project that these credentials don't reach.
   */
  authenticate(credentials: Credentials): Promise<Caller | undefined>;
}
