import { tokensOf } from "@mneme/core/graph/fold-name.ts";
import type { Edge, Entity, EntityName, Reading } from "@mneme/core/graph/graph.ts";
import type { Met } from "@mneme/core/graph/graph-store.ts";
import { newestFirst } from "@mneme/core/graph/newest-first.ts";
import { unlessDamaged } from "../damage.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { readGroups } from "./groups.ts";
import type { Visible } from "./visible.ts";

interface MentionRow {
  readonly id: string;
  readonly type: string;
  readonly memory_id: string;
  readonly subject_id: string | null;
  readonly name_ct: Buffer | null;
  /** Of a name from before memories had their own. */
  readonly old_name_ct: Buffer | null;
}

/** Memories that are named of an entity. */
const MENTIONS = 10;
/** As many of what a walk meets; and the newest, whose spellings are read. */
const FEW = 3;

/** Entities of names that visible memories mention, each once, with all its names and what made them one. */
export async function describeEntities(
  reader: TenantReader,
  reading: Reading,
  visible: Visible,
  nameIds: readonly string[],
  signal?: AbortSignal,
  met?: Met,
): Promise<Entity[]> {
  const { entityOf, merges } = met?.groups ?? (await readGroups(reader, reading, nameIds, signal));
  const wanted = new Set(nameIds.map((id) => entityOf.get(id) ?? id));
  const names = [...entityOf].flatMap(([name, entity]) => (wanted.has(entity) ? [name] : []));
  if (names.length === 0) return [];
  const rows = await readMentions(reader, visible, names, met?.edges ?? [], signal);
  for (const { subject_id } of rows) reader.audit?.about(subject_id);
  const opened = await openNames(reader, rows);
  const byEntity = Map.groupBy(opened.values(), ({ id }) => entityOf.get(id) ?? id);
  return [...byEntity].map(([id, own]) => {
    const sorted = own.toSorted(byFullness);
    const ids = new Set(own.map((name) => name.id));
    const memories = rows.filter((row) => ids.has(row.id)).map(({ memory_id }) => memory_id);
    const [first] = sorted as [EntityName];
    return {
      id,
      name: first.name,
      type: first.type,
      names: sorted,
      merges: merges.filter(({ entityId, otherId }) => ids.has(entityId) && ids.has(otherId)),
      memoryIds: [...new Set(memories)].sort().reverse().slice(0, MENTIONS),
    };
  });
}

/** Of names at the ends of edges, how the memories of these write them; of others, how the newest visible ones do. */
async function readMentions(
  reader: TenantReader,
  visible: Visible,
  names: readonly string[],
  edges: readonly Edge[],
  signal: AbortSignal | undefined,
): Promise<MentionRow[]> {
  const tellers = new Map<string, string[]>();
  for (const { sourceId, targetId, memoryId } of edges.toSorted(newestFirst)) {
    for (const end of [sourceId, targetId]) {
      const known = tellers.get(end) ?? [];
      if (known.length < FEW && !known.includes(memoryId)) tellers.set(end, [...known, memoryId]);
    }
  }
  const ties = names.flatMap((name) => (tellers.get(name) ?? []).map((memory) => [name, memory] as const));
  const others = names.filter((name) => !tellers.has(name));
  const [mentioned, told] = await reader.read(
    [mentionsQuery(visible, others, edges.length > 0 ? FEW : MENTIONS), tiesQuery(reader, ties)],
    signal,
  );
  return [...mentioned, ...told];
}

function mentionsQuery(visible: Visible, nameIds: readonly string[], most: number): Query<MentionRow> {
  return {
    name: `graph_mentions_${most}_${visible.shape}`,
    text: `select e.id, e.type, e.name_ct as old_name_ct, t.memory_id, t.subject_id, t.name_ct
           from unnest($${visible.next}::uuid[]) as n (id)
           join entities e on e.tenant_id = $1 and e.id = n.id and e.project_id = $2
           cross join lateral (
             select t.memory_id, t.subject_id, t.name_ct from memory_entities t
             join memories m on m.tenant_id = t.tenant_id and m.id = t.memory_id ${visible.join}
             join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id and ${visible.known("v")}
             where t.tenant_id = $1 and t.entity_id = e.id ${visible.person("t")}
               and ${visible.known("t")} and ${visible.valid("v")} and ${visible.memory}
             order by t.memory_id desc limit ${most}) t`,
    values: [...visible.values, nameIds],
  };
}

/** Of memories whose edges are visible. */
function tiesQuery(reader: TenantReader, ties: readonly (readonly [string, string])[]): Query<MentionRow> {
  return {
    name: "graph_ties",
    text: `select e.id, e.type, e.name_ct as old_name_ct, t.memory_id, t.subject_id, t.name_ct
           from unnest($3::uuid[], $4::uuid[]) as n (entity_id, memory_id)
           join memory_entities t on t.tenant_id = $1 and t.memory_id = n.memory_id and t.entity_id = n.entity_id
           join entities e on e.tenant_id = $1 and e.id = n.entity_id and e.project_id = $2`,
    values: [reader.tenantId, reader.projectId, ties.map(([name]) => name), ties.map(([, memory]) => memory)],
  };
}

/** By id; of each its most frequent spelling, the newest of these. A name whose key is gone, or is damaged, is not there. */
async function openNames(
  reader: TenantReader,
  rows: readonly MentionRow[],
): Promise<Map<string, EntityName>> {
  const names = new Map<string, EntityName>();
  for (const [id, mentions] of Map.groupBy(rows, (row) => row.id)) {
    const newest = mentions.toSorted((a, b) => (a.memory_id < b.memory_id ? 1 : -1)).slice(0, FEW);
    const spelt = (await Promise.all(newest.map((mention) => openName(reader, mention)))).filter(
      (name) => name !== undefined,
    );
    const counts = Map.groupBy(spelt, (name) => name);
    const [name] = [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? [];
    if (name !== undefined) names.set(id, { id, name, type: mentions[0]?.type ?? "other" });
  }
  return names;
}

async function openName({ content }: TenantReader, row: MentionRow): Promise<string | undefined> {
  const opened = await unlessDamaged(() =>
    row.name_ct
      ? content.openText("memory_entities.name", row.name_ct)
      : content.openText("entities.name", row.old_name_ct),
  );
  return "value" in opened ? opened.value : undefined;
}

/** A name with a type before one without, a full name before its part. */
function byFullness(a: EntityName, b: EntityName): number {
  const isTyped = ({ type }: EntityName) => (type === "other" ? 0 : 1);
  return (
    isTyped(b) - isTyped(a) ||
    tokensOf(b.name).length - tokensOf(a.name).length ||
    b.name.length - a.name.length ||
    (a.id < b.id ? -1 : 1)
  );
}
