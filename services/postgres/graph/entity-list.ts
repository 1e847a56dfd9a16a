import { foldName } from "@mneme/core/graph/fold-name.ts";
import type { Entity, Reading } from "@mneme/core/graph/graph.ts";
import type { EntityListing } from "@mneme/core/graph/graph-store.ts";
import { openPageToken, sealPageToken } from "../page-token.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { describeEntities } from "./describe.ts";
import { visibleTo } from "./visible.ts";

/** Names that are opened at once, and for one page at most: a page of a rare beginning may be empty and not the last. */
const STEP = 250;
const MOST_OPENED = 1_000;

interface Page {
  readonly entities: readonly Entity[];
  readonly nextPageToken: string;
}

/** One page of the entities that a scope's memories mention, by id; each at the smallest id of its visible names. */
export async function listEntities(
  reader: TenantReader,
  listing: EntityListing,
  signal?: AbortSignal,
): Promise<Page> {
  const filters = [
    "entities",
    reader.projectId,
    Object.entries(listing.scope).sort(),
    [...listing.types].sort(),
    listing.name ?? null,
    listing.namePrefix ?? null,
    listing.asOf?.toISOString() ?? null,
    listing.knownAt?.toISOString() ?? null,
  ];
  const after = await openPageToken(reader.mac, filters, listing.pageToken);
  const scope = await lookUpScope(reader, listing.scope, signal);
  if (!scope) return { entities: [], nextPageToken: "" };
  const reading = { ids: scope.ids, asOf: listing.asOf, knownAt: listing.knownAt };
  const pages =
    listing.name === undefined
      ? walk(reader, reading, after, signal)
      : named(reader, reading, { name: listing.name, after }, signal);
  const entities: Entity[] = [];
  let opened = 0;
  let last = after;
  for await (const { entity, nameId } of pages) {
    if (entities.length === listing.pageSize || opened === MOST_OPENED) {
      return { entities, nextPageToken: last ? await sealPageToken(reader.mac, filters, last) : "" };
    }
    opened += 1;
    last = nameId;
    if (entity && isAsked(entity, nameId, listing)) entities.push(entity);
  }
  return { entities, nextPageToken: "" };
}

interface Found {
  readonly nameId: string;
  /** Undefined where its name can't be opened. */
  readonly entity: Entity | undefined;
}

/** All names of the scope behind one, by id. */
async function* walk(
  reader: TenantReader,
  reading: Reading,
  after: string | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  for (let last = after; ; ) {
    const [rows] = await reader.read([namesQuery(reader, reading, last)], signal);
    const ids = rows.map(({ id }) => id);
    yield* describe(reader, reading, ids, signal);
    last = ids.at(-1);
    if (ids.length < STEP) return;
  }
}

/** Entities that have a name, behind one: few, so that all are opened. */
async function* named(
  reader: TenantReader,
  reading: Reading,
  { name, after = "" }: { readonly name: string; readonly after: string | undefined },
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  const query: Query<{ id: string }> = {
    name: "graph_named",
    text: "select id from entities where tenant_id = $1 and project_id = $2 and name_mac = $3 order by id",
    values: [reader.tenantId, reader.projectId, await reader.mac("entity", foldName(name))],
  };
  const [rows] = await reader.read([query], signal);
  const ids = rows.map(({ id }) => id);
  const found = new Map<string, Entity>();
  for await (const { entity } of describe(reader, reading, ids, signal)) {
    if (entity) found.set(firstName(entity), entity);
  }
  const byFirst = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [nameId, entity] of byFirst) if (nameId > after) yield { nameId, entity };
}

async function* describe(
  reader: TenantReader,
  reading: Reading,
  ids: readonly string[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Found> {
  const entities = await describeEntities(reader, reading, visibleTo(reader, reading), ids, signal);
  const byName = new Map(entities.flatMap((entity) => entity.names.map(({ id }) => [id, entity])));
  for (const nameId of ids) yield { nameId, entity: byName.get(nameId) };
}

function namesQuery(
  reader: TenantReader,
  reading: Reading,
  after: string | undefined,
): Query<{ id: string }> {
  const visible = visibleTo(reader, reading, "find");
  return {
    name: `graph_names_${visible.shape}`,
    text: `select distinct t.entity_id as id
           from memories m ${visible.join}
           join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id and ${visible.known("v")}
           join memory_entities t on t.tenant_id = m.tenant_id and t.memory_id = m.id and ${visible.known("t")}
           where m.tenant_id = $1 and ${visible.memory} and ${visible.valid("v")}
             and t.entity_id > $${visible.next}::uuid
           order by t.entity_id limit ${STEP}`,
    values: [...visible.values, after ?? "00000000-0000-0000-0000-000000000000"],
  };
}

/** An entity of several names is listed at the first of them. */
function isAsked(entity: Entity, nameId: string, { types, namePrefix }: EntityListing): boolean {
  if (firstName(entity) !== nameId) return false;
  if (types.length > 0 && !types.includes(entity.type)) return false;
  if (namePrefix === undefined) return true;
  const prefix = foldName(namePrefix);
  return entity.names.some(({ name }) => foldName(name).startsWith(prefix));
}

function firstName({ names }: Entity): string {
  const [first = ""] = names.map(({ id }) => id).sort();
  return first;
}
