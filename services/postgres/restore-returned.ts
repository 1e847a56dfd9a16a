import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import type pg from "pg";
import { restoreHeld } from "./memory-archive.ts";

/** Memories that one batch of messages brings back; the rest come with the next search, or the next run of ageing. */
const AT_ONCE = 1_000;

/**
 * Brings back what was archived of persons while they were away: they say something again. Inside the transaction that
 * holds their streams.
 */
export async function restoreReturned(
  client: pg.PoolClient,
  tenantId: string,
  results: readonly StreamResult[],
  moment: string,
): Promise<void> {
  const persons = results.flatMap(({ batch: { projectId, subject } }) =>
    subject ? [{ projectId, subjectId: subject.id, epoch: subject.epoch }] : [],
  );
  if (persons.length === 0) return;
  const { rows } = await client.query<{ id: string }>({
    name: "lock_returned",
    // The newest of them, locked in the order of all writers.
    text: `select m.id from memories m
           where m.tenant_id = $1 and m.archive_reason = 'inactive' and m.id = any (array(
             select o.id from memories o
             join unnest($2::uuid[], $3::uuid[], $4::integer[]) as n (project_id, subject_id, epoch)
               on o.project_id = n.project_id and o.subject_id = n.subject_id and o.epoch = n.epoch
             where o.tenant_id = $1 and o.archived_at is not null and o.archive_reason = 'inactive'
             order by o.id desc limit ${AT_ONCE}))
           order by m.id for update of m`,
    values: [
      tenantId,
      persons.map(({ projectId }) => projectId),
      persons.map(({ subjectId }) => subjectId),
      persons.map(({ epoch }) => epoch),
    ],
  });
  await restoreHeld(
    client,
    tenantId,
    rows.map(({ id }) => id),
    "returned",
    moment,
  );
}
