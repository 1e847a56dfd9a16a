import type pg from "pg";
import { wakeIngest } from "./wake-ingest.ts";

/** Memories that one step marks. */
const MEMORIES_AT_ONCE = 1_000;
const FIRST = "00000000-0000-0000-0000-000000000000";

interface Standing {
  readonly after: string | null;
  readonly marked_until: string | null;
}

/**
 * Makes a step with a project whose memories are to be indexed anew: marks some of them for ingest, or, once all are
 * marked and indexed, ends it.
 *
 * @returns whether there is more to mark now; what is only waited for is looked at another time.
 */
export async function reindexProject(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
): Promise<boolean> {
  const { rows } = await client.query<Standing>(
    `select after, marked_until from reindexed_projects where tenant_id = $1 and project_id = $2
     for update skip locked`,
    [tenantId, projectId],
  );
  const [standing] = rows;
  if (!standing) return false;
  if (standing.marked_until === null) return mark(client, tenantId, projectId, standing.after ?? FIRST);
  await client.query(
    `delete from reindexed_projects r where r.tenant_id = $1 and r.project_id = $2 and not exists (
       select from memory_versions v join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
       where v.tenant_id = $1 and m.project_id = $2 and v.indexed_revision < v.revision and v.revision <= $3)`,
    [tenantId, projectId, standing.marked_until],
  );
  return false;
}

async function mark(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
  after: string,
): Promise<boolean> {
  const { rows } = await client.query<{ id: string; archived: boolean }>(
    "select id, archived_at is not null as archived from memories where tenant_id = $1 and project_id = $2 and id > $3 order by id limit $4",
    [tenantId, projectId, after, MEMORIES_AT_ONCE],
  );
  // What the index was never given waits for its first time, and what is archived for its return. Locked in the order in which ingest locks them.
  const marked = await client.query<{ bucket: number }>(
    `with held as (
       select memory_id, version from memory_versions
       where tenant_id = $1 and memory_id = any ($2::uuid[]) and indexed_revision > 0
       order by memory_id, version for no key update)
     update memory_versions v set revision = nextval('index_revision') from held h
     where v.tenant_id = $1 and v.memory_id = h.memory_id and v.version = h.version
     returning v.bucket`,
    [tenantId, rows.filter(({ archived }) => !archived).map(({ id }) => id)],
  );
  await wakeIngest(
    client,
    tenantId,
    marked.rows.map(({ bucket }) => bucket),
  );
  const more = rows.length === MEMORIES_AT_ONCE;
  await client.query(
    `update reindexed_projects set after = $3, marked_until = case when $4 then null else nextval('index_revision') end
     where tenant_id = $1 and project_id = $2`,
    [tenantId, projectId, rows.at(-1)?.id ?? after, more],
  );
  return more;
}
