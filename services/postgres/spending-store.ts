import type { SpendingStore } from "@mneme/core/cost/count-spending.ts";
import { monthOfDay, type SpentCalls } from "@mneme/core/cost/spent-calls.ts";
import { totalOf } from "@mneme/core/cost/token-counts.ts";
import type pg from "pg";
import { asUnavailable, withTenant } from "./pool.ts";

const FOLDED_AT_ONCE = 10_000;

/** Keeps what calls of models took, and brings the counts of memories together. */
export function createSpendingStore(pool: pg.Pool): SpendingStore {
  return {
    add: (tenantId, spent) => withTenant(pool, tenantId, (client) => addSpent(client, tenantId, spent)),
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

/** Counts calls of one tenant everywhere that counts them. */
export async function addSpent(client: pg.PoolClient, tenantId: string, spent: readonly SpentCalls[]) {
  await addModelSpend(client, tenantId, spent);
  await addModelUse(client, tenantId, spent);
  await addModelCalls(client, tenantId, spent);
}

/** By month, for budgets: the first of the locks, a tenant's before its projects'. */
async function addModelSpend(client: pg.PoolClient, tenantId: string, spent: readonly SpentCalls[]) {
  await client.query({
    name: "add_model_spend",
    text: `insert into model_spend (tenant_id, scope_id, month, picodollars, tokens)
           select $1, s.scope, u.month, sum(u.cost), sum(u.tokens)
           from unnest($2::uuid[], $3::date[], $4::numeric[], $5::bigint[]) as u (project_id, month, cost, tokens)
           cross join lateral (values ($1::uuid), (u.project_id)) as s (scope)
           group by s.scope, u.month order by u.month, s.scope <> $1, s.scope
           on conflict (tenant_id, scope_id, month) do update set
             picodollars = model_spend.picodollars + excluded.picodollars,
             tokens = model_spend.tokens + excluded.tokens`,
    values: [
      tenantId,
      spent.map(({ projectId }) => projectId),
      spent.map(({ day }) => monthOfDay(day)),
      spent.map(({ cost }) => String(cost)),
      spent.map(({ tokens }) => totalOf(tokens)),
    ],
  });
}

/** By key and month, for limits. Rows are summed and sorted: writers lock them in one order. */
async function addModelUse(client: pg.PoolClient, tenantId: string, spent: readonly SpentCalls[]) {
  await client.query({
    name: "add_model_use",
    text: `insert into model_use (tenant_id, month, project_id, api_key_id, tokens)
           select $1, u.month, u.project_id, u.api_key_id, sum(u.tokens)
           from unnest($2::date[], $3::uuid[], $4::uuid[], $5::bigint[]) as u (month, project_id, api_key_id, tokens)
           group by u.project_id, u.month, u.api_key_id order by u.project_id, u.month, u.api_key_id
           on conflict (tenant_id, project_id, month, api_key_id)
           do update set tokens = model_use.tokens + excluded.tokens`,
    values: [
      tenantId,
      spent.map(({ day }) => monthOfDay(day)),
      spent.map(({ projectId }) => projectId),
      spent.map(({ apiKeyId }) => apiKeyId ?? null),
      spent.map(({ tokens }) => totalOf(tokens)),
    ],
  });
}

/** By day and model, for people. */
async function addModelCalls(client: pg.PoolClient, tenantId: string, spent: readonly SpentCalls[]) {
  await client.query({
    name: "add_model_calls",
    text: `insert into model_calls (tenant_id, project_id, day, model, purpose, calls, input_tokens,
             cached_input_tokens, output_tokens, picodollars, unpriced_tokens)
           select $1, project_id, day, model, purpose, sum(calls), sum(input), sum(cached), sum(output), sum(cost),
             sum(unpriced)
           from unnest($2::uuid[], $3::date[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
             $9::bigint[], $10::numeric[], $11::bigint[])
             as u (project_id, day, model, purpose, calls, input, cached, output, cost, unpriced)
           group by project_id, day, model, purpose order by project_id, day, model, purpose
           on conflict (tenant_id, project_id, day, model, purpose) do update set
             calls = model_calls.calls + excluded.calls,
             input_tokens = model_calls.input_tokens + excluded.input_tokens,
             cached_input_tokens = model_calls.cached_input_tokens + excluded.cached_input_tokens,
             output_tokens = model_calls.output_tokens + excluded.output_tokens,
             picodollars = model_calls.picodollars + excluded.picodollars,
             unpriced_tokens = model_calls.unpriced_tokens + excluded.unpriced_tokens`,
    values: [
      tenantId,
      spent.map(({ projectId }) => projectId),
      spent.map(({ day }) => day),
      spent.map(({ model }) => model),
      spent.map(({ purpose }) => purpose),
      spent.map(({ calls }) => calls),
      spent.map(({ tokens }) => tokens.input),
      spent.map(({ tokens }) => tokens.cachedInput),
      spent.map(({ tokens }) => tokens.output),
      spent.map(({ cost }) => String(cost)),
      spent.map(({ unpricedTokens }) => unpricedTokens),
    ],
  });
}
