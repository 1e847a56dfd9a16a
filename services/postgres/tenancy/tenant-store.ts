import { requireKeyOfTenant } from "@mneme/core/tenancy/administrator.ts";
import type { TenantStore } from "@mneme/core/tenancy/tenant-store.ts";
import type { Database } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { administer } from "./administer.ts";
import { readTenant, toTenant, updateTenant } from "./tenant-rows.ts";

const OF_ALL = "the tenant's settings are";

/** What a tenant says of itself. */
export function createTenantStore(database: Database): TenantStore {
  return {
    async get(who, signal) {
      requireKeyOfTenant(who, "TENANCY_READ", OF_ALL);
      const row = await administer(
        database,
        who,
        (transaction) => readTenant(transaction, who.tenantId),
        signal,
      );
      return toTenant(row);
    },
    async update(who, update, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", OF_ALL);
      return administer(
        database,
        who,
        async (transaction) => {
          const { tenantId } = who;
          if (!(await claimRequest(transaction, tenantId, request)))
            await updateTenant(transaction, tenantId, update);
          return toTenant(await readTenant(transaction, tenantId));
        },
        signal,
      );
    },
  };
}
