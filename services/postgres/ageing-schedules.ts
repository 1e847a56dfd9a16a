import type pg from "pg";
import { asUnavailable, withTenant } from "./pool.ts";

/** A tenant whose schedule is to be seen to. */
export interface DueSchedule {
  readonly tenantId: string;
  /** False: it is to be removed. */
  readonly isWanted: boolean;
  /** The plan that it was last given; undefined where it never was. */
  readonly applied: string | undefined;
  /** It was removed while it was paused, with this note, and is to be paused where it is made again. */
  readonly pausedNote: string | undefined;
}

interface DueRow {
  readonly tenant_id: string;
  readonly is_wanted: boolean;
  readonly applied: string | null;
  readonly paused_note: string | null;
}

/** What the record knows of the schedules by which tenants' memories age. */
export interface AgeingSchedules {
  /** Tenants whose schedule is missing, of another plan, unseen for an hour, or wanted no longer: new ones first. */
  due(plan: string, limit: number): Promise<readonly DueSchedule[]>;
  /** Notes that a schedule is there, by this plan. */
  seen(tenantId: string, plan: string): Promise<void>;
  /** Notes whether a schedule that is about to be removed is paused: with what note, up to 1,000 characters of it. */
  leaving(tenantId: string, pausedNote: string | undefined): Promise<void>;
  /** Notes that it is gone; of a tenant that is gone itself nothing is kept. */
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
      const rows = await ask<DueRow>(
        "select tenant_id, is_wanted, applied, paused_note from list_due_ageing($1, $2)",
        plan,
        limit,
      );
      return rows.map((row) => ({
        tenantId: row.tenant_id,
        isWanted: row.is_wanted,
        applied: row.applied ?? undefined,
        pausedNote: row.paused_note ?? undefined,
      }));
    },
    seen: (tenantId, plan) =>
      write(
        tenantId,
        `insert into ageing_schedules as s (tenant_id, plan) values ($1, $2)
         on conflict (tenant_id) do update set plan = excluded.plan, looked_at = now(), is_gone = false,
           paused_note = null, since = case when s.is_gone then now() else s.since end`,
        plan,
      ),
    leaving: (tenantId, pausedNote) =>
      write(
        tenantId,
        "update ageing_schedules set paused_note = left($2::text, 1000) where tenant_id = $1",
        pausedNote ?? null,
      ),
    async removed(tenantId) {
      await write(
        tenantId,
        `update ageing_schedules set is_gone = true, succeeded_at = null, looked_at = now() where tenant_id = $1`,
      );
      await write(
        tenantId,
        `delete from ageing_schedules where tenant_id = $1 and not exists (select from tenants where id = $1)`,
      );
    },
    succeeded: (tenantId) =>
      write(tenantId, "update ageing_schedules set succeeded_at = now() where tenant_id = $1"),
    async longestUnaged() {
      const [row] = await ask<{ seconds: number }>("select longest_unaged() as seconds");
      return row?.seconds ?? 0;
    },
  };
}
