import type { BudgetLevel, Budgets } from "@mneme/core/cost/budget.ts";
import type { SpentBudgets } from "@mneme/core/cost/budget-guard.ts";
import type {
  BudgetReached,
  BudgetStore,
  Reservation,
  ReservationRef,
} from "@mneme/core/cost/budget-hold.ts";
import { monthOfDay } from "@mneme/core/cost/spent-calls.ts";
import { totalOf } from "@mneme/core/cost/token-counts.ts";
import type pg from "pg";
import { withTenant } from "./pool.ts";
import { addSpent } from "./spending-store.ts";

/** Budgets as the record holds them over all workers. @param pool connects as mneme_app. */
export function createBudgetStore(pool: pg.Pool): BudgetStore & SpentBudgets {
  return {
    reserve: (reservation, budgets, leaseMs) =>
      withTenant(pool, reservation.tenantId, (client) =>
        reserveAndTell(client, reservation, budgets, leaseMs),
      ),
    reserveAnew: (reservation, budgets, leaseMs) =>
      withTenant(pool, reservation.tenantId, async (client) => {
        await lockTenant(client, reservation);
        await deleteReservation(client, reservation);
        return reserveAndTell(client, reservation, budgets, leaseMs);
      }),
    settle: (reservation, spent, budgets) =>
      withTenant(pool, reservation.tenantId, async (client) => {
        const { tenantId } = reservation;
        if (spent.length > 0) await lockTenant(client, reservation);
        const isFound = await deleteReservation(client, reservation);
        if (!isFound || spent.length === 0) return [];
        // On the day that it began, whose budget holds it.
        const { day } = reservation.most;
        await addSpent(
          client,
          tenantId,
          spent.map((one) => ({ ...one, day })),
        );
        return reachedBy(client, reservation, budgets);
      }),
    spentBy: ({ tenantId, projectId }, month, { tenant, project }) =>
      withTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<{ level: BudgetLevel }>({
          name: "spent_budgets",
          text: `select b.level from model_spend s
                 join (values ('tenant', $1::uuid, $4::bigint, $5::bigint), ('project', $2, $6, $7))
                   as b (level, scope_id, microdollars, tokens) on b.scope_id = s.scope_id
                 where s.tenant_id = $1 and s.month = $3 and (
                   s.picodollars >= b.microdollars * 1000000::numeric or s.tokens >= b.tokens
                   or s.told = 100 and s.told_microdollars is not distinct from b.microdollars
                     and s.told_tokens is not distinct from b.tokens)
                 order by b.level limit 1`,
          values: [
            tenantId,
            projectId,
            month,
            tenant.monthlyMicrodollars ?? null,
            tenant.monthlyTokens ?? null,
            project.monthlyMicrodollars ?? null,
            project.monthlyTokens ?? null,
          ],
        });
        return rows[0]?.level;
      }),
  };
}

/** Before its reservation's row, as whoever counts lost calls locks them. */
async function lockTenant(client: pg.PoolClient, { tenantId, most }: ReservationRef): Promise<void> {
  await client.query({
    name: "lock_model_spend",
    text: "select from model_spend where tenant_id = $1 and scope_id = $1 and month = $2 for update",
    values: [tenantId, monthOfDay(most.day)],
  });
}

/** @returns false where there is none under its id. */
async function deleteReservation(
  client: pg.PoolClient,
  { tenantId, id }: Pick<ReservationRef, "tenantId" | "id">,
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: "settle_model_call",
    text: "delete from model_reservations where tenant_id = $1 and id = $2",
    values: [tenantId, id],
  });
  return rowCount !== 0;
}

async function reserveAndTell(
  client: pg.PoolClient,
  reservation: Reservation,
  budgets: Budgets,
  leaseMs: number,
): ReturnType<BudgetStore["reserve"]> {
  const refusedBy = await reserve(client, reservation, budgets, leaseMs);
  const isFull =
    refusedBy !== undefined && !(await fitsBesideSpent(client, reservation, budgets[refusedBy], refusedBy));
  // What was counted as lost before may have reached something as well.
  const reached = await reachedBy(client, reservation, budgets, isFull ? refusedBy : undefined);
  return { refusedBy, isFull, reached };
}

/** Whether it would fit if nothing were reserved. */
async function fitsBesideSpent(
  client: pg.PoolClient,
  { tenantId, projectId, most }: Reservation,
  { monthlyMicrodollars, monthlyTokens }: Budgets[BudgetLevel],
  level: BudgetLevel,
): Promise<boolean> {
  const { rows } = await client.query<{ fits: boolean }>({
    name: "fits_beside_spent",
    text: `select coalesce(s.picodollars + $4::numeric <= $6::bigint * 1000000::numeric, true)
             and coalesce(s.tokens + $5::bigint <= $7::bigint, true) as fits
           from model_spend s where s.tenant_id = $1 and s.scope_id = $2 and s.month = $3`,
    values: [
      tenantId,
      level === "tenant" ? tenantId : projectId,
      monthOfDay(most.day),
      String(most.cost),
      totalOf(most.tokens),
      monthlyMicrodollars ?? null,
      monthlyTokens ?? null,
    ],
  });
  return rows[0]?.fits ?? true;
}

async function reserve(
  client: pg.PoolClient,
  { id, tenantId, projectId, most }: Reservation,
  { tenant, project }: Budgets,
  leaseMs: number,
): Promise<BudgetLevel | undefined> {
  const { rows } = await client.query<{ refused: BudgetLevel | null }>({
    name: "reserve_model_call",
    text: `select reserve_model_call($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, make_interval(secs => $11::double precision / 1000),
             $12, $13, $14, $15) as refused`,
    values: [
      tenantId,
      projectId,
      id,
      most.day,
      most.model,
      most.purpose,
      most.tokens.input,
      most.tokens.output,
      String(most.cost),
      most.unpricedTokens,
      leaseMs,
      tenant.monthlyMicrodollars ?? null,
      tenant.monthlyTokens ?? null,
      project.monthlyMicrodollars ?? null,
      project.monthlyTokens ?? null,
    ],
  });
  return rows[0]?.refused ?? undefined;
}

async function reachedBy(
  client: pg.PoolClient,
  { tenantId, projectId, most }: ReservationRef,
  budgets: Budgets,
  refusedBy?: BudgetLevel,
): Promise<BudgetReached[]> {
  const reached: BudgetReached[] = [];
  for (const level of ["tenant", "project"] as const) {
    const { monthlyMicrodollars = null, monthlyTokens = null } = budgets[level];
    const { rows } = await client.query<{ part: 80 | 100 | null }>({
      name: "tell_budget",
      text: "select tell_budget($1, $2, $3, $4, $5, $6) as part",
      values: [
        tenantId,
        level === "tenant" ? tenantId : projectId,
        monthOfDay(most.day),
        monthlyMicrodollars,
        monthlyTokens,
        refusedBy === level,
      ],
    });
    const part = rows[0]?.part;
    if (part) reached.push({ level, part });
  }
  return reached;
}
