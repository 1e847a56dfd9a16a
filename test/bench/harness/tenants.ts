import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import type { Limits } from "@mneme/core/tenancy/limits.ts";
import { onDatabaseOf } from "@mneme/local/record.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { type Provisioned, provisionTenant } from "@mneme/postgres/provision.ts";
import pg from "pg";
import type { BenchStack } from "./bench-stack.ts";

/** Tenants for a bench. @param limits of each. */
export async function provisionTenants(
  { engines, record }: Pick<BenchStack, "engines" | "record">,
  names: readonly string[],
  limits: Limits = {},
): Promise<Provisioned[]> {
  const adminUrl = onDatabaseOf(engines.postgres.url, record.urls.app);
  const pool = new pg.Pool({ connectionString: adminUrl, max: 2 });
  const { keys: url } = record.urls;
  const keyPool = createPool({ url, schema: "public", applicationName: "mneme bench", max: 2 });
  try {
    const keys = createKeyStore(keyPool, await createLocalKeyProviders({ file: record.masterKeyFile }));
    const tenants: Provisioned[] = [];
    for (const name of names) tenants.push(await provisionTenant({ pool, keys, name }));
    const ids = tenants.map(({ tenantId }) => tenantId);
    await pool.query("update mneme.tenants set limits = $2 where id = any ($1::uuid[])", [ids, limits]);
    return tenants;
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}
