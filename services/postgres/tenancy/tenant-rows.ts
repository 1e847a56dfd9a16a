import { MnemeError } from "@mneme/core/errors.ts";
import { requireEtag } from "@mneme/core/tenancy/administrator.ts";
import { limitsOf, type StoredLimits } from "@mneme/core/tenancy/limits.ts";
import { patched } from "@mneme/core/tenancy/patch.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import type { Project, ServedState, Tenant, Update } from "@mneme/core/tenancy/tenant-store.ts";
import type { Transaction } from "../plain-transaction.ts";

type Inside = Pick<Transaction, "client" | "audit">;

interface ServedRow {
  readonly id: string;
  readonly name: string;
  readonly state: ServedState;
  readonly settings: Settings;
  readonly limits: StoredLimits;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly revision: string;
}

export interface TenantRow extends ServedRow {
  readonly default_project_id: string;
}

export type ProjectRow = ServedRow;

export const PROJECT_COLUMNS = "id, name, state, settings, limits, created_at, updated_at, revision";
const TENANT_COLUMNS = `${PROJECT_COLUMNS}, default_project_id`;

export function toProject(row: ProjectRow): Project {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    settings: row.settings,
    limits: limitsOf(row.limits),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    etag: row.revision,
  };
}

export function toTenant(row: TenantRow): Tenant {
  return { ...toProject(row), defaultProjectId: row.default_project_id };
}

/** A tenant, under whose fence the transaction stands. @throws MnemeError TENANT_NOT_FOUND. */
export async function readTenant({ client, audit }: Inside, tenantId: string, lock = ""): Promise<TenantRow> {
  const { rows } = await client.query<TenantRow>(
    `select ${TENANT_COLUMNS} from tenants where id = $1 ${lock}`,
    [tenantId],
  );
  const [row] = rows;
  audit?.touches("tenant", row?.id);
  if (row) return row;
  throw new MnemeError("not_found", "TENANT_NOT_FOUND", "there is no such tenant", {
    metadata: { tenant_id: tenantId },
  });
}

/** @throws MnemeError TENANT_NOT_FOUND, ETAG_MISMATCH. */
export async function updateTenant(transaction: Inside, tenantId: string, update: Update): Promise<void> {
  const now = await readTenant(transaction, tenantId, "for update");
  requireEtag(update.etag, now.revision, "tenant");
  await transaction.client.query(
    `update tenants set name = $2, state = $3, settings = $4, limits = $5, revision = revision + 1, updated_at = now()
     where id = $1`,
    [tenantId, ...changedBy(now, update)],
  );
}

/** Name, state, settings and limits as an update leaves them. */
export function changedBy(now: ServedRow, { name, state, settings, limits }: Update): unknown[] {
  return [
    name ?? now.name,
    state ?? now.state,
    JSON.stringify(patched(now.settings, settings)),
    JSON.stringify(patched(now.limits, limits)),
  ];
}
