import { dayOf, monthOf } from "@mneme/core/limits/exceeded.ts";
import type { ModelUseStore } from "@mneme/core/limits/model-use.ts";
import type { UsageStore } from "@mneme/core/limits/usage.ts";
import type pg from "pg";
import { asUnavailable, withTenant } from "./pool.ts";

/** What tenants hold and have used, as triggers and workers counted it. */
export function createUsageStore(pool: pg.Pool): UsageStore {
  return {
    read: (tenantId, now) =>
      withTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<{ kind: string; project_id: string; amount: string }>({
          name: "read_usage",
          text: `select 'memories' as kind, project_id, sum(held) as amount from (
                   select project_id, held from memory_counts where tenant_id = $1
                   union all
                   select project_id, change from memory_count_changes where tenant_id = $1) counted
                 group by project_id
                 union all
                 select 'model_tokens', project_id, tokens from model_use where tenant_id = $1 and month = $2
                 union all
                 select 'messages', scope_id, taken from message_counts
                 where tenant_id = $1 and scope_id = $1 and day = $3`,
          values: [tenantId, monthOf(now), dayOf(now)],
        });
        const of = (kind: string) =>
          new Map(rows.filter((row) => row.kind === kind).map((row) => [row.project_id, Number(row.amount)]));
        return {
          memories: of("memories"),
          modelTokens: of("model_tokens"),
          messagesToday: of("messages").get(tenantId) ?? 0,
        };
      }),
  };
}

const FOLDED_AT_ONCE = 10_000;

/** Keeps what models used, and brings the counts of memories together. */
export function createModelUseStore(pool: pg.Pool): ModelUseStore {
  return {
    add: (tenantId, month, tokens) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query({
          name: "add_model_use",
          text: `insert into model_use (tenant_id, project_id, month, tokens)
                 select $1, u.project_id, $2, u.tokens
                 from unnest($3::uuid[], $4::bigint[]) as u (project_id, tokens) order by u.project_id
                 on conflict (tenant_id, project_id, month)
                 do update set tokens = model_use.tokens + excluded.tokens`,
          values: [tenantId, month, [...tokens.keys()], [...tokens.values()]],
        });
      }),
    async foldMemoryCounts() {
      const { rows } = await pool
        .query<{ folded: number }>("select fold_memory_counts($1) as folded", [FOLDED_AT_ONCE])
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return (rows[0]?.folded ?? 0) >= FOLDED_AT_ONCE;
    },
  };
}
