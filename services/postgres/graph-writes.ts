import type { Mentions } from "@mneme/core/extraction/mentions.ts";
import { foldName } from "@mneme/core/graph/fold-name.ts";
import type { EntityMention, RelationMention } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import type { Content } from "./content.ts";
import { entityIdOf } from "./graph/entity-id.ts";
import { mergeNames } from "./graph/name-merges.ts";
import { insertRelations, type NewRelation } from "./relation-writes.ts";

/** One memory's mentions and edges. */
export interface NewMentions extends Mentions {
  readonly memoryId: string;
  readonly projectId: string;
  /** Seals names, as it seals the memory. */
  readonly keyId: string;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

/** What writing names takes. */
export interface NameWriter {
  readonly client: pg.PoolClient;
  readonly tenantId: string;
  readonly content: Content;
  /** Keyed hash of whatever tells an entity. */
  readonly mac: (domain: "entity" | "entity_id" | "entity_key", value: string) => Promise<Buffer>;
}

/** An entity as one project knows it: a name of one type. */
export interface NamedEntity {
  readonly projectId: string;
  readonly folded: string;
  readonly type: string;
}

/** A memory that names an entity. */
export interface Tie {
  readonly memoryId: string;
  readonly entityId: string;
  readonly entity: NamedEntity;
  readonly nameCt: Buffer;
  /** Its words are other ones by now. */
  readonly isPast: boolean;
}

/**
 * Finds or makes the entities that memories mention, ties memories and relations to them, and merges names that are one.
 *
 * @param moment record time of the ties and relations, as PostgreSQL prints it.
 */
export async function insertMentions(
  writer: NameWriter,
  all: readonly NewMentions[],
  moment: string,
): Promise<void> {
  const named = new Map<string, NamedEntity>();
  for (const one of all) {
    for (const { name, type } of namedBy(one)) {
      const entity = { projectId: one.projectId, folded: foldName(name), type };
      named.set(slotOf(entity), entity);
    }
  }
  if (named.size === 0) return;
  const { client, tenantId } = writer;
  const ids = await ensureEntities(writer, [...named.values()]);
  const ties = await sealTies(writer, all, ids);
  await tieMemories(writer, ties, moment);
  const relations = relationsOf(all, ids);
  await insertRelations(client, tenantId, relations, moment);
  await mergeNames(writer, ties, relations);
}

/** Entities of a statement, and the ends of relations that it does not name by themselves. */
function namedBy({ entities, relations }: Mentions): EntityMention[] {
  const known = new Set(entities.map(({ name }) => foldName(name)));
  const ends = relations.flatMap(({ source, target }) => [source, target]);
  const missing = ends.filter((name) => !known.has(foldName(name)));
  return [...entities, ...missing.map((name) => ({ name, type: "other" }))];
}

function slotOf({ projectId, folded, type }: NamedEntity): string {
  return `${projectId}/${type}/${folded}`;
}

async function ensureEntities(
  { client, tenantId, mac }: NameWriter,
  entities: readonly NamedEntity[],
): Promise<Map<string, string>> {
  const hashed = await Promise.all(
    entities.map(async (entity) => ({
      entity,
      nameMac: await mac("entity", entity.folded),
      id: await entityIdOf(mac, entity),
    })),
  );
  // One order for all writers, so that two of them can't wait for each other.
  const sorted = hashed.sort((a, b) => Buffer.compare(a.nameMac, b.nameMac));
  const keys = [
    tenantId,
    sorted.map(({ entity }) => entity.projectId),
    sorted.map(({ nameMac }) => nameMac),
    sorted.map(({ entity }) => entity.type),
  ];
  await client.query({
    name: "ensure_entities",
    text: `insert into entities (tenant_id, project_id, name_mac, type, id)
           select $1, n.* from unnest($2::uuid[], $3::bytea[], $4::text[], $5::uuid[]) as n
           on conflict (tenant_id, project_id, name_mac, type) do nothing`,
    values: [...keys, sorted.map(({ id }) => id)],
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
  return new Map(
    rows.flatMap(({ id, place }) => {
      const found = sorted[Number(place) - 1];
      return found ? [[slotOf(found.entity), id] as const] : [];
    }),
  );
}

async function sealTies(
  { content }: NameWriter,
  all: readonly NewMentions[],
  ids: ReadonlyMap<string, string>,
): Promise<Tie[]> {
  const ties = new Map<string, Promise<Tie>>();
  const last = new Map(all.map((one) => [one.memoryId, one]));
  for (const one of all) {
    const { memoryId, projectId, keyId } = one;
    for (const { name, type } of namedBy(one)) {
      const entity = { projectId, folded: foldName(name), type };
      const entityId = ids.get(slotOf(entity));
      if (entityId === undefined) continue;
      const sealed = content.sealText(keyId, "memory_entities.name", name);
      const isPast = last.get(memoryId) !== one;
      const tie = sealed.then((nameCt) => ({ memoryId, entityId, entity, nameCt, isPast }));
      ties.set(`${memoryId}/${entityId}`, tie);
    }
  }
  return Promise.all(ties.values());
}

async function tieMemories(
  { client, tenantId }: NameWriter,
  ties: readonly Tie[],
  moment: string,
): Promise<void> {
  await client.query({
    name: "tie_memories",
    text: `insert into memory_entities (tenant_id, memory_id, entity_id, name_ct, recorded_from, recorded_to, subject_id)
           select $1, n.memory_id, n.entity_id, n.name_ct, $6::timestamptz,
             case when n.is_past then $6::timestamptz end, m.subject_id
           from unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::boolean[]) as n (memory_id, entity_id, name_ct, is_past)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id
           on conflict (tenant_id, memory_id, entity_id)
           do update set name_ct = excluded.name_ct, recorded_to = excluded.recorded_to`,
    values: [
      tenantId,
      ties.map(({ memoryId }) => memoryId),
      ties.map(({ entityId }) => entityId),
      ties.map(({ nameCt }) => nameCt),
      ties.map(({ isPast }) => isPast),
      moment,
    ],
  });
}

/** Of a memory that changes twice, only what it says last. */
function relationsOf(all: readonly NewMentions[], ids: ReadonlyMap<string, string>): NewRelation[] {
  const last = new Map(all.map((one) => [one.memoryId, one]));
  return [...last.values()].flatMap((one) => {
    const { memoryId, projectId, validFrom, validTo } = one;
    const typeOf = new Map(namedBy(one).map(({ name, type }) => [foldName(name), type]));
    const idOf = (name: string) => {
      const folded = foldName(name);
      return ids.get(slotOf({ projectId, folded, type: typeOf.get(folded) ?? "other" }));
    };
    return one.relations.flatMap(({ source, type, target, over }) => {
      const from = idOf(source);
      const to = idOf(target);
      const valid = over ? whileSo(over, validFrom, validTo) : { validFrom, validTo };
      return from && to && from !== to ? [{ memoryId, from, type, to, ...valid }] : [];
    });
  });
}

/** Of what is told as over: within the memory's own time where that ends sooner. Where it began is known only where it is told. */
function whileSo(
  { from, to }: NonNullable<RelationMention["over"]>,
  validFrom: Date,
  validTo: Date | undefined,
): { readonly validFrom: Date; readonly validTo: Date } {
  const end = Math.min(Date.parse(to), validTo?.getTime() ?? Number.POSITIVE_INFINITY);
  const start = from === undefined ? validFrom.getTime() : Date.parse(from);
  return { validFrom: new Date(Math.min(start, end)), validTo: new Date(end) };
}
