import type { TenantUsage, TenantUsageReports } from "@mneme/core/cost/tenant-usage.ts";
import { SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type { Database } from "../database.ts";
import type { Transaction } from "../plain-transaction.ts";
import { allOf } from "../pool.ts";
import { enter, operatingPlainly } from "./operating.ts";
import { readPage } from "./pages.ts";
import { readTenant } from "./tenant-rows.ts";
import { toUsage, type UsageRow } from "./usage-reports.ts";

/** What tenants used, each read behind its own fence. */
export function createTenantUsage(database: Pick<Database, "pool">): TenantUsageReports {
  const asOperator = operatingPlainly(database);
  return {
    list: (who, asked, signal) =>
      asOperator(
        who,
        (transaction) =>
          readPage(transaction, {
            type: "tenant",
            asked,
            filters: ["tenant_usage", asked.month],
            read: async (after, most) => {
              const { rows } = await transaction.client.query<{ id: string }>(
                "select id from list_tenants($1, $2) as id",
                [after ?? SYSTEM_TENANT_ID, most],
              );
              return rows;
            },
            positionOf: ({ id }) => id,
            open: (rows) => readEach(transaction, rows, asked.month),
          }),
        signal,
      ),
  };
}

/** All in one round trip: a connection answers in order. */
async function readEach(
  transaction: Transaction,
  rows: readonly { readonly id: string }[],
  month: string,
): Promise<TenantUsage[]> {
  const reads = rows.map(async ({ id }) => {
    const [, { name }, used] = await allOf([
      enter(transaction.client, id),
      readTenant(transaction, id),
      transaction.client.query<UsageRow>({ name: "sum_model_usage", text: SUM, values: [id, month] }),
    ]);
    return { tenantId: id, tenantName: name, usage: used.rows.map(toUsage) };
  });
  return allOf(reads);
}

const SUM = `
  select $2::date::text as period, null as project_id, model, purpose, sum(calls) as calls, sum(input_tokens) as input,
    sum(cached_input_tokens) as cached, sum(output_tokens) as output, sum(picodollars) as cost,
    sum(unpriced_tokens) as unpriced
  from model_calls
  where tenant_id = $1 and day >= $2::date and day < $2::date + interval '1 month'
  group by model, purpose order by model, purpose`;
