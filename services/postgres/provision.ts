import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { newApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import type { Role } from "@mneme/core/tenancy/roles.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";

export interface ProvisionOptions {
  /** A pool of the owner or a superuser: the application's roles can't make tenants. */
  readonly pool: pg.Pool;
  readonly keys: KeyStore;
  readonly name: string;
  /** Of the first key, which is the tenant's; admin and auditor by default. */
  readonly roles?: readonly Role[];
}

export interface Provisioned {
  readonly tenantId: string;
  readonly projectId: string;
  /** Shown once; only its hash is kept. */
  readonly apiKey: string;
}

/** Makes a tenant with one project and one key. */
export async function provisionTenant(options: ProvisionOptions): Promise<Provisioned> {
  const tenantId = uuidv7();
  const projectId = uuidv7();
  const { secret: apiKey, hash, prefix } = newApiKey();
  const macKeyId = await options.keys.create(tenantId, "tenant_mac");
  const projectKeyId = await options.keys.create(tenantId, "project");
  const client = await options.pool.connect();
  try {
    await client.query("begin");
    await client.query("select set_config('mneme.tenant_id', $1, true)", [tenantId]);
    await client.query("insert into mneme.tenants (id, name, mac_key_id) values ($1, $2, $3)", [
      tenantId,
      options.name,
      macKeyId,
    ]);
    await client.query(
      "insert into mneme.projects (tenant_id, id, name, key_id) values ($1, $2, 'default', $3)",
      [tenantId, projectId, projectKeyId],
    );
    await client.query("update mneme.tenants set default_project_id = $2 where id = $1", [
      tenantId,
      projectId,
    ]);
    await client.query(
      `insert into mneme.api_keys (tenant_id, id, name, key_hash, prefix, roles)
       values ($1, $2, 'first', $3, $4, $5)`,
      [tenantId, uuidv7(), hash, prefix, options.roles ?? ["admin", "auditor"]],
    );
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
  return { tenantId, projectId, apiKey };
}
