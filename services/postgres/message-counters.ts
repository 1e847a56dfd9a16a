import type { MessageCounters } from "@mneme/core/limits/message-quota.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

/** Counts messages by day. Calls of all tenants share a statement, so no tenant is set for it. */
export function createMessageCounters(pool: pg.Pool): MessageCounters {
  return {
    async lease(asks) {
      const { rows } = await pool
        .query<{ place: number; granted: number }>({
          name: "lease_messages",
          text: "select place, granted from lease_messages($1, $2, $3, $4, $5, $6, $7)",
          values: [
            asks.map(({ tenantId }) => tenantId),
            asks.map(({ scopeId }) => scopeId),
            asks.map(({ day }) => day),
            asks.map(({ most }) => most),
            asks.map(({ needs }) => needs),
            asks.map(({ extras }) => extras),
            asks.map(({ returns }) => returns),
          ],
        })
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return rows.toSorted((a, b) => a.place - b.place).map(({ granted }) => granted);
    },
  };
}
