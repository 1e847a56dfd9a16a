import { permissionMissing } from "./administrator.ts";
import type { Caller, Tenancy } from "./caller.ts";
import type { SubjectRef } from "./scope.ts";
import { projectNotFound } from "./trusted-keys.ts";
import {
  type MintedToken,
  PERMISSIONS_OF_USERS,
  type UserPermission,
  type UserTokens,
} from "./user-tokens.ts";

/** Who is known of a tenant. */
export interface People {
  /** Finds or makes the person behind a user's id. @throws MnemeError SUBJECT_FENCED. */
  ensure(tenancy: Tenancy, userId: string, signal?: AbortSignal): Promise<SubjectRef>;
}

export interface MintDeps {
  readonly people: People;
  readonly userTokens: Pick<UserTokens, "mint">;
}

export interface MintCommand {
  readonly userId: string;
  readonly permissions: readonly UserPermission[];
  readonly ttlSeconds: number;
}

/**
 * Mints a token that reaches one user's memories in the caller's project, and does no more than the caller may.
 *
 * @throws MnemeError PERMISSION_MISSING, PROJECT_NOT_FOUND, SUBJECT_FENCED.
 */
export async function mintUserToken(
  { people, userTokens }: MintDeps,
  caller: Caller,
  { userId, permissions, ttlSeconds }: MintCommand,
  signal?: AbortSignal,
): Promise<MintedToken> {
  const missing = permissions
    .flatMap((permission) => PERMISSIONS_OF_USERS[permission])
    .find((permission) => !caller.permissions.has(permission));
  if (missing) {
    const message = `this key lacks ${missing} itself: a token can't do more than the key that mints it`;
    throw permissionMissing(missing, message);
  }
  const { tenantId, projectId, apiKeyId } = caller;
  if (projectId === "") throw projectNotFound();
  const subject = await people.ensure(caller, userId, signal);
  return userTokens.mint({ tenantId, projectId, apiKeyId, subject, permissions }, ttlSeconds);
}
