import { MnemeError } from "@mneme/core/errors.ts";
import type { ApiKey, ApiKeyDraft } from "@mneme/core/tenancy/api-key-store.ts";
import { limitsOf, type StoredLimits } from "@mneme/core/tenancy/limits.ts";
import type { NewApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import type { Role } from "@mneme/core/tenancy/roles.ts";
import type pg from "pg";
import type { Transaction } from "../plain-transaction.ts";

export interface ApiKeyRow {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly project_id: string | null;
  readonly roles: readonly Role[];
  readonly limits: StoredLimits;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly replaced_by: string | null;
  readonly first_id: string | null;
  readonly has_expired: boolean;
}

export const API_KEY_COLUMNS = `id, name, prefix, project_id, roles, limits, created_at, expires_at, revoked_at,
  last_used_at, replaced_by, first_id, coalesce(expires_at <= now(), false) as has_expired`;

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    projectId: row.project_id ?? undefined,
    roles: row.roles,
    limits: limitsOf(row.limits),
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    replacedBy: row.replaced_by ?? undefined,
  };
}

/** @throws MnemeError API_KEY_NOT_FOUND for what the transaction does not see. */
export async function readApiKey(
  { client, audit }: Pick<Transaction, "client" | "audit">,
  tenantId: string,
  apiKeyId: string,
  lock = "",
): Promise<ApiKeyRow> {
  const { rows } = await client.query<ApiKeyRow>(
    `select ${API_KEY_COLUMNS} from api_keys where tenant_id = $1 and id = $2 ${lock}`,
    [tenantId, apiKeyId],
  );
  if (!rows[0]) throw apiKeyNotFound(apiKeyId);
  audit?.touches("api_key", apiKeyId);
  return rows[0];
}

export function apiKeyNotFound(apiKeyId: string): MnemeError {
  return new MnemeError("not_found", "API_KEY_NOT_FOUND", "there is no such API key for these credentials", {
    metadata: { api_key_id: apiKeyId },
  });
}

export interface ApiKeyInsert {
  readonly tenantId: string;
  readonly id: string;
  readonly draft: ApiKeyDraft;
  readonly made: Pick<NewApiKey, "hash" | "prefix">;
  /** The key that it is made with; undefined for a first one. */
  readonly madeBy: string | undefined;
  /** Of a rotated key, the first one that it came of. */
  readonly firstId?: string | undefined;
}

export async function insertApiKey(
  client: pg.ClientBase,
  { tenantId, id, draft, made, madeBy, firstId }: ApiKeyInsert,
): Promise<void> {
  await client.query(
    `insert into mneme.api_keys
       (tenant_id, id, project_id, name, key_hash, prefix, roles, limits, expires_at, made_by, first_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      tenantId,
      id,
      draft.projectId ?? null,
      draft.name,
      made.hash,
      made.prefix,
      draft.roles,
      JSON.stringify(draft.limits),
      draft.expiresAt ?? null,
      madeBy ?? null,
      firstId ?? null,
    ],
  );
}
