import type pg from "pg";
import { forgetMessages } from "./forget-messages.ts";
import { asUnavailable, withTenant } from "./pool.ts";
import { reindexProject } from "./reindex-projects.ts";
import { removeExpired } from "./remove-expired.ts";

/** What may be done over all tenants: removing what has expired, and waking what was forgotten. */
export interface Maintenance {
  /** Deletes session windows whose time is over, with their turns. @returns how many. */
  removeSessionWindows(limit: number): Promise<number>;
  /** Deletes idempotency records older than 24 hours. @returns how many. */
  removeRequests(limit: number): Promise<number>;
  /** Takes the words of messages that their projects keep no longer. @returns how many. */
  forgetMessages(limit: number): Promise<number>;
  /** Removes memories that have expired. @returns how many. */
  removeMemories(limit: number): Promise<number>;
  /** Deletes counts of messages by day that are older than 35 days. @returns how many. */
  removeMessageCounts(limit: number): Promise<number>;
  /** Deletes reports of misses that are older than 90 days. @returns how many. */
  removeMisses(limit: number): Promise<number>;
  /** Deletes models' answers whose time is over. @returns how many. */
  removeModelAnswers(limit: number): Promise<number>;
  /** Forgets rates that are as if nobody had called, and have been for a day. @returns how many. */
  removeRateBuckets(limit: number): Promise<number>;
  /** Has memories indexed anew whose project's language or embedder changed. @returns steps made, `limit` at most. */
  reindexProjects(limit: number): Promise<number>;
  /**
   * Wakes the ingest of buckets in which something has waited longer than `idleMs`, to be worked or to be
   * indexed, and of which nothing is in the outbox. @returns how many, `limit` at most.
   */
  wakeForgotten(idleMs: number, limit: number): Promise<number>;
  /** Asks for the rest of moves between pools that have made no step for longer than `idleMs`. @returns how many. */
  wakeForgottenMoves(idleMs: number, limit: number): Promise<number>;
  /** Asks for the rest of replays that have made no step for longer, and ends those whose time is over. @returns how many. */
  wakeForgottenReplays(idleMs: number, limit: number): Promise<number>;
}

/** @param pool connects as mneme_app. */
export function createMaintenance(pool: pg.Pool): Maintenance {
  const call = async (name: string, ...values: readonly (number | string)[]) => {
    const parameters = values.map((_, i) => `$${i + 1}`).join(", ");
    const { rows } = await pool
      .query<{ count: number }>(`select ${name}(${parameters}) as count`, [...values])
      .catch((error: unknown) => {
        throw asUnavailable(error);
      });
    return rows[0]?.count ?? 0;
  };
  /** Finds what is due over all tenants, and works each tenant's inside its own fence. */
  const eachTenant = async (
    list: "list_old_messages" | "list_expired_memories",
    limit: number,
    work: (client: pg.PoolClient, tenantId: string, ids: readonly string[]) => Promise<number>,
  ) => {
    const { rows } = await pool
      .query<{ tenant_id: string; id: string }>(
        `select tenant_id, id from ${list}($1) as due (tenant_id, id)`,
        [limit],
      )
      .catch((error: unknown) => {
        throw asUnavailable(error);
      });
    let done = 0;
    for (const [tenantId, due] of Map.groupBy(rows, (row) => row.tenant_id)) {
      const ids = due.map(({ id }) => id);
      done += await withTenant(pool, tenantId, (client) => work(client, tenantId, ids));
    }
    return done;
  };
  return {
    removeSessionWindows: (limit) => call("remove_expired_session_windows", limit),
    removeRequests: (limit) => call("remove_old_requests", limit),
    removeMessageCounts: (limit) => call("remove_old_message_counts", limit),
    removeMisses: (limit) => call("remove_old_misses", limit),
    removeModelAnswers: (limit) => call("remove_old_model_answers", limit),
    removeRateBuckets: (limit) => call("remove_full_rate_buckets", limit),
    forgetMessages: (limit) => eachTenant("list_old_messages", limit, forgetMessages),
    removeMemories: (limit) => eachTenant("list_expired_memories", limit, removeExpired),
    reindexProjects: async (limit) => {
      const { rows } = await pool
        .query<{ tenant_id: string; id: string }>(
          "select tenant_id, project_id as id from list_reindexed_projects($1)",
          [limit],
        )
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      let steps = 0;
      for (const { tenant_id: tenantId, id } of rows) {
        const step = () => withTenant(pool, tenantId, (client) => reindexProject(client, tenantId, id));
        do steps += 1;
        while ((await step()) && steps < limit);
      }
      return steps;
    },
    wakeForgotten: (idleMs, limit) => call("wake_forgotten_buckets", `${idleMs} milliseconds`, limit),
    wakeForgottenReplays: (idleMs, limit) => call("wake_forgotten_replays", `${idleMs} milliseconds`, limit),
    wakeForgottenMoves: (idleMs, limit) => call("wake_forgotten_moves", `${idleMs} milliseconds`, limit),
  };
}
