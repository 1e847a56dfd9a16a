import type { RateStore } from "@mneme/core/limits/rate-limiter.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

/** Token buckets in the record. Calls of all tenants share a statement, so no tenant is set for it. */
export function createRateStore(pool: pg.Pool): RateStore {
  return {
    async lease(replica, leaseMs, asks) {
      const { rows } = await pool
        .query<{ place: number; granted: number; available: number }>({
          name: "lease_rates",
          text: "select * from lease_rates($1, $2, $3, $4, $5, $6, $7, $8, $9)",
          values: [
            replica,
            leaseMs / 1_000,
            asks.map(({ tenantId }) => tenantId),
            asks.map(({ scopeId }) => scopeId),
            asks.map(({ rate }) => rate),
            asks.map(({ burst }) => burst),
            asks.map(({ wants }) => wants),
            asks.map(({ holds }) => holds),
            asks.map(({ returns }) => returns),
          ],
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return rows.toSorted((a, b) => a.place - b.place);
    },
  };
}
