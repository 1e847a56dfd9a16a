import { dayOf, monthOf } from "@mneme/core/limits/exceeded.ts";
import type { ModelUseStore } from "@mneme/core/limits/model-use.ts";
import type { Counts, UsageStore } from "@mneme/core/limits/usage.ts";
import type pg from "pg";
import { asUnavailable, withTenant } from "./pool.ts";

/** What tenants hold and have used, as triggers and workers counted it. */
export function createUsageStore(pool: pg.Pool): UsageStore {
  return {
    read: (tenantId, now) =>
      withTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<CountRow>({
          name: "read_usage",
          text: `select 'memories' as kind, project_id, api_key_id, sum(held) as amount from (
                   select project_id, api_key_id, held from memory_counts where tenant_id = $1
                   union all
                   select project_id, api_key_id, change from memory_count_changes where tenant_id = $1) counted
                 group by project_id, api_key_id
                 union all
                 select 'model_tokens', project_id, api_key_id, tokens from model_use
                 where tenant_id = $1 and month = $2
                 union all
                 select 'messages', scope_id, null, taken from message_counts
                 where tenant_id = $1 and scope_id = $1 and day = $3`,
          values: [tenantId, monthOf(now), dayOf(now)],
        });
        const of = (kind: string) => toCounts(rows.filter((row) => row.kind === kind));
        return {
          memories: of("memories"),
          modelTokens: of("model_tokens"),
          messagesToday: of("messages").byProject.get(tenantId) ?? 0,
        };
      }),
  };
}

interface CountRow {
  readonly kind: string;
  readonly project_id: string;
  readonly api_key_id: string | null;
  readonly amount: string;
}

function toCounts(rows: readonly CountRow[]): Counts {
  const byProject = new Map<string, number>();
  const byKey = new Map<string, number>();
  for (const { project_id, api_key_id, amount } of rows) {
    byProject.set(project_id, (byProject.get(project_id) ?? 0) + Number(amount));
    if (api_key_id) byKey.set(api_key_id, (byKey.get(api_key_id) ?? 0) + Number(amount));
  }
  return { byProject, byKey };
}

const FOLDED_AT_ONCE = 10_000;

/** Keeps what models used, and brings the counts of memories together. */
export function createModelUseStore(pool: pg.Pool): ModelUseStore {
  return {
    add: (tenantId, month, spent) =>
      withTenant(pool, tenantId, async (client) => {
        await client.query({
          name: "add_model_use",
          text: `insert into model_use (tenant_id, month, project_id, api_key_id, tokens)
                 select $1, $2, u.* from unnest($3::uuid[], $4::uuid[], $5::bigint[])
                   as u (project_id, api_key_id, tokens) order by u.project_id, u.api_key_id
                 on conflict (tenant_id, project_id, month, api_key_id)
                 do update set tokens = model_use.tokens + excluded.tokens`,
          values: [
            tenantId,
            month,
            spent.map(({ projectId }) => projectId),
            spent.map(({ apiKeyId }) => apiKeyId ?? null),
            spent.map(({ tokens }) => tokens),
          ],
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
