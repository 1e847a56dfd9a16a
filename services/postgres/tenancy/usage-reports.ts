import type { BudgetAmounts } from "@mneme/core/cost/budget.ts";
import type { ModelPurpose } from "@mneme/core/cost/model-spending.ts";
import type { BudgetReport, ModelUsage, UsageReports } from "@mneme/core/cost/usage-reports.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { projectNotFound } from "@mneme/core/tenancy/trusted-keys.ts";
import type { Database } from "../database.ts";
import { openPageToken, pageTokenInvalid, sealPageToken } from "../page-token.ts";
import { administerPlainly } from "./administer.ts";

/** What was counted, as far as the credentials see. */
export function createUsageReports(database: Pick<Database, "pool">): UsageReports {
  return {
    list: (who, asked, signal) =>
      administerPlainly(
        database,
        who,
        async ({ client, mac }) => {
          const { from, to, period, projectId, pageSize } = asked;
          const filters = ["usage", from, to, period, projectId];
          const after = positionOf(await openPageToken(mac, filters, asked.pageToken));
          const { rows } = await client.query<UsageRow>({
            name: "list_model_usage",
            text: LIST,
            values: [who.tenantId, from, to, period, projectId || null, ...after, pageSize + 1],
          });
          const shown = rows.slice(0, pageSize);
          const last = rows.length > shown.length ? shown.at(-1) : undefined;
          return {
            items: shown.map(toUsage),
            nextPageToken: last ? await sealPageToken(mac, filters, JSON.stringify(keyOf(last))) : "",
          };
        },
        signal,
      ),
    budgets: (who, asked, month, signal) =>
      administerPlainly(
        database,
        who,
        async ({ client, audit }) => {
          const projectId = asked || who.projectId;
          const { rows } = await client.query<BudgetRow>({
            name: "read_budgets",
            text: BUDGETS,
            values: [who.tenantId, projectId, month],
          });
          const of = (level: BudgetRow["level"]) => rows.find((row) => row.level === level);
          const project = of("project");
          if (!project) throw projectNotFound();
          audit?.touches("project", projectId);
          const tenant = who.isOfTenant ? of("tenant") : undefined;
          return {
            project: toReport(project),
            tenant: tenant && toReport(tenant),
            waiting: Number(project.waiting),
          };
        },
        signal,
      ),
  };
}

/** Sums as they are read. */
export interface UsageRow {
  readonly period: string;
  readonly project_id: string;
  readonly model: string;
  readonly purpose: ModelPurpose;
  readonly calls: string;
  readonly input: string;
  readonly cached: string;
  readonly output: string;
  readonly cost: string;
  readonly unpriced: string;
}

const LIST = `
  select period::text, project_id, model, purpose, calls, input, cached, output, cost, unpriced
  from (
    select date_trunc($4, day)::date as period, project_id, model, purpose, sum(calls) as calls,
      sum(input_tokens) as input, sum(cached_input_tokens) as cached, sum(output_tokens) as output,
      sum(picodollars) as cost, sum(unpriced_tokens) as unpriced
    from model_calls
    where tenant_id = $1 and day between $2 and $3 and ($5::uuid is null or project_id = $5)
    group by 1, 2, 3, 4) summed
  where $6::date is null or (period, project_id, model, purpose) > ($6, $7::uuid, $8::text, $9::text)
  order by summed.period, project_id, model, purpose limit $10`;

type Position = readonly [
  period: string | null,
  project: string | null,
  model: string | null,
  purpose: string | null,
];

const keyOf = ({ period, project_id, model, purpose }: UsageRow): Position => [
  period,
  project_id,
  model,
  purpose,
];

/** Who knows how may make a token whose hash has no key. @throws MnemeError PAGE_TOKEN_INVALID. */
function positionOf(token: string | undefined): Position {
  if (token === undefined) return [null, null, null, null];
  const [, period, project, model, purpose] =
    /^\["(\d{4}-\d\d-\d\d)","([0-9a-f-]{36})","([^"\\]{1,128})","([a-z_]{1,16})"\]$/.exec(token) ?? [];
  if (!period || !project || !model || !purpose) throw pageTokenInvalid();
  return [period, project, model, purpose];
}

export function toUsage(row: UsageRow): ModelUsage {
  return {
    periodStart: row.period,
    projectId: row.project_id,
    model: row.model,
    purpose: row.purpose,
    calls: Number(row.calls),
    tokens: { input: Number(row.input), cachedInput: Number(row.cached), output: Number(row.output) },
    cost: BigInt(row.cost),
    unpricedTokens: Number(row.unpriced),
  };
}

interface BudgetRow {
  readonly level: "project" | "tenant";
  readonly settings: Settings;
  readonly spent_cost: string;
  readonly spent_tokens: string;
  readonly reserved_cost: string;
  readonly reserved_tokens: string;
  /** Of the budget that it was told of. */
  readonly told: number | null;
  readonly told_microdollars: string | null;
  readonly told_tokens: string | null;
  readonly waiting: string;
}

const BUDGETS = `
  select l.level, l.settings, coalesce(s.picodollars, 0) as spent_cost, coalesce(s.tokens, 0) as spent_tokens,
    coalesce(r.cost, 0) as reserved_cost, coalesce(r.tokens, 0) as reserved_tokens, s.told, s.told_microdollars,
    s.told_tokens, (select count(*) from streams w where w.tenant_id = $1 and w.project_id = $2
      and w.held_until is not null and w.batch_since is null) as waiting
  from (
    select 'project' as level, id as scope_id, settings from projects where tenant_id = $1 and id = $2
    union all
    select 'tenant', id, settings from tenants where id = $1) l
  left join model_spend s on s.tenant_id = $1 and s.scope_id = l.scope_id and s.month = $3
  cross join lateral (
    select sum(m.picodollars) as cost, sum(m.input_tokens + m.output_tokens) as tokens from model_reservations m
    where m.tenant_id = $1 and m.day >= $3 and (l.level = 'tenant' or m.project_id = l.scope_id)) r`;

function toReport(row: BudgetRow): BudgetReport {
  const { monthlyMicrodollars, monthlyTokens } = row.settings.budget ?? {};
  const amounts: BudgetAmounts = {
    ...(monthlyMicrodollars !== undefined && { monthlyMicrodollars }),
    ...(monthlyTokens !== undefined && { monthlyTokens }),
  };
  return {
    ...amounts,
    state: stateOf(row, amounts),
    spent: { cost: BigInt(row.spent_cost), tokens: Number(row.spent_tokens) },
    reserved: { cost: BigInt(row.reserved_cost), tokens: Number(row.reserved_tokens) },
  };
}

/** As `tell_budget` has it, and where nobody made a call since the budget is another one, as it would. */
function stateOf(
  row: BudgetRow,
  { monthlyMicrodollars, monthlyTokens }: BudgetAmounts,
): BudgetReport["state"] {
  if (monthlyMicrodollars === undefined && monthlyTokens === undefined) return "none";
  const isTold =
    row.told_microdollars === textOf(monthlyMicrodollars) && row.told_tokens === textOf(monthlyTokens);
  const part = Math.max(
    monthlyMicrodollars === undefined ? 0 : partOf(Number(row.spent_cost) / 1e6, monthlyMicrodollars),
    monthlyTokens === undefined ? 0 : partOf(Number(row.spent_tokens), monthlyTokens),
    (isTold ? (row.told ?? 0) : 0) / 100,
  );
  if (part >= 1) return "spent";
  return part >= 0.8 ? "nearly_spent" : "open";
}

const partOf = (spent: number, most: number) => (most === 0 ? 1 : spent / most);
const textOf = (amount: number | undefined) => (amount === undefined ? null : String(amount));
