import type { Authenticator } from "@mneme/core/tenancy/authenticator.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";
import { hashApiKey } from "./provision.ts";

interface KeyRow {
  tenant_id: string;
  project_id: string;
  api_key_id: string;
  permissions: string[];
}

/** Looks keys up by the hash of their secret. */
export function createAuthenticator(pool: pg.Pool): Authenticator {
  return {
    async authenticate(secret) {
      const { rows } = await pool
        .query<KeyRow>({
          name: "authenticate_key",
          text: "select * from authenticate_key($1)",
          values: [hashApiKey(secret)],
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      const row = rows[0];
      if (!row) return undefined;
      return {
        tenantId: row.tenant_id,
        projectId: row.project_id,
        apiKeyId: row.api_key_id,
        permissions: new Set(row.permissions),
      };
    },
  };
}
