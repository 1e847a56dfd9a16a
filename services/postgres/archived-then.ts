import type { MemoryTimes } from "@mneme/core/memory/times.ts";
import type { ArchivedMemory } from "@mneme/core/search/search-store.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { openOr } from "./damage.ts";
import { asKnown, foundThen } from "./found-then.ts";
import {
  ANY_VERSION,
  FENCE,
  MEMORY_COLUMNS,
  type MemoryRow,
  NOT_EXPIRED,
  NOT_FENCED,
  sourcesQuery,
  toSoundMemories,
} from "./memory-rows.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { knownThen } from "./version-times.ts";

interface ArchivedRow extends MemoryRow {
  readonly vector_ct: Buffer;
}

export interface ArchivedOptions {
  readonly limit: number;
  /** Told of a memory that is left out because a value of it is damaged. */
  readonly onDamaged: (memoryId: string) => void;
}

/** See `SearchStore.archivedThen`. */
export async function readArchivedThen(
  reader: TenantReader,
  ids: ScopeIds,
  times: MemoryTimes,
  { limit, onDamaged }: ArchivedOptions,
  signal?: AbortSignal,
): Promise<ArchivedMemory[]> {
  const [found] = await reader.read([archivedQuery(reader, ids, times, limit)], signal);
  if (found.length === 0) return [];
  const rows = found.map((row) => asKnown(row, times.knownAt));
  const memoryIds = rows.map(({ id }) => id);
  const [sources] = await reader.read(
    [sourcesQuery(reader.tenantId, memoryIds, { knownAt: times.knownAt })],
    signal,
  );
  const memories = await toSoundMemories(reader, rows, sources, onDamaged, signal);
  const sealed = new Map(rows.map(({ id, vector_ct }) => [id, vector_ct]));
  return Promise.all(
    memories.map(async (memory) => ({
      memory,
      vector: await openOr(
        async () =>
          reader.content.openVector("memory_versions.vector", sealed.get(memory.id) ?? Buffer.alloc(0)),
        undefined,
      ),
    })),
  );
}

/** The same conditions as of `hydrateQuery`, which reads again what is shown. */
function archivedQuery(
  reader: TenantReader,
  ids: ScopeIds,
  { asOf, knownAt }: MemoryTimes,
  limit: number,
): Query<ArchivedRow> {
  const scope = scopeFilter(ids, "m", 6);
  const ofProject = ids.places ? "$2::uuid is not null" : "m.project_id = $2";
  return {
    name: `archived_then_${scope.shape}`,
    text: `select ${MEMORY_COLUMNS}, v.vector_ct${scope.layer} from memories m ${ANY_VERSION}
             and case when $4::timestamptz is null then v.version = m.current_version else ${knownThen("$4")} end
           ${FENCE}
           where m.tenant_id = $1 and m.archived_at is not null and ${ofProject} and ${NOT_EXPIRED} and ${NOT_FENCED}
             and ${foundThen({ asOf: "$3", knownAt: "$4" })}
             and ($3::timestamptz is null or v.valid_from <= $3)
             and (v.valid_to is null or v.valid_to > coalesce($3, now())) ${scope.text}
           order by m.id desc limit $5`,
    values: [
      reader.tenantId,
      ids.homeProjectId ?? reader.projectId,
      asOf ?? null,
      knownAt ?? null,
      limit,
      ...scope.values,
    ],
  };
}
