import type { Canaries } from "@mneme/core/tenancy/canary-tenants.ts";
import type { Database } from "../database.ts";
import { withTenant } from "../pool.ts";
import { insertTenant, lockSystemTenant } from "./new-tenant.ts";

/** Makes the canaries' tenants where they are not there yet, each under its own fence. */
export async function ensureCanaryTenants(
  { pool, keys }: Pick<Database, "pool" | "keys">,
  canaries: Canaries,
  signal?: AbortSignal,
): Promise<void> {
  for (const { tenantId, projectId } of canaries) {
    await withTenant(
      pool,
      tenantId,
      async (client) => {
        await lockSystemTenant(client);
        const { rowCount } = await client.query("select from mneme.tenants where id = $1", [tenantId]);
        if (!rowCount) await insertTenant(client, keys, { tenantId, projectId, name: "canary", limits: {} });
      },
      signal,
    );
  }
}
