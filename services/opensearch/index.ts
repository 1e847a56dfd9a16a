import type {
  IndexedMemory,
  IndexGeneration,
  MemoryIndex,
  WriteFailure,
} from "@mneme/core/search/memory-index.ts";
import { everyoneIn, type Placement, type Placements } from "@mneme/core/tenancy/placement.ts";
import { aliasTenants } from "./alias-tenants.ts";
import { findCandidates, findNearest } from "./candidates.ts";
import { modelMark } from "./card.ts";
import { type IndexClient, unavailable, unlessAborted } from "./client.ts";
import { type CountScope, countDocuments } from "./count.ts";
import { fits, requireFit } from "./fitness.ts";
import { currentOf, type Generations } from "./generation.ts";
import { otherVectorField } from "./generation-index.ts";
import { type IndexHealth, readHealth } from "./health.ts";
import { refresh, removeMemories } from "./remove.ts";
import { shareRefreshes } from "./shared-refresh.ts";
import { distinct, writeDocuments } from "./write.ts";

export interface MemoryIndexOptions {
  readonly client: IndexClient;
  /** Of the default pool. */
  readonly generations: Generations;
  /** Where tenants are; all in the default pool unless told. */
  readonly placements?: Placements;
  /** What this process embeds with; generations of another model or mapping are left to the reindex that builds them. */
  readonly model: string;
  /** Deadline of one search, milliseconds. */
  readonly searchTimeoutMs?: number;
  /** Told once, at the first document of a layout that this process can't read, what it is and what to do. */
  readonly onUnreadable?: (message: string) => void;
}

const UNREADABLE = "the index holds memories in another version's layout: rebuild it (docs/operations.md)";

export interface GenerationCount {
  readonly pool: string;
  readonly generation: number;
  readonly documents: number;
}

/** The port, and what operators and the erasure's verification ask beside it. */
export interface OpenSearchMemoryIndex extends MemoryIndex {
  /** Gives the tenant the alias it is read by. `write` does this itself. */
  ensureTenant(tenantId: string, signal?: AbortSignal): Promise<void>;
  /** Fills one generation, for a reindex or a move. */
  writeTo(
    generation: IndexGeneration,
    documents: readonly IndexedMemory[],
    signal?: AbortSignal,
  ): Promise<readonly WriteFailure[]>;
  /** Searchable documents (every version) in each generation of each pool, wherever the tenant should be. */
  count(scope: CountScope, signal?: AbortSignal): Promise<readonly GenerationCount[]>;
  /** The same in one generation. */
  countIn(generation: IndexGeneration, scope: CountScope, signal?: AbortSignal): Promise<number>;
  health(signal?: AbortSignal): Promise<IndexHealth>;
}

/** @param options `searchTimeoutMs` 2,000 unless told. */
export function createMemoryIndex(options: MemoryIndexOptions): OpenSearchMemoryIndex {
  const { client, generations, model, searchTimeoutMs = 2_000 } = options;
  const placements = options.placements ?? everyoneIn(generations.pool);
  const aliases = aliasTenants(client, generations, placements);

  /** The live generations of pools, each pool of which this process may write to. */
  const liveOf = async (names: Iterable<string>, signal?: AbortSignal) => {
    const found = [...names].map(async (name) => {
      const live = await generations.ofPool(name).live(signal);
      requireFit(live, model, name);
      return [name, live] as const;
    });
    return new Map(await Promise.all(found));
  };

  /** Pools that were written to since they were last refreshed. */
  const touched = new Set<string>();
  const refreshTouched = shareRefreshes(async () => {
    const names = [...new Set([generations.pool, ...touched])];
    touched.clear();
    try {
      const live = await Promise.all(names.map((name) => generations.ofPool(name).live()));
      const indices = live.flat().map((each) => each.index);
      await refresh(client, indices);
    } catch (error) {
      for (const name of names) touched.add(name);
      throw error;
    }
  });
  let hasTold = false;
  const onUnreadable = () => {
    if (!hasTold) options.onUnreadable?.(UNREADABLE);
    hasTold = true;
  };
  const searching = (tenantId: string, signal?: AbortSignal, through = model) => ({
    onUnreadable,
    timeoutMs: searchTimeoutMs,
    model: modelMark(through),
    vectorField: through === model ? "vector" : otherVectorField(through),
    hasIndex: async () => {
      const { pool } = await placements.find(tenantId, signal);
      return currentOf(await generations.ofPool(pool).live(signal)) !== undefined;
    },
  });

  const searchesThrough = (through: string): Pick<MemoryIndex, "candidates" | "nearest"> => ({
    candidates: (query, signal) =>
      findCandidates(client, query, searching(query.filter.tenantId, signal, through), signal),
    async nearest(queries, signal) {
      const [first] = queries;
      if (!first) return [];
      return findNearest(client, queries, searching(first.filter.tenantId, signal, through), signal);
    },
  });

  const index: OpenSearchMemoryIndex = {
    ensureTenant: aliases.ensure,
    async requireModel(tenantId, signal) {
      const places = await placements.of([tenantId], signal);
      await liveOf(places.flatMap(writtenPools), signal);
    },
    async write(documents, signal) {
      if (documents.length === 0) return [];
      const byTenant = Map.groupBy(documents, (each) => each.tenantId);
      const places = await placements.of([...byTenant.keys()], signal);
      const live = await liveOf(new Set(places.flatMap(writtenPools)), signal);
      for (const { tenantId, pool } of places) await aliases.remember(tenantId, live.get(pool) ?? [], signal);
      const writes = [...live].flatMap(([name, all]) => {
        const theirs = places.filter((place) => writtenPools(place).includes(name));
        const written = theirs.flatMap(({ tenantId }) => byTenant.get(tenantId) ?? []);
        return all
          .filter((each) => fits(each, model))
          .map((each) => writeDocuments(client, generations.ofPool(name), each, written, {}, signal));
      });
      const failures = await Promise.all(writes);
      for (const name of live.keys()) touched.add(name);
      return distinct(failures.flat());
    },
    async writeTo(generation, documents, signal) {
      const pool = generations.ofPool(generation.pool);
      const failures = await writeDocuments(client, pool, generation, documents, { isCopy: true }, signal);
      touched.add(generation.pool);
      return failures;
    },
    refresh: (signal) => unlessAborted(refreshTouched(), signal),
    async remove(tenantId, removals, signal) {
      if (removals.length === 0) return;
      const [place] = await placements.of([tenantId], signal);
      const all = await generations.listAll(place ? everyPool(place) : [], signal);
      const failures = await removeMemories(client, all, tenantId, removals, signal);
      const left = failures.filter((each) => each.type !== "index_not_found_exception");
      if (left.length > 0) throw unavailable(503, left[0]?.type ?? "unknown");
      for (const { pool } of all) touched.add(pool);
    },
    ...searchesThrough(model),
    through: (other) => ({ ...index, ...searchesThrough(other) }),
    async count(scope, signal) {
      const all = await generations.listAll(await placements.pools(signal), signal);
      return Promise.all(
        all.map(async (each) => ({
          pool: each.pool,
          generation: each.generation,
          documents: await countDocuments(client, each, scope, signal),
        })),
      );
    },
    countIn: (generation, scope, signal) => countDocuments(client, generation, scope, signal),
    async health(signal) {
      // Of the index alone: what is known without the record is the default pool.
      const pools = await placements.pools(signal).catch(() => [generations.pool]);
      return readHealth(client, await generations.listAll(pools, signal), signal);
    },
  };
  return index;
}

/** Where a tenant's documents are written. */
function writtenPools({ pool, movingTo }: Placement): string[] {
  return movingTo === undefined ? [pool] : [pool, movingTo];
}

/** Where a tenant's documents may be. */
function everyPool(place: Placement): string[] {
  return [...writtenPools(place), ...(place.leaving === undefined ? [] : [place.leaving])];
}
