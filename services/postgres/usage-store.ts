import { dayOf, monthOf } from "@mneme/core/limits/exceeded.ts";
import type { Counts, UsageStore } from "@mneme/core/limits/usage.ts";
import type pg from "pg";
import { withTenant } from "./pool.ts";

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
