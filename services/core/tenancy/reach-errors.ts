import { invalidField, MnemeError } from "../errors.ts";

/** What a write is told that names a team which is not there, or not granted: nobody learns which. */
export function teamNotFound(): MnemeError {
  return new MnemeError(
    "not_found",
    "TEAM_NOT_FOUND",
    "there is no such team, or no grant lets this call write its memory",
  );
}

/** What a write is told that shares something with a whole project or tenant, which no grant lets it. */
export function mayNotShare(): MnemeError {
  return new MnemeError(
    "permission_denied",
    "PERMISSION_MISSING",
    "scope.shared_with: no grant lets this call write what is shared there",
    { metadata: { field: "scope.shared_with" } },
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

/** What a write is told that shares something with the whole tenant from one of its other projects. */
export function notTheDefaultProject(): MnemeError {
  return invalidField(
    "scope.shared_with",
    "what is shared with a tenant is written in its default project: call that one",
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
