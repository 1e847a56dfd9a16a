import { limitsOf, type StoredLimits } from "@mneme/core/tenancy/limits.ts";
import { permissionsOf } from "@mneme/core/tenancy/roles.ts";
import type { UserTokenGrounds } from "@mneme/core/tenancy/user-token-authenticator.ts";
import { Content } from "./content.ts";
import type { Database } from "./database.ts";
import { readTogether } from "./read-together.ts";

interface GroundsRow {
  readonly roles: readonly string[];
  readonly first_id: string | null;
  readonly is_suspended: boolean;
  readonly tenant_limits: StoredLimits;
  readonly project_limits: StoredLimits;
  readonly key_limits: StoredLimits;
  readonly user_ct: Buffer | null;
}

/** Reads what tokens stand on: the signature says which tenant to look in, and row-level security holds as ever. */
export function createUserTokenGrounds({ pool, cipher }: Database): UserTokenGrounds {
  return {
    async find({ tenantId, projectId, apiKeyId, subject }) {
      const [[row]] = await readTogether(pool, { tenantId }, [
        {
          name: "user_token_grounds",
          text: `select k.roles, k.first_id, t.state <> 'active' or p.state <> 'active' as is_suspended,
                   t.limits as tenant_limits, p.limits as project_limits, k.limits as key_limits, s.user_ct
                 from api_keys k
                 join tenants t on t.id = k.tenant_id
                 join projects p on p.tenant_id = k.tenant_id and p.id = $3
                   and (k.project_id is null or k.project_id = p.id)
                 join subjects s on s.tenant_id = k.tenant_id and s.id = $4 and s.epoch = $5 and s.state = 'active'
                 where k.tenant_id = $1 and k.id = $2 and k.revoked_at is null
                   and (k.expires_at is null or k.expires_at > now())`,
          values: [tenantId, apiKeyId, projectId, subject.id, subject.epoch],
          row: undefined as GroundsRow | undefined,
        },
      ]);
      if (!row) return undefined;
      const userId = await new Content(cipher, tenantId).openText("subjects.user", row.user_ct);
      if (userId === undefined) return undefined;
      return {
        permissions: permissionsOf(row.roles),
        firstKeyId: row.first_id ?? undefined,
        isSuspended: row.is_suspended,
        limits: {
          tenant: limitsOf(row.tenant_limits),
          project: limitsOf(row.project_limits),
          apiKey: limitsOf(row.key_limits),
        },
        userId,
      };
    },
  };
}
