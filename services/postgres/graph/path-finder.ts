import type { Reading } from "@mneme/core/graph/graph.ts";
import type { MemoryKind, MemoryOrigin, MessageRole } from "@mneme/core/memory/memory.ts";
import type { PathFinder, RecordedCandidate } from "@mneme/core/search/graph-arm.ts";
import { unlessDamaged } from "../damage.ts";
import type { Database } from "../database.ts";
import type { MemoryDetail } from "../memory-detail.ts";
import { openReader, type Query, type TenantReader } from "../read-together.ts";
import { type EdgeRow, edgesAt, readBetween, toEdge } from "./edges.ts";
import { mergeValues, readGroups, sameNamesTable } from "./groups.ts";
import { type Visible, visibleTo } from "./visible.ts";

/** Edges at each name, either way. */
const FAN_OUT = 60;
const MOST_ENDS = 300;

/** Looks for ways between names in the record: two round trips, each bounded. */
export function createPathFinder(database: Database): PathFinder {
  return {
    async around(tenancy, reading, folded, signal) {
      const reader = await openReader(database, tenancy);
      await reader.speakFor(reading.ids);
      const visible = visibleTo(reader, reading);
      const macs = await Promise.all(folded.map((name) => reader.mac("entity", name)));
      const [named, near] = await reader.read(
        [namedQuery(reader, macs), nearQuery(visible, reading, macs)],
        signal,
      );
      const idsOf = Map.groupBy(named, ({ place }) => folded[Number(place) - 1] ?? "");
      const starts = named.map(({ id }) => id);
      const ends = near.flatMap((row) => [row.source_entity_id, row.target_entity_id]);
      const all = [...new Set([...starts, ...ends])].slice(0, MOST_ENDS);
      const [between, groups] = await Promise.all([
        readBetween(reader, reading, visible, all, [], signal),
        readGroups(reader, reading, all, signal),
      ]);
      for (const { subject_id } of near) reader.audit?.about(subject_id);
      const edges = new Map([...near.map(toEdge), ...between.edges].map((edge) => [edge.id, edge]));
      return {
        idsOf: new Map([...idsOf].map(([name, rows]) => [name, rows.map(({ id }) => id)])),
        edges: [...edges.values()],
        entityOf: groups.entityOf,
      };
    },
    async candidates(tenancy, reading, memoryIds, signal) {
      const reader = await openReader(database, tenancy);
      await reader.speakFor(reading.ids);
      const [rows] = await reader.read([candidatesQuery(visibleTo(reader, reading), memoryIds)], signal);
      const opened = await Promise.all(rows.map((row) => unlessDamaged(() => toCandidate(reader, row))));
      return opened.flatMap((one) => ("value" in one && one.value ? [one.value] : []));
    },
  };
}

function namedQuery(reader: TenantReader, macs: readonly Buffer[]): Query<{ id: string; place: string }> {
  return {
    name: "graph_anchors",
    text: `select e.id, n.place from unnest($3::bytea[]) with ordinality as n (name_mac, place)
           join entities e on e.tenant_id = $1 and e.project_id = $2 and e.name_mac = n.name_mac`,
    values: [reader.tenantId, reader.projectId, macs],
  };
}

/** Edges at names and all that are one with them. */
function nearQuery(visible: Visible, reading: Reading, macs: readonly Buffer[]): Query<EdgeRow> {
  const { next, values, shape } = visible;
  return {
    name: `graph_near_${shape}`,
    text: `with recursive given as (select id from entities where tenant_id = $1 and project_id = $2
             and name_mac = any ($${next}::bytea[])),
           ${sameNamesTable("given", next + 1)}
           select distinct on (r.id) r.* from (select distinct id from same) s
           cross join lateral (${edgesAt(visible, "s.id", "source", String(FAN_OUT))}
             union all ${edgesAt(visible, "s.id", "target", String(FAN_OUT))}) r`,
    values: [...values, macs, ...mergeValues(reading)],
  };
}

interface CandidateRow {
  readonly id: string;
  readonly version: number;
  readonly subject_id: string | null;
  readonly detail_ct: Buffer;
  readonly vector_ct: Buffer;
  readonly embedding_model: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly origin: MemoryOrigin;
  readonly confidence: number;
  readonly importance: number;
  readonly role: MessageRole | null;
  readonly is_question: boolean;
  readonly has_time: boolean;
  readonly said_at: Date;
}

function candidatesQuery(visible: Visible, memoryIds: readonly string[]): Query<CandidateRow> {
  return {
    name: `graph_candidates_${visible.shape}`,
    text: `select m.id, v.version, m.subject_id, v.detail_ct, v.vector_ct, v.embedding_model, v.kind, v.category, v.origin,
             v.confidence, v.importance, v.role, v.is_question, v.has_time, v.said_at
           from unnest($${visible.next}::uuid[]) as n (id)
           join memories m on m.tenant_id = $1 and m.id = n.id ${visible.join}
           join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id and ${visible.known("v")}
           where ${visible.valid("v")} and ${visible.memory}`,
    values: [...visible.values, memoryIds],
  };
}

async function toCandidate(
  { content }: TenantReader,
  row: CandidateRow,
): Promise<RecordedCandidate | undefined> {
  const [detail, vector] = await Promise.all([
    content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct),
    content.openVector("memory_versions.vector", row.vector_ct),
  ]);
  if (!detail) return undefined;
  return {
    memoryId: row.id,
    version: row.version,
    bm25: 0,
    entity: 0,
    rare: [],
    kind: row.kind,
    category: row.category,
    origin: row.origin,
    confidence: row.confidence,
    importance: row.importance,
    speaker: detail.speaker ?? undefined,
    role: row.role ?? undefined,
    isQuestion: row.is_question,
    hasTime: row.has_time,
    saidAt: row.said_at,
    metadata: detail.metadata,
    vector,
    embeddingModel: row.embedding_model,
  };
}
