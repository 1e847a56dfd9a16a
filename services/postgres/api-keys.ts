import { limitsOf, type StoredLimits } from "@mneme/core/tenancy/limits.ts";
import { permissionsOf } from "@mneme/core/tenancy/roles.ts";
import type { ApiKeys, KnownKey } from "@mneme/core/tenancy/trusted-keys.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

interface KeyRow {
  readonly place: string;
  readonly tenant_id: string;
  /** Null where the key reaches no such project. */
  readonly project_id: string | null;
  readonly api_key_id: string;
  readonly first_key_id: string | null;
  readonly is_of_tenant: boolean;
  readonly roles: readonly string[];
  readonly is_suspended: boolean;
  readonly tenant_limits: StoredLimits;
  readonly project_limits: StoredLimits | null;
  readonly key_limits: StoredLimits;
}

/** Finds keys by the hash of their secret; the one read that no tenant is set for. */
export function createApiKeys(pool: pg.Pool): ApiKeys {
  return {
    async find(shown) {
      const { rows } = await pool
        .query<KeyRow>({
          name: "authenticate_keys",
          text: `select s.place, k.*
                 from unnest($1::bytea[], $2::uuid[]) with ordinality as s (hash, project_id, place),
                   lateral authenticate_key(s.hash, s.project_id) k`,
          values: [
            shown.map(({ hash }) => Buffer.from(hash, "hex")),
            shown.map(({ projectId }) => projectId ?? null),
          ],
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      const byPlace = new Map(rows.map((row) => [Number(row.place), row]));
      return shown.map((_, index) => {
        const row = byPlace.get(index + 1);
        return row && toKnownKey(row);
      });
    },
  };
}

function toKnownKey(row: KeyRow): KnownKey {
  const projectId = row.project_id ?? "";
  return {
    isSuspended: row.is_suspended,
    caller: {
      tenantId: row.tenant_id,
      projectId,
      apiKeyId: row.api_key_id,
      firstKeyId: row.first_key_id ?? undefined,
      isOfTenant: row.is_of_tenant,
      permissions: permissionsOf(row.roles),
      reach: { principals: projectId === "" ? [row.api_key_id] : [row.api_key_id, projectId] },
      limits: {
        tenant: limitsOf(row.tenant_limits),
        project: limitsOf(row.project_limits ?? {}),
        apiKey: limitsOf(row.key_limits),
      },
    },
  };
}
