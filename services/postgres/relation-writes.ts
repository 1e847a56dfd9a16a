import type { RelationMention } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";

/** An edge between two entities that a memory tells. */
export interface NewRelation {
  readonly memoryId: string;
  readonly from: string;
  readonly type: RelationMention["type"];
  readonly to: string;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

const COLUMNS = `tenant_id, id, source_entity_id, type, target_entity_id, memory_id, valid_from, valid_to,
  recorded_from`;
const INSERTED = `${COLUMNS}, subject_id`;
/** Of $1 the tenant, $2 the memories, $3 the moment. */
const CLOSE = `update relations set recorded_to = $3::timestamptz
  where tenant_id = $1 and memory_id = any ($2::uuid[]) and recorded_to is null`;

/** @param moment record time of the relations, as PostgreSQL prints it. */
export async function insertRelations(
  client: pg.PoolClient,
  tenantId: string,
  relations: readonly NewRelation[],
  moment: string,
): Promise<void> {
  if (relations.length === 0) return;
  await client.query({
    name: "insert_relations",
    text: `insert into relations (${INSERTED})
           select $1, n.*, $9::timestamptz, m.subject_id
           from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::timestamptz[])
             as n (id, source, type, target, memory_id, valid_from, valid_to)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id`,
    values: [
      tenantId,
      relations.map(() => uuidv7()),
      relations.map(({ from }) => from),
      relations.map(({ type }) => type),
      relations.map(({ to }) => to),
      relations.map(({ memoryId }) => memoryId),
      relations.map(({ validFrom }) => validFrom),
      relations.map(({ validTo }) => validTo ?? null),
      moment,
    ],
  });
}

/** What memories told until now, and whom they named, is no longer what we know: their words are others. */
export async function closeMentions(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
  moment: string,
): Promise<void> {
  if (memoryIds.length === 0) return;
  await client.query({
    name: "close_mentions",
    text: `with unnamed as (
             update memory_entities set recorded_to = $3::timestamptz
             where tenant_id = $1 and memory_id = any ($2::uuid[]) and recorded_to is null)
           ${CLOSE}`,
    values: [tenantId, memoryIds, moment],
  });
}

/**
 * What memories tell holds as long as they do, by their new current versions; what they tell as over, when it was so. Behind
 * the versions' own closing at the same moment.
 */
export async function moveRelations(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
  moment: string,
): Promise<void> {
  if (memoryIds.length === 0) return;
  await client.query({
    name: "move_relations",
    text: `with closed as (${CLOSE} returning *)
           insert into relations (${INSERTED})
           select c.tenant_id, gen_random_uuid(), c.source_entity_id, c.type, c.target_entity_id, c.memory_id,
             case when o.is_own then c.valid_from else v.valid_from end,
             case when o.is_own then least(c.valid_to, greatest(c.valid_from, v.valid_to)) else v.valid_to end,
             $3::timestamptz, c.subject_id
           from closed c join memory_versions v on v.tenant_id = c.tenant_id and v.memory_id = c.memory_id
             and v.recorded_to is null
           cross join lateral (
             select not exists (select from memory_versions b
               where b.tenant_id = c.tenant_id and b.memory_id = c.memory_id and b.recorded_to = $3::timestamptz
                 and b.valid_from = c.valid_from and b.valid_to is not distinct from c.valid_to)
               and c.valid_to is not null as is_own) o`,
    values: [tenantId, memoryIds, moment],
  });
}
