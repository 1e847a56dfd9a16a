import { MnemeError } from "../errors.ts";
import type { Caller } from "./caller.ts";
import type { PermissionName } from "./roles.ts";

/** Who administers. A project's own key sees and changes what is that project's, and nothing else of the tenant. */
export type Administrator = Pick<
  Caller,
  "tenantId" | "projectId" | "isOfTenant" | "apiKeyId" | "permissions" | "audit"
>;

/** @throws MnemeError PERMISSION_MISSING for a key of one project: `what` is all projects'. */
export function requireKeyOfTenant(
  { isOfTenant }: Administrator,
  permission: PermissionName,
  what: string,
): void {
  if (isOfTenant) return;
  throw permissionMissing(permission, `the credentials are one project's, and ${what} the whole tenant's`);
}

export function permissionMissing(permission: PermissionName, message: string): MnemeError {
  return new MnemeError("permission_denied", "PERMISSION_MISSING", message, { metadata: { permission } });
}

/** @throws MnemeError ETAG_MISMATCH where an etag was given and names another state. */
export function requireEtag(given: string, revision: string, what: string): void {
  if (given === "" || given === revision) return;
  throw new MnemeError("aborted", "ETAG_MISMATCH", `the ${what} was changed meanwhile; read it again`);
}

/** Another one has the name or id in `field`. */
export function alreadyExists(field: string, description: string): MnemeError {
  return new MnemeError("already_exists", "ALREADY_EXISTS", `${field}: ${description}`, {
    metadata: { field },
    fields: [{ field, description }],
  });
}

/** What is asked for can't be done in this state. */
export function stateConflict(state: string, message: string): MnemeError {
  return new MnemeError("failed_precondition", "STATE_CONFLICT", message, { metadata: { state } });
}
