import { ANSWER_BYTES } from "@mneme/core/answer-bytes.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { memoryNotFound } from "@mneme/core/memory/get-memory.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { memoryBytes } from "@mneme/core/memory/memory-bytes.ts";
import type { MemoryListing } from "@mneme/core/memory/memory-store.ts";
import type { MemoryTimes } from "@mneme/core/memory/times.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { asKnown, foundThen } from "./found-then.ts";
import {
  ANY_VERSION,
  CURRENT_VERSION,
  FENCE,
  MEMORY_COLUMNS,
  type MemoryRow,
  NOT_EXPIRED,
  NOT_FENCED,
  OF_PROJECT,
  type SourceRow,
  sourcesQuery,
  toMemories,
} from "./memory-rows.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";
import { knownThen, NOT_OVER, timesKey, validThen } from "./version-times.ts";

interface Page {
  readonly memories: readonly Memory[];
  readonly nextPageToken: string;
}

/**
 * The current versions of these memories, or those of other times, in the order asked for.
 *
 * @throws MnemeError MESSAGE_TOO_LARGE where they don't fit into one answer.
 */
export async function getMemories(
  reader: TenantReader,
  memoryIds: readonly string[],
  times: MemoryTimes = {},
  signal?: AbortSignal,
): Promise<Memory[]> {
  if (memoryIds.length === 0) return [];
  const [rows] = await reader.read([getQuery(reader, memoryIds, times)], signal);
  const { memories, beyond } = await openFitting(reader, rows, times, signal);
  if (beyond) throw answerTooLarge(memoryIds.indexOf(beyond.id));
  return memories;
}

/** @param fitting how many of what was asked for, from the first on, one answer holds. */
function answerTooLarge(fitting: number): MnemeError {
  return new MnemeError(
    "resource_exhausted",
    "MESSAGE_TOO_LARGE",
    `these memories hold more than ${ANSWER_BYTES} bytes; ask for the first ${fitting}, then for the others`,
    { metadata: { limit_bytes: String(ANSWER_BYTES), fitting: String(fitting) } },
  );
}

/** Which version of a memory is read, and the values that say so. */
class VersionChoice {
  readonly join: string;
  readonly conditions: string[] = [];
  readonly values: unknown[];
  /** Names what is restricted. */
  readonly shape: string[] = [];
  /** That it is found at these times. */
  readonly found: string;

  constructor(values: readonly unknown[], { asOf, knownAt }: MemoryTimes) {
    this.values = [...values];
    this.join = knownAt ? ANY_VERSION : CURRENT_VERSION;
    const known = knownAt && this.restrict("known", knownThen, knownAt);
    const valid = asOf && this.restrict("valid", validThen, asOf);
    this.found = foundThen({ knownAt: known, asOf: valid });
  }

  /** @returns the parameter that holds the value. */
  restrict(name: string, condition: (parameter: string) => string, value: unknown): string {
    this.values.push(value);
    const parameter = `$${this.values.length}`;
    this.conditions.push(`and ${condition(parameter)}`);
    this.shape.push(name);
    return parameter;
  }
}

/** A memory is read whether it still holds or not, unless `asOf` asks for what held then. */
function getQuery(reader: TenantReader, memoryIds: readonly string[], times: MemoryTimes): Query<MemoryRow> {
  const chosen = new VersionChoice([reader.tenantId, reader.projectId, memoryIds], times);
  return {
    name: ["get_memories", ...chosen.shape].join("_"),
    text: `select ${MEMORY_COLUMNS}
           from unnest($3::uuid[]) with ordinality as r (memory_id, place)
           join memories m on m.tenant_id = $1 and m.id = r.memory_id
           ${chosen.join} ${FENCE}
           where ${OF_PROJECT} and ${NOT_EXPIRED} and ${NOT_FENCED} ${chosen.conditions.join(" ")}
           order by r.place`,
    values: chosen.values,
  };
}

/** One page of a scope's memories. */
export async function listMemories(
  reader: TenantReader,
  listing: MemoryListing,
  signal?: AbortSignal,
): Promise<Page> {
  const filters = [
    "memories",
    reader.projectId,
    Object.entries(listing.scope).sort(),
    [...listing.kinds].sort(),
    [...listing.categories].sort(),
    listing.showSuperseded,
    listing.showArchived ?? false,
    listing.reviewBefore?.toISOString() ?? null,
    ...timesKey(listing),
  ];
  const after = await openPageToken(reader.mac, filters, listing.pageToken);
  const scope = await lookUpScope(reader, listing.scope, signal);
  if (!scope) return { memories: [], nextPageToken: "" };
  const [rows] = await reader.read([listQuery(reader, scope.ids, listing, after)], signal);
  return pageOf(reader, rows, { ...listing, filters, position: ({ id }) => id }, signal);
}

/** Only the conditions that are asked for are written, so that the planner sees which index serves. */
function listQuery(
  reader: TenantReader,
  ids: ScopeIds,
  listing: MemoryListing,
  after: string | undefined,
): Query<MemoryRow> {
  const { kinds, categories, showSuperseded, showArchived = false, pageSize } = listing;
  const projectId = ids.homeProjectId ?? reader.projectId;
  const chosen = new VersionChoice([reader.tenantId, projectId, pageSize + 1], listing);
  if (after !== undefined) chosen.restrict("after", (id) => `m.id < ${id}::uuid`, after);
  if (kinds.length > 0) chosen.restrict("kinds", (list) => `v.kind = any (${list}::text[])`, kinds);
  if (categories.length > 0)
    chosen.restrict("categories", (list) => `v.category = any (${list}::text[])`, categories);
  if (listing.reviewBefore)
    chosen.restrict("review", (time) => `m.review_at < ${time}::timestamptz`, listing.reviewBefore);
  const held = `and ${NOT_EXPIRED} ${showSuperseded ? "" : `and ${stillHolds(listing)}`}`;
  const shown = showArchived ? held : `${held} and ${chosen.found}`;
  const only = scopeFilter(ids, "m", chosen.values.length + 1);
  return {
    name: [
      "list_memories",
      showSuperseded ? "all" : "shown",
      showArchived ? "kept" : "found",
      ...chosen.shape,
      only.shape,
    ].join("_"),
    text: `select ${MEMORY_COLUMNS} from memories m ${chosen.join} ${FENCE}
           where m.tenant_id = $1 and m.project_id = $2 and ${NOT_FENCED}
             ${chosen.conditions.join(" ")} ${shown} ${only.text}
           order by m.id desc limit $3`,
    values: [...chosen.values, ...only.values],
  };
}

/** By its state today; of another time by its interval, for the state then is not kept. */
function stillHolds({ asOf, knownAt }: MemoryTimes): string {
  if (asOf) return "true";
  return knownAt ? NOT_OVER : "m.state = 'active'";
}

/** One page of a memory's versions. */
export async function listVersions(
  reader: TenantReader,
  listing: {
    readonly memoryId: string;
    readonly pageSize: number;
    readonly pageToken: string;
    readonly knownAt: Date | undefined;
  },
  signal?: AbortSignal,
): Promise<Page> {
  const filters = ["versions", reader.projectId, listing.memoryId, listing.knownAt?.toISOString() ?? null];
  const before = await openPageToken(reader.mac, filters, listing.pageToken);
  const exists: Query<object> = {
    name: "versions_memory",
    text: `select from memories m ${FENCE} where m.tenant_id = $1 and ${OF_PROJECT} and m.id = $3
             and ${NOT_EXPIRED} and ${NOT_FENCED}`,
    values: [reader.tenantId, reader.projectId, listing.memoryId],
  };
  const versions: Query<MemoryRow> = {
    name: "list_versions",
    text: `select ${MEMORY_COLUMNS}
           from memories m join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id
           ${FENCE}
           where m.tenant_id = $1 and ${OF_PROJECT} and m.id = $3 and ${NOT_EXPIRED} and ${NOT_FENCED}
             and ($4::integer is null or v.version < $4)
             and ($5::timestamptz is null or ${knownThen("$5")})
           order by v.version desc limit $6`,
    values: [
      reader.tenantId,
      reader.projectId,
      listing.memoryId,
      before === undefined ? null : Number(before),
      listing.knownAt ?? null,
      listing.pageSize + 1,
    ],
  };
  const [found, rows] = await reader.read([exists, versions], signal);
  if (found.length === 0) throw memoryNotFound(listing.memoryId);
  const position = ({ version }: MemoryRow) => String(version);
  return pageOf(reader, rows, { ...listing, filters, position }, signal);
}

interface PageOptions extends MemoryTimes {
  readonly pageSize: number;
  readonly filters: unknown;
  readonly position: (row: MemoryRow) => string;
}

/** A page ends early where its memories are large. */
async function pageOf(
  reader: TenantReader,
  rows: readonly MemoryRow[],
  { pageSize, filters, position, ...times }: PageOptions,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const wanted = rows.slice(0, pageSize);
  const { memories, beyond } = await openFitting(reader, wanted, times, signal);
  const shown = beyond ? wanted.slice(0, wanted.indexOf(beyond)) : wanted;
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return { memories, nextPageToken: last ? await sealPageToken(reader.mac, filters, position(last)) : "" };
}

/** Memories of an answer, and the first row that it has no room for. */
interface Fitting {
  readonly memories: Memory[];
  readonly beyond: MemoryRow | undefined;
}

/**
 * Opens rows from the first on that fit into an answer together; at least one. Of the others no turns are read.
 *
 * @param times at which their sources are to be known; now by default.
 */
export async function openFitting(
  reader: TenantReader,
  rows: readonly MemoryRow[],
  { knownAt }: MemoryTimes = {},
  signal?: AbortSignal,
): Promise<Fitting> {
  const memoryIds = [...new Set(rows.map(({ id }) => id))];
  if (memoryIds.length === 0) return { memories: [], beyond: undefined };
  const [sources] = await reader.read(
    [sourcesQuery(reader.tenantId, memoryIds, { maxBytes: ANSWER_BYTES, knownAt })],
    signal,
  );
  const opened = rows.slice(0, countSmall(rows, sources)).map((row) => asKnown(row, knownAt));
  const memories = await toMemories(reader, opened, sources, signal);
  let bytes = 0;
  const tooMuch = memories.findIndex((memory, index) => {
    bytes += memoryBytes(memory);
    return index > 0 && bytes > ANSWER_BYTES;
  });
  if (tooMuch < 0) return { memories, beyond: rows[opened.length] };
  const first = memories[tooMuch];
  const beyond = rows.find(({ id, version }) => id === first?.id && version === first.version);
  return { memories: memories.slice(0, tooMuch), beyond };
}

/** Rows from the first on whose contents, which are most of an answer, are small enough to open; at least one. */
function countSmall(rows: readonly MemoryRow[], sources: readonly SourceRow[]): number {
  const sourcesOf = Map.groupBy(sources, ({ memory_id }) => memory_id);
  let bytes = 0;
  const tooMuch = rows.findIndex(({ id, text_ct, detail_ct }) => {
    bytes += text_ct.length + detail_ct.length;
    for (const { body_bytes } of sourcesOf.get(id) ?? []) bytes += body_bytes ?? 0;
    return bytes > ANSWER_BYTES;
  });
  return tooMuch < 0 ? rows.length : Math.max(1, tooMuch);
}
