import { type Administrator, permissionMissing } from "./administrator.ts";
import type { ApiKey, ApiKeyDraft, ApiKeyStore, MadeKey, RotatedKey } from "./api-key-store.ts";
import { newApiKey } from "./new-api-key.ts";
import type { WriteRequest } from "./request.ts";
import { permissionsOf } from "./roles.ts";
import { SYSTEM_TENANT_ID } from "./system-tenant.ts";
import { projectNotFound } from "./trusted-keys.ts";

/**
 * Makes a key that may do no more than its maker: no permission that the maker lacks, and no other project than the
 * maker's.
 *
 * @throws MnemeError PERMISSION_MISSING, PROJECT_NOT_FOUND, and what the store throws.
 */
export async function createApiKey(
  { apiKeys }: { readonly apiKeys: Pick<ApiKeyStore, "create"> },
  who: Administrator,
  draft: ApiKeyDraft,
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<MadeKey> {
  // No key of a tenant can hold what this role may; were there one by a fault, it ends here.
  if (draft.roles.includes("operator") && who.tenantId !== SYSTEM_TENANT_ID) {
    throw permissionMissing("OPERATOR_WRITE", "only the operator's own keys may have the role operator");
  }
  if (!who.isOfTenant) {
    if (draft.projectId === undefined) {
      throw permissionMissing("API_KEY_WRITE", "a project's key makes keys of that project alone: name it");
    }
    if (draft.projectId !== who.projectId) throw projectNotFound();
  }
  requireNoMore(who, draft);
  return apiKeys.create(who, draft, newApiKey(), request, signal);
}

/**
 * Replaces a key by one that may and reaches the same, which whoever rotates it must be allowed as well: the new secret is
 * theirs. A key that holds grants is therefore rotated by itself, or by who may make grants.
 *
 * @throws MnemeError PERMISSION_MISSING, and what the store throws.
 */
export function rotateApiKey(
  { apiKeys }: { readonly apiKeys: Pick<ApiKeyStore, "rotate"> },
  who: Administrator,
  rotation: { readonly apiKeyId: string; readonly overlapSeconds: number },
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<MadeKey & { readonly replaced: ApiKey }> {
  return apiKeys.rotate(who, rotation, newApiKey(), request, (old) => requireMayHold(who, old), signal);
}

function requireMayHold(who: Administrator, old: RotatedKey): void {
  requireNoMore(who, old);
  if (!old.holdsGrants || who.isOfTenant || old.id === who.apiKeyId) return;
  throw permissionMissing(
    "TENANCY_WRITE",
    "the key holds grants, and the credentials are one project's: rotate it with a key of the tenant, or with itself",
  );
}

function requireNoMore({ permissions }: Administrator, { roles }: Pick<ApiKey, "roles">): void {
  const lacking = [...permissionsOf(roles)].find((permission) => !permissions.has(permission));
  if (lacking) {
    throw permissionMissing(
      lacking,
      `a key may do no more than who makes it, and the credentials lack ${lacking}`,
    );
  }
}
