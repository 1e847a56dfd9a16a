import type pg from "pg";
import { asUnavailable, withTenant } from "./pool.ts";

/** A tenant whose schedule is to be seen to. */
export interface DueSchedule {
  readonly tenantId: string;
  /** False: it is to be removed. */
  readonly isWanted: boolean;
  /** The plan that it was last given; undefined where it never was. */
  readonly applied: string | undefined;
}

/** What the record knows of the schedules by which tenants' memories age. */
export interface AgeingSchedules {
  /** Tenants whose schedule is missing, of another plan, unseen for an hour, or wanted no longer: new ones first. */
  due(plan: string, limit: number): Promise<readonly DueSchedule[]>;
  /** Notes that a schedule is there, by this plan. */
  seen(tenantId: string, plan: string): Promise<void>;
  /** Notes that it is gone. */
  removed(tenantId: string): Promise<void>;
  /** Notes that a run ended well. */
  succeeded(tenantId: string): Promise<void>;
  /** Seconds since the tenant that waits longest had a run that ended well; 0 without tenants. */
  longestUnaged(): Promise<number>;
}

/** @param pool connects as mneme_app. */
export function createAgeingSchedules(pool: pg.Pool): AgeingSchedules {
  const write = (tenantId: string, text: string, ...values: readonly unknown[]) =>
    withTenant(pool, tenantId, async (client) => {
      await client.query(text, [tenantId, ...values]);
    });
  const ask = async <R extends pg.QueryResultRow>(text: string, ...values: readonly unknown[]) => {
    const { rows } = await pool.query<R>(text, [...values]).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    return rows;
  };
  return {
    async due(plan, limit) {
      const rows = await ask<{ tenant_id: string; is_wanted: boolean; applied: string | null }>(
        "select tenant_id, is_wanted, applied from list_due_ageing($1, $2)",
        plan,
        limit,
      );
      return rows.map(({ tenant_id: tenantId, is_wanted: isWanted, applied }) => {
        return { tenantId, isWanted, applied: applied ?? undefined };
      });
    },
    seen: (tenantId, plan) =>
      write(
        tenantId,
        `insert into ageing_schedules (tenant_id, plan) values ($1, $2)
         on conflict (tenant_id) do update set plan = excluded.plan, looked_at = now()`,
        plan,
      ),
    removed: (tenantId) => write(tenantId, "delete from ageing_schedules where tenant_id = $1"),
    succeeded: (tenantId) =>
      write(tenantId, "update ageing_schedules set succeeded_at = now() where tenant_id = $1"),
    async longestUnaged() {
      const [row] = await ask<{ seconds: number }>("select longest_unaged() as seconds");
      return row?.seconds ?? 0;
    },
  };
}
