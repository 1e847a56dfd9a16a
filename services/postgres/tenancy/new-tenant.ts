import type { KeyPurpose, KeyStore } from "@mneme/core/encryption/key-store.ts";
import { asTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import type { Limits } from "@mneme/core/tenancy/limits.ts";
import type { Role } from "@mneme/core/tenancy/roles.ts";
import { SYSTEM_PROJECT_ID, SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type pg from "pg";

/** Of a tenant's first key: what it may do, another key may be given. */
export const FIRST_ROLES = ["admin", "auditor"] as const satisfies readonly Role[];

export interface NewTenant {
  readonly tenantId: string;
  readonly projectId: string;
  readonly name: string;
  readonly limits: Limits;
}

/**
 * Makes a tenant with its default project, in a transaction under the tenant's own fence. Its keys lie in another database
 * and are made first: where the transaction fails, nothing knows them.
 */
export async function insertTenant(
  client: pg.ClientBase,
  keys: KeyStore,
  { tenantId, projectId, name, limits }: NewTenant,
): Promise<void> {
  // Whoever makes it holds other credentials, which the key store's fence would go by.
  const create = (purpose: KeyPurpose) => asTenant(tenantId, () => keys.create(tenantId, purpose));
  const macKeyId = await create("tenant_mac");
  const projectKeyId = await create("project");
  await client.query(
    "insert into mneme.tenants (id, name, mac_key_id, limits, default_project_id) values ($1, $2, $3, $4, $5)",
    [tenantId, name, macKeyId, JSON.stringify(limits), projectId],
  );
  await client.query(
    "insert into mneme.projects (tenant_id, id, name, key_id) values ($1, $2, 'default', $3)",
    [tenantId, projectId, projectKeyId],
  );
}

/** Lets one at a time make the operator's own tenant or its first key, until the transaction ends. */
export async function lockSystemTenant(client: pg.ClientBase): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('mneme operator', 0))");
}

/** Makes the operator's own tenant where it is not there yet. */
export async function insertSystemTenant(client: pg.ClientBase, keys: KeyStore): Promise<void> {
  await lockSystemTenant(client);
  const { rowCount } = await client.query("select from mneme.tenants where id = $1", [SYSTEM_TENANT_ID]);
  if (rowCount) return;
  const [tenantId, projectId] = [SYSTEM_TENANT_ID, SYSTEM_PROJECT_ID];
  await insertTenant(client, keys, { tenantId, projectId, name: "operator", limits: {} });
}
