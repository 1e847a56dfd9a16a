import type { Caller } from "@mneme/core/tenancy/caller.ts";
import type { ApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

interface KeyRow {
  readonly hash: string;
  readonly tenant_id: string;
  readonly project_id: string;
  readonly api_key_id: string;
  readonly permissions: readonly string[];
}

/** Finds keys by the hash of their secret; the one read that no tenant is set for. */
export function createApiKeys(pool: pg.Pool): ApiKeys {
  return {
    async find(hashes) {
      const { rows } = await pool
        .query<KeyRow>({
          name: "authenticate_keys",
          text: `select encode(h.hash, 'hex') as hash, k.*
                 from unnest($1::bytea[]) as h (hash), lateral authenticate_key(h.hash) k`,
          values: [hashes.map((hash) => Buffer.from(hash, "hex"))],
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return new Map(rows.map((row) => [row.hash, toCaller(row)]));
    },
  };
}

function toCaller(row: KeyRow): Caller {
  return {
    tenantId: row.tenant_id,
    projectId: row.project_id,
    apiKeyId: row.api_key_id,
    permissions: new Set(row.permissions),
  };
}
