import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { newApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import type { Role } from "@mneme/core/tenancy/roles.ts";
import { SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { insertApiKey } from "./tenancy/api-key-rows.ts";
import { FIRST_ROLES, insertSystemTenant, insertTenant } from "./tenancy/new-tenant.ts";

interface Records {
  /** A pool of a superuser, or of mneme_app: nothing but the tenant's own fence is needed. */
  readonly pool: pg.Pool;
  readonly keys: KeyStore;
}

export interface ProvisionOptions extends Records {
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

/** Makes a tenant with one project and one key, by whoever sets a deployment up: the API's way is OperatorService. */
export function provisionTenant({ pool, keys, name, roles }: ProvisionOptions): Promise<Provisioned> {
  const tenantId = uuidv7();
  const projectId = uuidv7();
  return inTenant(pool, tenantId, async (client) => {
    await insertTenant(client, keys, { tenantId, projectId, name, limits: {} });
    const apiKey = await insertFirstKey(client, tenantId, roles ?? FIRST_ROLES);
    return { tenantId, projectId, apiKey };
  });
}

/** Makes one more key like a tenant's first, for who sets a deployment up and lost that. @returns its secret. */
export function provisionKey({ pool }: Pick<Records, "pool">, tenantId: string): Promise<string> {
  return inTenant(pool, tenantId, (client) => insertFirstKey(client, tenantId, FIRST_ROLES));
}

/** Makes a key of the operator. @returns its secret. */
export function provisionOperator({ pool, keys }: Records): Promise<string> {
  return inTenant(pool, SYSTEM_TENANT_ID, async (client) => {
    await insertSystemTenant(client, keys);
    return insertFirstKey(client, SYSTEM_TENANT_ID, ["operator"]);
  });
}

async function insertFirstKey(
  client: pg.ClientBase,
  tenantId: string,
  roles: readonly Role[],
): Promise<string> {
  const made = newApiKey();
  const draft = { name: "first", projectId: undefined, roles, limits: {}, expiresAt: undefined };
  await insertApiKey(client, { tenantId, id: uuidv7(), draft, made, madeBy: undefined });
  return made.secret;
}

async function inTenant<T>(
  pool: pg.Pool,
  tenantId: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("select set_config('mneme.tenant_id', $1, true)", [tenantId]);
    const made = await work(client);
    await client.query("commit");
    return made;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
