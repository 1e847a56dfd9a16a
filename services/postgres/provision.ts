import { randomBytes } from "node:crypto";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { hashApiKey } from "@mneme/core/tenancy/trusted-keys.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";

export interface ProvisionOptions {
  /** A pool of the owner or a superuser: the application's roles can't make tenants. */
  readonly pool: pg.Pool;
  readonly keys: KeyStore;
  readonly name: string;
  /** Permissions of the first key; everything by default. */
  readonly permissions?: readonly string[];
}

export interface Provisioned {
  readonly tenantId: string;
  readonly projectId: string;
  /** Shown once; only its hash is kept. */
  readonly apiKey: string;
}

/** What a key may be allowed to do: the names of `mneme.options.v1.Permission` without the prefix. */
export const ALL_PERMISSIONS = [
  "MEMORY_READ",
  "MEMORY_WRITE",
  "EXTRACTION_READ",
  "EXTRACTION_WRITE",
  "SESSION_READ",
  "SESSION_WRITE",
] as const;

/** Makes a tenant with one project and one key. */
export async function provisionTenant(options: ProvisionOptions): Promise<Provisioned> {
  const tenantId = uuidv7();
  const projectId = uuidv7();
  const apiKey = `mneme_${randomBytes(32).toString("base64url")}`;
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
    await client.query(
      `insert into mneme.api_keys (tenant_id, project_id, id, key_hash, prefix, permissions)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        tenantId,
        projectId,
        uuidv7(),
        hashApiKey(apiKey),
        apiKey.slice(0, 12),
        options.permissions ?? ALL_PERMISSIONS,
      ],
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
