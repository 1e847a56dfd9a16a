import type { Mentions } from "@mneme/core/extraction/mentions.ts";
import type { EntityMention } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Content } from "./content.ts";
import { insertRelations, type NewRelation } from "./relation-writes.ts";

/** One memory's mentions and edges. */
export interface NewMentions extends Mentions {
  readonly memoryId: string;
  readonly projectId: string;
  /** Seals names: an entity may be shared by many people of the project. */
  readonly projectKeyId: string;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

interface NamedEntity {
  readonly projectId: string;
  readonly projectKeyId: string;
  readonly mention: EntityMention;
  readonly nameMac: Buffer;
  readonly slot: string;
}

/**
 * Finds or makes the entities that memories mention, and ties memories and relations to them.
 *
 * @param moment record time of the relations, as PostgreSQL prints it.
 */
export async function insertMentions(
  client: pg.PoolClient,
  tenantId: string,
  content: Content,
  nameMac: (name: string) => Promise<Buffer>,
  all: readonly NewMentions[],
  moment: string,
): Promise<void> {
  const named = new Map<string, NamedEntity>();
  for (const one of all) {
    for (const mention of namedBy(one)) {
      const slot = slotOf(one.projectId, mention.name, mention.type);
      if (named.has(slot)) continue;
      named.set(slot, { ...one, mention, slot, nameMac: await nameMac(mention.name.toLowerCase()) });
    }
  }
  if (named.size === 0) return;
  const ids = await ensureEntities(client, tenantId, content, [...named.values()]);
  await tieMemories(client, tenantId, all, ids);
  await insertRelations(client, tenantId, relationsOf(all, ids), moment);
}

/** Entities of a statement, and the ends of relations that it does not name by themselves. */
function namedBy({ entities, relations }: Mentions): EntityMention[] {
  const known = new Set(entities.map(({ name }) => name.toLowerCase()));
  const ends = relations.flatMap(({ source, target }) => [source, target]);
  const missing = ends.filter((name) => !known.has(name.toLowerCase()));
  return [...entities, ...missing.map((name) => ({ name, type: "other" }))];
}

function slotOf(projectId: string, name: string, type: string): string {
  return `${projectId}/${type}/${name.toLowerCase()}`;
}

async function ensureEntities(
  client: pg.PoolClient,
  tenantId: string,
  content: Content,
  entities: readonly NamedEntity[],
): Promise<Map<string, string>> {
  // One order for all writers, so that two of them can't wait for each other.
  const sorted = [...entities].sort((a, b) => Buffer.compare(a.nameMac, b.nameMac));
  const sealed = await Promise.all(
    sorted.map(({ projectKeyId, mention }) => content.sealText(projectKeyId, "entities.name", mention.name)),
  );
  const keys = [
    tenantId,
    sorted.map(({ projectId }) => projectId),
    sorted.map(({ nameMac }) => nameMac),
    sorted.map(({ mention }) => mention.type),
  ];
  await client.query({
    name: "ensure_entities",
    text: `insert into entities (tenant_id, project_id, name_mac, type, id, name_ct)
           select $1, n.* from unnest($2::uuid[], $3::bytea[], $4::text[], $5::uuid[], $6::bytea[]) as n
           on conflict (tenant_id, project_id, name_mac, type) do nothing`,
    values: [...keys, sorted.map(() => uuidv7()), sealed],
  });
  // Held in the order of whoever removes what nothing mentions, so that it neither waits across nor vanishes.
  const { rows } = await client.query<{ id: string; place: string }>({
    name: "find_entities",
    text: `select e.id, n.place from unnest($2::uuid[], $3::bytea[], $4::text[])
             with ordinality as n (project_id, name_mac, type, place)
           join entities e on e.tenant_id = $1 and e.project_id = n.project_id
             and e.name_mac = n.name_mac and e.type = n.type
           order by e.id for key share of e`,
    values: keys,
  });
  return new Map(rows.map(({ id, place }) => [sorted[Number(place) - 1]?.slot ?? "", id]));
}

async function tieMemories(
  client: pg.PoolClient,
  tenantId: string,
  all: readonly NewMentions[],
  ids: ReadonlyMap<string, string>,
): Promise<void> {
  const ties = all.flatMap((one) =>
    namedBy(one).flatMap(({ name, type }) => {
      const entityId = ids.get(slotOf(one.projectId, name, type));
      return entityId ? [{ memoryId: one.memoryId, entityId }] : [];
    }),
  );
  await client.query({
    name: "tie_memories",
    text: `insert into memory_entities (tenant_id, memory_id, entity_id)
           select $1, n.* from unnest($2::uuid[], $3::uuid[]) as n on conflict do nothing`,
    values: [tenantId, ties.map(({ memoryId }) => memoryId), ties.map(({ entityId }) => entityId)],
  });
}

/** Of a memory that changes twice, only what it says last. */
function relationsOf(all: readonly NewMentions[], ids: ReadonlyMap<string, string>): NewRelation[] {
  const last = new Map(all.map((one) => [one.memoryId, one]));
  return [...last.values()].flatMap((one) => {
    const { memoryId, projectId, validFrom, validTo } = one;
    const typeOf = new Map(namedBy(one).map(({ name, type }) => [name.toLowerCase(), type]));
    const idOf = (name: string) =>
      ids.get(slotOf(projectId, name, typeOf.get(name.toLowerCase()) ?? "other"));
    return one.relations.flatMap(({ source, type, target }) => {
      const from = idOf(source);
      const to = idOf(target);
      return from && to ? [{ memoryId, from, type, to, validFrom, validTo }] : [];
    });
  });
}
