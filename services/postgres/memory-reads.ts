import { MnemeError } from "@mneme/core/errors.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import type { MemoryListing } from "@mneme/core/memory/memory-store.ts";
import {
  CURRENT_VERSION,
  MEMORY_COLUMNS,
  type MemoryRow,
  NOT_EXPIRED,
  NOT_FENCED,
  sourcesQuery,
  toMemories,
} from "./memory-rows.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";
import { rowReader } from "./search-store.ts";

interface Page {
  readonly memories: readonly Memory[];
  readonly nextPageToken: string;
}

/** The current versions of these memories, in the order asked for. */
export async function getMemories(
  reader: TenantReader,
  memoryIds: readonly string[],
  signal?: AbortSignal,
): Promise<Memory[]> {
  if (memoryIds.length === 0) return [];
  const [rows, sources] = await reader.read(
    [currentQuery(reader, memoryIds), sourcesQuery(reader.tenantId, memoryIds)],
    signal,
  );
  return toMemories(rowReader(reader, signal), rows, sources);
}

function currentQuery(reader: TenantReader, memoryIds: readonly string[]): Query<MemoryRow> {
  return {
    name: "get_memories",
    text: `select ${MEMORY_COLUMNS}
           from unnest($3::uuid[]) with ordinality as r (memory_id, place)
           join memories m on m.tenant_id = $1 and m.id = r.memory_id
           ${CURRENT_VERSION}
           where m.project_id = $2 and ${NOT_EXPIRED} and ${NOT_FENCED}
           order by r.place`,
    values: [reader.tenantId, reader.projectId, memoryIds],
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
  ];
  const after = await openPageToken(reader.mac, filters, listing.pageToken);
  const scope = await lookUpScope(reader, listing.scope, signal);
  if (!scope) return { memories: [], nextPageToken: "" };
  const only = scopeFilter(scope.ids, "m", 7);
  const [rows] = await reader.read(
    [
      {
        name: `list_memories_${listing.showSuperseded}_${only.shape}`,
        text: `select ${MEMORY_COLUMNS} from memories m ${CURRENT_VERSION}
               where m.tenant_id = $1 and m.project_id = $2 and ${NOT_FENCED}
                 ${listing.showSuperseded ? "" : `and m.state = 'active' and ${NOT_EXPIRED}`}
                 and ($3::uuid is null or m.id < $3)
                 and ($4::text[] is null or v.kind = any ($4))
                 and ($5::text[] is null or v.category = any ($5))
                 ${only.text}
               order by m.id desc limit $6`,
        values: [
          reader.tenantId,
          reader.projectId,
          after ?? null,
          listing.kinds.length > 0 ? listing.kinds : null,
          listing.categories.length > 0 ? listing.categories : null,
          listing.pageSize + 1,
          ...only.values,
        ],
      } satisfies Query<MemoryRow> as Query<MemoryRow>,
    ],
    signal,
  );
  return pageOf(reader, rows, listing.pageSize, filters, (row) => row.id, signal);
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
    text: `select from memories m where m.tenant_id = $1 and m.project_id = $2 and m.id = $3
             and ${NOT_EXPIRED} and ${NOT_FENCED}`,
    values: [reader.tenantId, reader.projectId, listing.memoryId],
  };
  const versions: Query<MemoryRow> = {
    name: "list_versions",
    text: `select ${MEMORY_COLUMNS}
           from memories m join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id
           where m.tenant_id = $1 and m.project_id = $2 and m.id = $3 and ${NOT_EXPIRED} and ${NOT_FENCED}
             and ($4::integer is null or v.version < $4)
             and ($5::timestamptz is null or
                  v.recorded_from <= $5 and (v.recorded_to is null or v.recorded_to > $5))
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
  return pageOf(reader, rows, listing.pageSize, filters, (row) => String(row.version), signal);
}

async function pageOf(
  reader: TenantReader,
  rows: readonly MemoryRow[],
  pageSize: number,
  filters: unknown,
  position: (row: MemoryRow) => string,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const shown = rows.slice(0, pageSize);
  const last = shown.at(-1);
  if (!last) return { memories: [], nextPageToken: "" };
  const memoryIds = [...new Set(shown.map(({ id }) => id))];
  const [sources] = await reader.read([sourcesQuery(reader.tenantId, memoryIds)], signal);
  const memories = await toMemories(rowReader(reader, signal), shown, sources);
  const nextPageToken =
    rows.length > pageSize ? await sealPageToken(reader.mac, filters, position(last)) : "";
  return { memories, nextPageToken };
}

/** The same for one that never was, was deleted, is fenced, or is another tenant's. */
export function memoryNotFound(memoryId: string): MnemeError {
  return new MnemeError("not_found", "MEMORY_NOT_FOUND", "no such memory", {
    metadata: { memory_id: memoryId },
  });
}
