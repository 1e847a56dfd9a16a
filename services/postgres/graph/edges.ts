import type { Edge, Reading } from "@mneme/core/graph/graph.ts";
import type { Edges, HopOptions } from "@mneme/core/graph/graph-store.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { mergeValues, sameNamesTable } from "./groups.ts";
import type { Visible } from "./visible.ts";

/** An edge as it is read. */
export interface EdgeRow {
  readonly id: string;
  readonly source_entity_id: string;
  readonly type: string;
  readonly target_entity_id: string;
  readonly memory_id: string;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly recorded_from: Date;
  readonly recorded_to: Date | null;
  readonly subject_id: string | null;
}

interface PlacedRow extends EdgeRow {
  readonly origin: string;
  readonly is_out: boolean;
}

/** Edges between the ends of others that are looked at. */
const MOST_BETWEEN = 400;

const EDGE_COLUMNS = `r.id, r.source_entity_id, r.type, r.target_entity_id, r.memory_id, r.valid_from, r.valid_to,
  r.recorded_from, r.recorded_to, r.subject_id`;

/**
 * Visible edges at the name `at`, out of it or into it, the newest first.
 *
 * @param limit a parameter, or a number.
 */
export function edgesAt(
  visible: Visible,
  at: string,
  end: "source" | "target",
  limit: string,
  also = "",
): string {
  return `(select ${EDGE_COLUMNS}, ${end === "source"} as is_out
    from relations r join memories m on m.tenant_id = r.tenant_id and m.id = r.memory_id ${visible.join}
    where r.tenant_id = $1 and r.${end}_entity_id = ${at} ${visible.person("r")} ${also}
      and ${visible.known("r")} and ${visible.valid("r")} and ${visible.memory}
    order by r.recorded_from desc, r.id desc limit ${limit})`;
}

/** Edges at names, of each and in each direction the newest. */
export async function readEdges(
  reader: TenantReader,
  visible: Visible,
  nameIds: readonly string[],
  { direction, types, fanOut }: HopOptions,
  signal?: AbortSignal,
): Promise<Edges> {
  if (nameIds.length === 0) return { edges: [], isCut: false };
  const { next, values, shape } = visible;
  const ofTypes = types.length > 0 ? `and r.type = any ($${next + 2}::text[])` : "";
  const ends =
    direction === "both" ? (["source", "target"] as const) : [direction === "out" ? "source" : "target"];
  const query: Query<PlacedRow> = {
    name: `graph_edges_${direction}_${ofTypes ? "typed" : "any"}_${shape}`,
    text: `select s.id as origin, r.* from unnest($${next}::uuid[]) as s (id)
           cross join lateral (${ends
             .map((end) => edgesAt(visible, "s.id", end as "source" | "target", `$${next + 1}`, ofTypes))
             .join(" union all ")}) r`,
    values: [...values, nameIds, fanOut + 1, ...(ofTypes ? [types] : [])],
  };
  const [rows] = await reader.read([query], signal);
  for (const { subject_id } of rows) reader.audit?.about(subject_id);
  const edges = new Map<string, Edge>();
  let isCut = false;
  for (const found of Map.groupBy(rows, ({ origin, is_out }) => `${origin}/${is_out}`).values()) {
    isCut ||= found.length > fanOut;
    for (const row of found.slice(0, fanOut)) edges.set(row.id, toEdge(row));
  }
  return { edges: [...edges.values()], isCut };
}

/** Edges from one of these names to another, those that are one with them too; the newest. */
export async function readBetween(
  reader: TenantReader,
  reading: Reading,
  visible: Visible,
  nameIds: readonly string[],
  types: readonly string[],
  signal?: AbortSignal,
): Promise<Edges> {
  if (nameIds.length === 0) return { edges: [], isCut: false };
  const { next, values, shape } = visible;
  const merges = mergeValues(reading);
  const ofTypes = types.length > 0 ? `and r.type = any ($${next + 1 + merges.length}::text[])` : "";
  const query: Query<EdgeRow> = {
    name: `graph_between_${ofTypes ? "typed" : "any"}_${shape}`,
    text: `with recursive given as (select unnest($${next}::uuid[]) as id), ${sameNamesTable("given", next + 1)},
           ends as materialized (select distinct id from same)
           select ${EDGE_COLUMNS} from ends s
           join relations r on r.tenant_id = $1 and r.source_entity_id = s.id ${visible.person("r")} ${ofTypes}
           join memories m on m.tenant_id = r.tenant_id and m.id = r.memory_id ${visible.join}
           where r.target_entity_id in (select id from ends) and ${visible.known("r")} and ${visible.valid("r")}
             and ${visible.memory}
           order by r.recorded_from desc, r.id desc limit ${MOST_BETWEEN + 1}`,
    values: [...values, nameIds, ...merges, ...(ofTypes ? [types] : [])],
  };
  const [rows] = await reader.read([query], signal);
  for (const { subject_id } of rows) reader.audit?.about(subject_id);
  return { edges: rows.slice(0, MOST_BETWEEN).map(toEdge), isCut: rows.length > MOST_BETWEEN };
}

export function toEdge(row: EdgeRow): Edge {
  return {
    id: row.id,
    sourceId: row.source_entity_id,
    type: row.type,
    targetId: row.target_entity_id,
    memoryId: row.memory_id,
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    recordedFrom: row.recorded_from,
    recordedTo: row.recorded_to ?? undefined,
  };
}

/** The messages that memories come from: of each the first and the newest. */
export async function readMessages(
  reader: TenantReader,
  memoryIds: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string[]>> {
  if (memoryIds.length === 0) return new Map();
  const query: Query<{ memory_id: string; message_ids: string[] }> = {
    name: "graph_messages",
    text: `select m.id as memory_id, array(
             select distinct s.message_id from (
               (select message_id from memory_sources where tenant_id = $1 and memory_id = m.id and ordinal = 0)
               union all
               (select message_id from memory_sources where tenant_id = $1 and memory_id = m.id and ordinal > 0
                order by ordinal desc limit 4)) s order by 1) as message_ids
           from unnest($2::uuid[]) as m (id)`,
    values: [reader.tenantId, memoryIds],
  };
  const [rows] = await reader.read([query], signal);
  return new Map(rows.map(({ memory_id, message_ids }) => [memory_id, message_ids]));
}
