import type { KeyUseStore } from "@mneme/core/tenancy/key-uses.ts";
import type pg from "pg";
import { asUnavailable } from "../pool.ts";

/** When keys were used last, of all tenants in one write. @param pool connects as mneme_app. */
export function createKeyUseStore(pool: pg.Pool): KeyUseStore {
  return {
    async note(uses) {
      // In the order of ids: two processes that note the same keys wait for each other.
      const ids = [...uses.keys()].sort();
      const tenants = ids.map((id) => uses.get(id)?.tenantId);
      const times = ids.map((id) => uses.get(id)?.usedAt);
      await pool.query("select note_key_uses($1, $2, $3)", [tenants, ids, times]).catch((error: unknown) => {
        throw asUnavailable(error);
      });
    },
  };
}
