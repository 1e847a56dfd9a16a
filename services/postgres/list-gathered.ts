import type { GatheredProject, OverdueStreams } from "@mneme/core/extraction/bulk/bulk-store.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

/**
 * Projects, over all tenants, some of whose people have waited for a batch for so long, or so many of whose do.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function listGathered(
  pool: pg.Pool,
  waitedMs: number,
  many: number,
  limit: number,
): Promise<GatheredProject[]> {
  const { rows } = await pool
    .query<{ tenant_id: string; project_id: string }>({
      name: "list_gathered_projects",
      text: "select tenant_id, project_id from list_gathered_projects($1, $2, $3)",
      values: [`${waitedMs} milliseconds`, many, limit],
    })
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  return rows.map((row) => ({ tenantId: row.tenant_id, projectId: row.project_id }));
}

/** So many people, over all tenants, who have waited for a batch for longer than they may. */
export async function listOverdue(pool: pg.Pool, limit: number): Promise<OverdueStreams[]> {
  const { rows } = await pool
    .query<{ tenant_id: string; project_id: string; batch_id: string | null; stream_id: string }>({
      name: "list_overdue_streams",
      text: "select tenant_id, project_id, batch_id, stream_id from list_overdue_streams($1)",
      values: [limit],
    })
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  const together = Map.groupBy(rows, (row) => `${row.tenant_id}/${row.project_id}/${row.batch_id}`);
  return [...together.values()].flatMap((streams) => {
    const [first] = streams;
    if (!first) return [];
    const { tenant_id: tenantId, project_id: projectId, batch_id } = first;
    const streamIds = streams.map(({ stream_id }) => stream_id);
    return [{ tenantId, projectId, batchId: batch_id ?? undefined, streamIds }];
  });
}

/** Has batches looked after that nobody has looked after for so long. @returns how many. */
export async function wakeForgottenBatches(pool: pg.Pool, idleMs: number, limit: number): Promise<number> {
  const { rows } = await pool
    .query<{ woken: number }>("select wake_forgotten_batches($1, $2) as woken", [
      `${idleMs} milliseconds`,
      limit,
    ])
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  return rows[0]?.woken ?? 0;
}
