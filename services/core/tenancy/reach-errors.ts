import { MnemeError } from "../errors.ts";

/** What a write is told that names a team which is not there, or not granted: nobody learns which. */
export function teamNotFound(): MnemeError {
  return new MnemeError(
    "not_found",
    "TEAM_NOT_FOUND",
    "there is no such team, or no grant lets this call write its memory",
  );
}

/** What a write is told that would change what a grant lets the call only read. */
export function teamReadOnly(metadata: Readonly<Record<string, string>> = {}): MnemeError {
  return new MnemeError(
    "permission_denied",
    "PERMISSION_MISSING",
    "a grant lets this call read the team's memory, and not change it",
    { metadata },
  );
}

/** What a user's token is told that names somebody else. */
export function userTokenScope(): MnemeError {
  return new MnemeError(
    "permission_denied",
    "USER_TOKEN_SCOPE",
    "a user's token reaches that user alone: leave user_id out, or send the token's own",
  );
}
