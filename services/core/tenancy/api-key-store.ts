import type { Administrator } from "./administrator.ts";
import type { Limits } from "./limits.ts";
import type { NewApiKey } from "./new-api-key.ts";
import type { Page, PageAsked } from "./page.ts";
import type { WriteRequest } from "./request.ts";
import type { Role } from "./roles.ts";

/** A program's credential, without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  /** Undefined of a key of the tenant. */
  readonly projectId: string | undefined;
  readonly roles: readonly Role[];
  readonly limits: Limits;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  readonly revokedAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
  readonly replacedBy: string | undefined;
}

/** What a new key is to be. */
export interface ApiKeyDraft {
  readonly name: string;
  /** Undefined for a key of the tenant. */
  readonly projectId: string | undefined;
  readonly roles: readonly Role[];
  readonly limits: Limits;
  readonly expiresAt: Date | undefined;
}

/** A key with its secret, which is undefined where the call repeats one that was answered. */
export interface MadeKey {
  readonly key: ApiKey;
  readonly secret: string | undefined;
}

/** A key that is about to be rotated, and will hand on what it holds. */
export interface RotatedKey extends ApiKey {
  /** It is named by grants in force. */
  readonly holdsGrants: boolean;
}

/** The keys that the credentials administer: a project's own key sees those of that project. */
export interface ApiKeyStore {
  /** @throws MnemeError PROJECT_NOT_FOUND, REQUEST_ID_REUSED; CREDENTIALS_INVALID for a bootstrap that came second. */
  create(
    who: Administrator,
    draft: ApiKeyDraft,
    made: NewApiKey,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<MadeKey>;
  /** @throws MnemeError API_KEY_NOT_FOUND. */
  get(who: Administrator, apiKeyId: string, signal?: AbortSignal): Promise<ApiKey>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(
    who: Administrator,
    asked: PageAsked & { readonly projectId: string; readonly showEnded: boolean },
    signal?: AbortSignal,
  ): Promise<Page<ApiKey>>;
  /**
   * The new key has the same name, project, roles, limits and grants, and lives as long as the old one was to. The old one works
   * for `overlapSeconds` more, or until its own end where that is sooner.
   *
   * @param allow told the old key, whose grants nobody changes meanwhile; what it throws ends the rotation. Not asked again
   *   for a repetition, which makes nothing.
   * @throws MnemeError API_KEY_NOT_FOUND, REQUEST_ID_REUSED; STATE_CONFLICT for a key that has ended or was replaced.
   */
  rotate(
    who: Administrator,
    rotation: { readonly apiKeyId: string; readonly overlapSeconds: number },
    made: NewApiKey,
    request: WriteRequest,
    allow: (old: RotatedKey) => void,
    signal?: AbortSignal,
  ): Promise<MadeKey & { readonly replaced: ApiKey }>;
  /** A key that is revoked already stays so since then. @throws MnemeError API_KEY_NOT_FOUND, REQUEST_ID_REUSED. */
  revoke(who: Administrator, apiKeyId: string, request: WriteRequest, signal?: AbortSignal): Promise<ApiKey>;
}
