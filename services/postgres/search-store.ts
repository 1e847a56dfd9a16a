import type { HydrateOptions, SearchStore } from "@mneme/core/search/search-store.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { REFRESHED_AT } from "./ageing-store.ts";
import { readArchivedThen } from "./archived-then.ts";
import type { Database } from "./database.ts";
import { opinionsQuery, toOpinions } from "./feedback/opinions.ts";
import { asKnown, foundThen } from "./found-then.ts";
import {
  CURRENT_VERSION,
  FENCE,
  MEMORY_COLUMNS,
  type MemoryRow,
  NOT_ARCHIVED,
  NOT_EXPIRED,
  NOT_FENCED,
  OF_PROJECT,
  sourcesQuery,
  toSoundMemories,
} from "./memory-rows.ts";
import { openReader, type Query, type TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";
import { knownThen, NOT_OVER } from "./version-times.ts";

export interface SearchStoreOptions {
  /** Told of a memory that a search left out because a value of it is damaged. */
  readonly onDamaged?: (memoryId: string) => void;
}

/** What search reads of the record. */
export function createSearchStore(
  database: Database,
  { onDamaged = () => {} }: SearchStoreOptions = {},
): SearchStore {
  return {
    async resolve(tenancy, scope, signal, options) {
      return lookUpScope(await openReader(database, tenancy), scope, signal, options);
    },
    async hydrate(tenancy, ids, refs, options, signal) {
      if (refs.length === 0) return [];
      const reader = await openReader(database, tenancy);
      await reader.speakFor(ids);
      const memoryIds = options.withoutSources ? [] : refs.map(({ memoryId }) => memoryId);
      const [rows, sources] = await reader.read(
        [
          hydrateQuery(reader, ids, refs, options),
          sourcesQuery(reader.tenantId, memoryIds, { knownAt: options.knownAt }),
        ],
        signal,
      );
      const known = rows.map((row) => asKnown(row, options.knownAt));
      return toSoundMemories(reader, known, sources, onDamaged, signal);
    },
    async archivedThen(tenancy, ids, times, limit, signal) {
      const reader = await openReader(database, tenancy);
      await reader.speakFor(ids);
      return readArchivedThen(reader, ids, times, { limit, onDamaged }, signal);
    },
    async opinions(tenancy, ids, memoryIds, signal) {
      if (memoryIds.length === 0) return new Map();
      const reader = await openReader(database, tenancy);
      const [rows] = await reader.read([opinionsQuery(ids, memoryIds)], signal);
      return toOpinions(rows);
    },
    async refreshed(tenancy, memoryIds, signal) {
      const reader = await openReader(database, tenancy);
      const [rows] = await reader.read([refreshedQuery(reader, memoryIds)], signal);
      return new Map(rows.map(({ id, refreshed_at }) => [id, refreshed_at]));
    },
    async recent(tenancy, ids, limit, signal) {
      const reader = await openReader(database, tenancy);
      await reader.speakFor(ids);
      const queries = placesApart(ids).flatMap((one, _, { length }) => [
        recentQuery(reader, one, Math.ceil(limit / length)),
        mostUsedQuery(reader, one, Math.ceil(limit / length / 4)),
      ]);
      const found = (await reader.read(queries, signal)).flat();
      // Of two places the nearer one comes first.
      const rows = [...new Map(found.toReversed().map((row) => [row.id, row])).values()].toReversed();
      const [sources] = await reader.read(
        [
          sourcesQuery(
            reader.tenantId,
            rows.map(({ id }) => id),
          ),
        ],
        signal,
      );
      return toSoundMemories(reader, rows, sources, onDamaged, signal);
    },
  };
}

/**
 * The one place that decides what a search may show. Without a time it is what the current version says
 * and what still holds; `asOf` moves valid time, `knownAt` record time, `withEnded` lets what held before in; none
 * goes past the fence or an expiry, or into the archive but for what was not there yet (`foundThen`).
 */
function hydrateQuery(
  reader: TenantReader,
  ids: ScopeIds,
  refs: readonly { readonly memoryId: string; readonly version: number }[],
  { asOf, knownAt, withEnded = false }: HydrateOptions,
): Query<MemoryRow> {
  const scope = scopeFilter(ids, "m", 8, "check");
  const ofProject = ids.places ? "true" : OF_PROJECT;
  return {
    name: `hydrate_${scope.shape}`,
    text: `select ${MEMORY_COLUMNS}${scope.layer}
           from unnest($3::uuid[], $4::integer[]) as r (memory_id, version)
           join memories m on m.tenant_id = $1 and m.id = r.memory_id
           join memory_versions v
             on v.tenant_id = $1 and v.memory_id = r.memory_id and v.version = r.version
           ${FENCE}
           where ${ofProject} and $2::uuid is not null and ${NOT_EXPIRED} and ${NOT_FENCED}
             and ${foundThen({ asOf: "$5", knownAt: "$6" })}
             and ($5::timestamptz is not null or $6::timestamptz is not null or $7 or m.state = 'active')
             and ($5::timestamptz is null or v.valid_from <= $5)
             and ($7 or v.valid_to is null or v.valid_to > coalesce($5, now()))
             and case when $6::timestamptz is null
               then v.version = m.current_version and v.recorded_to is null
               else ${knownThen("$6")} end
             ${scope.text}`,
    values: [
      reader.tenantId,
      reader.projectId,
      refs.map(({ memoryId }) => memoryId),
      refs.map(({ version }) => version),
      asOf ?? null,
      knownAt ?? null,
      withEnded && asOf === undefined,
      ...scope.values,
    ],
  };
}

/** Each place by itself, so that an index finds its memories. */
function placesApart(ids: ScopeIds): readonly ScopeIds[] {
  return ids.places?.map((place) => ({ ...ids, places: [place] })) ?? [ids];
}

function homeOf(reader: TenantReader, { places, homeProjectId }: ScopeIds): string {
  return places?.[0]?.projectId ?? homeProjectId ?? reader.projectId;
}

function refreshedQuery(
  { tenantId, projectId }: TenantReader,
  memoryIds: readonly string[],
): Query<{ readonly id: string; readonly refreshed_at: Date }> {
  return {
    name: "refreshed_at",
    text: `select m.id, ${REFRESHED_AT} as refreshed_at from memories m ${CURRENT_VERSION}
           where m.tenant_id = $1 and m.project_id = $2 and m.id = any ($3::uuid[])`,
    values: [tenantId, projectId, [...new Set(memoryIds)]],
  };
}

/** Memories among which the most used are sought. */
const MOST_LOOKED_THROUGH = 5_000;

const SHOWN_TODAY = `m.tenant_id = $1 and m.project_id = $2 and m.state = 'active' and ${NOT_ARCHIVED}
  and ${NOT_EXPIRED} and ${NOT_FENCED} and ${NOT_OVER}`;

function recentQuery(reader: TenantReader, ids: ScopeIds, limit: number): Query<MemoryRow> {
  const scope = scopeFilter(ids, "m", 4);
  return {
    name: `recent_${scope.shape}`,
    text: `select ${MEMORY_COLUMNS}${scope.layer} from memories m ${CURRENT_VERSION} ${FENCE}
           where ${SHOWN_TODAY} ${scope.text} order by m.id desc limit $3`,
    values: [reader.tenantId, homeOf(reader, ids), limit, ...scope.values],
  };
}

function mostUsedQuery(reader: TenantReader, ids: ScopeIds, limit: number): Query<MemoryRow> {
  const scope = scopeFilter(ids, "m", 4);
  return {
    name: `most_used_${scope.shape}`,
    // Of the newest only: this is asked when the index is down, and a scope may have very many.
    text: `select ${MEMORY_COLUMNS}${scope.layer}
           from (select * from memories m where m.tenant_id = $1 and m.project_id = $2 and m.state = 'active'
                   and ${NOT_ARCHIVED} ${scope.text} order by m.id desc limit ${MOST_LOOKED_THROUGH}) m
           ${CURRENT_VERSION} ${FENCE}
           join memory_uses u on u.tenant_id = m.tenant_id and u.memory_id = m.id
           where ${SHOWN_TODAY}
           order by u.uses desc, u.last_used_at desc limit $3`,
    values: [reader.tenantId, homeOf(reader, ids), limit, ...scope.values],
  };
}
