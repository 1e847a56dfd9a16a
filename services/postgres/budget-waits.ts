import type pg from "pg";
import type { IngestTransaction } from "./ingest-transaction.ts";
import { listReleasable } from "./list-releasable.ts";
import { withTenant } from "./pool.ts";
import { lockStreams } from "./stream-locks.ts";
import { wakeIngest } from "./wake-ingest.ts";

/** Settings may be known so much older than they are, with time to read by them. */
const SETTINGS_AGE = "15 seconds";

/**
 * Sets a stream's waiting messages aside until its project's budget may allow more, and what is added to it meanwhile.
 * Nothing was tried: its next extraction is queued again.
 */
export async function holdStream(
  { client, tenantId }: Pick<IngestTransaction, "client" | "tenantId">,
  { streamId, projectId }: { readonly streamId: string; readonly projectId: string },
  until: Date,
): Promise<void> {
  await lockStreams(client, [streamId]);
  await client.query({
    name: "hold_project",
    text: `insert into held_projects (tenant_id, project_id, held_at, until)
           values ($1, $2, now() - interval '${SETTINGS_AGE}', $3)
           on conflict (tenant_id, project_id) do update set held_at = excluded.held_at, until = excluded.until`,
    values: [tenantId, projectId, until],
  });
  await client.query({
    name: "hold_stream",
    text: "update streams set held_until = $3 where tenant_id = $1 and id = $2",
    values: [tenantId, streamId, until],
  });
  await holdMessages(client, tenantId, streamId);
}

/** Sets aside what a stream has waiting; its next extraction is queued again. */
export async function holdMessages(client: pg.PoolClient, tenantId: string, streamId: string): Promise<void> {
  await client.query({
    name: "hold_messages",
    text: `with held as (
             update messages set bucket = -1 - bucket
             where tenant_id = $1 and stream_id = $2 and state = 'pending' and bucket >= 0 returning extraction_id)
           update extractions set state = 'queued'
           where tenant_id = $1 and id in (select extraction_id from held) and state = 'running'
             and pending_count = message_count`,
    values: [tenantId, streamId],
  });
}

/** Puts what streams have waiting back into their buckets, and has those worked. */
export async function releaseMessages(
  client: pg.PoolClient,
  tenantId: string,
  streams: readonly { readonly id: string; readonly bucket: number }[],
): Promise<void> {
  await client.query({
    name: "release_messages",
    text: `update messages set bucket = -1 - bucket
           where tenant_id = $1 and stream_id = any ($2::uuid[]) and state = 'pending' and bucket < 0`,
    values: [tenantId, streams.map(({ id }) => id)],
  });
  await wakeIngest(
    client,
    tenantId,
    streams.map(({ bucket }) => bucket),
  );
}

/** Lets those go on who wait for a budget. */
export interface BudgetWaits {
  /** Lets up to `limit` people go on whose month has turned, or whose budget may be another. @returns how many. */
  release(limit: number): Promise<number>;
}

/** @param pool connects as mneme_app. */
export function createBudgetWaits(pool: pg.Pool): BudgetWaits {
  return {
    async release(limit) {
      let released = 0;
      for (const { tenantId, projectId } of await listReleasable(pool, limit)) {
        released += await withTenant(pool, tenantId, (client) =>
          releaseStreams(client, tenantId, projectId, limit),
        );
      }
      return released;
    },
  };
}

async function releaseStreams(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
  limit: number,
): Promise<number> {
  const { rows } = await client.query<{ id: string; bucket: number }>({
    name: "held_streams",
    text: `select id, bucket from streams
           where tenant_id = $1 and project_id = $2 and held_until is not null and batch_since is null
           order by id limit $3`,
    values: [tenantId, projectId, limit],
  });
  const ids = rows.map(({ id }) => id);
  await lockStreams(client, ids);
  // Before streams' rows, as whoever holds one does.
  await client.query({
    name: "lock_held_project",
    text: "select from held_projects where tenant_id = $1 and project_id = $2 for update",
    values: [tenantId, projectId],
  });
  await client.query({
    name: "release_streams",
    text: "update streams set held_until = null where tenant_id = $1 and id = any ($2::uuid[])",
    values: [tenantId, ids],
  });
  await client.query({
    name: "release_project",
    text: `delete from held_projects h where tenant_id = $1 and project_id = $2
             and not exists (select from streams s where s.tenant_id = $1 and s.project_id = $2
               and s.held_until is not null and s.batch_since is null)`,
    values: [tenantId, projectId],
  });
  await releaseMessages(client, tenantId, rows);
  return ids.length;
}
