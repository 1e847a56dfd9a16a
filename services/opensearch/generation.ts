import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration, IndexGenerations, NewGeneration } from "@mneme/core/search/memory-index.ts";
import { isOwnPool, PLACES_CACHE_MS } from "@mneme/core/tenancy/placement.ts";
import {
  type EngineError,
  engineErrorType,
  type IndexClient,
  pause,
  unavailable,
  unlessAborted,
} from "./client.ts";
import { INDEX_PREFIX, SCHEMA_VERSION, vectorMapping } from "./template.ts";
import { hasTenantAliases, moveTenantAliases } from "./tenant-alias.ts";

/**
 * Where the list of generations lives: in the indices themselves. An index that exists is a live
 * generation, and `_meta` of its mapping says which. One place, changed in one step by the engine's
 * cluster manager, seen by every process.
 */
interface GenerationMeta {
  readonly pool: string;
  readonly generation: number;
  readonly model: string;
  readonly dimension: number;
  readonly state: IndexGeneration["state"];
  readonly schema: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface GenerationsOptions {
  readonly client: IndexClient;
  /** Lower-case letters and digits; tenants of a pool share its indices. */
  readonly pool?: string;
  /** How old a writer's list of generations may be, milliseconds. Must be the same in every process. */
  readonly cacheMs?: number;
}

/** The generations of one pool. */
export interface Generations extends IndexGenerations {
  ofPool(pool: string): Generations;
  /** Those of several pools, by one question. */
  listAll(pools: readonly string[], signal?: AbortSignal): Promise<readonly IndexGeneration[]>;
  /** As `list`, at most `cacheMs` old: for every write. */
  live(signal?: AbortSignal): Promise<readonly IndexGeneration[]>;
  /** Drops what `live` remembers. */
  forget(): void;
}

export function createGenerations(options: GenerationsOptions): Generations {
  const { client, pool = "shared", cacheMs = PLACES_CACHE_MS } = options;
  const known = new Map<string, Generations>();
  const ofPool = (name: string): Generations => {
    const found = known.get(name) ?? generationsOf({ client, pool: name, cacheMs }, ofPool);
    known.set(name, found);
    return found;
  };
  return ofPool(pool);
}

function generationsOf(
  { client, pool, cacheMs }: Required<GenerationsOptions>,
  ofPool: (pool: string) => Generations,
): Generations {
  if (!/^[a-z0-9]{1,40}$/.test(pool)) throw new Error("a pool's name has lower-case letters and digits only");
  let cached: { readonly until: number; readonly list: Promise<readonly IndexGeneration[]> } | undefined;

  const list = (signal?: AbortSignal) => listGenerations(client, [pool], signal);
  const live = (signal?: AbortSignal) => {
    if (cached === undefined || cached.until < performance.now()) {
      // Timed from before the question: an answer is never older than it claims.
      const entry = { until: performance.now() + cacheMs, list: list() };
      cached = entry;
      entry.list.catch(() => {
        if (cached === entry) cached = undefined;
      });
    }
    return unlessAborted(cached.list, signal);
  };
  const forget = () => {
    cached = undefined;
  };
  const one = async (generation: number, signal?: AbortSignal) => {
    const found = (await list(signal)).find((each) => each.generation === generation);
    if (found === undefined) throw missing(pool, generation);
    return found;
  };

  return {
    pool,
    ofPool,
    list,
    listAll: (pools, signal) => listGenerations(client, pools, signal),
    live,
    forget,
    async ensure(wanted, signal) {
      const current = (await list(signal)).find((each) => each.state === "current");
      if (current !== undefined) return current;
      await createIndex(client, { ...meta(pool, 1, wanted), state: "current" }, signal);
      forget();
      return one(1, signal);
    },
    async build(wanted, signal) {
      const generation = Math.max(0, ...(await list(signal)).map((each) => each.generation)) + 1;
      const created = await createIndex(client, meta(pool, generation, wanted), signal);
      if (!created) {
        throw new MnemeError("aborted", "DEPENDENCY_UNAVAILABLE", "another build took this generation", {
          metadata: { generation: String(generation) },
        });
      }
      forget();
      // From then on every writer's list is younger than the index: whatever a writer commits to the record
      // it also sends here, and whatever it committed before, the copy will find in the record. Twice the
      // age that a list may have, for timers and processes that are late.
      await pause(2 * cacheMs, signal);
      return one(generation, signal);
    },
    async announce(generation, signal) {
      const filled = await one(generation, signal);
      if (filled.state === "building") await setState(client, filled, "next", signal);
      forget();
      // As in `build`: from then on every writer knows, and what it wrote before is committed to the record.
      await pause(2 * cacheMs, signal);
    },
    async promote(generation, signal) {
      const next = await one(generation, signal);
      await refreshIndex(client, next.index, signal);
      await setState(client, next, "current", signal);
      for (const other of await list(signal)) {
        if (other.generation !== generation && other.state === "current") {
          await setState(client, other, "retiring", signal);
        }
      }
      forget();
      await moveAllAliases(client, next, () => list(signal), cacheMs, signal);
    },
    async retire(wanted, signal) {
      const generation = typeof wanted === "number" ? wanted : wanted.generation;
      const doomed = await one(generation, signal);
      if (typeof wanted !== "number" && wanted.createdAt.getTime() !== doomed.createdAt.getTime()) {
        throw missing(pool, generation);
      }
      if (doomed.state === "current" || (await keepsTenants(client, doomed, await list(signal), signal))) {
        throw new MnemeError("failed_precondition", "FIELD_INVALID", "this generation is still read", {
          metadata: { generation: String(generation) },
        });
      }
      const answer = await client.send<EngineError>({ method: "DELETE", path: `/${doomed.index}`, signal });
      forget();
      if (answer.status !== 200 && answer.status !== 404) {
        throw unavailable(answer.status, engineErrorType(answer.body));
      }
    },
  };
}

/** The generation that reads go to: the newest that is current, for a moment of a swap has two. */
export function currentOf(generations: readonly IndexGeneration[]): IndexGeneration | undefined {
  return generations.findLast((each) => each.state === "current");
}

/** The alias that writes name: with `require_alias`, a write can never create an index that was retired. */
export function writeAlias(index: string): string {
  return `${index}-write`;
}

function meta(pool: string, generation: number, wanted: NewGeneration): GenerationMeta {
  const { model, dimension } = wanted;
  const createdAt = new Date().toISOString();
  return { pool, generation, model, dimension, state: "building", schema: SCHEMA_VERSION, createdAt };
}

async function listGenerations(client: IndexClient, pools: readonly string[], signal?: AbortSignal) {
  // The names of many pools would not fit into a path.
  const asked = pools.length === 1 ? pools[0] : "*";
  const answer = await client.send<Record<string, { mappings?: { _meta?: GenerationMeta } }>>({
    method: "GET",
    path: `/${INDEX_PREFIX}-${asked}-g*/_mapping`,
    query: { filter_path: "*.mappings._meta", expand_wildcards: "open", allow_no_indices: true },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body as EngineError));
  return Object.entries(answer.body)
    .flatMap(([index, { mappings }]) => (mappings?._meta ? [toGeneration(index, mappings._meta)] : []))
    .filter(({ pool }) => pools.includes(pool))
    .sort((a, b) => a.generation - b.generation);
}

function toGeneration(index: string, stored: GenerationMeta): IndexGeneration {
  const { pool, generation, model, dimension, state, schema, createdAt } = stored;
  return { index, pool, generation, model, dimension, state, schema, createdAt: new Date(createdAt) };
}

/** @returns false where the index already exists. */
async function createIndex(client: IndexClient, stored: GenerationMeta, signal?: AbortSignal) {
  const index = `${INDEX_PREFIX}-${stored.pool}-g${stored.generation}`;
  const answer = await client.send<EngineError>({
    method: "PUT",
    path: `/${index}`,
    // The first copies of all shards, not only the metadata: the next call may already write.
    query: { wait_for_active_shards: "1", timeout: "30s" },
    timeoutMs: 40_000,
    body: {
      aliases: { [writeAlias(index)]: {} },
      // All of it would be routed to one shard of several.
      ...(isOwnPool(stored.pool) && { settings: { index: { number_of_shards: 1 } } }),
      mappings: { _meta: stored, properties: { vector: vectorMapping(stored.dimension) } },
    },
    signal,
  });
  if (answer.status === 200) return true;
  const type = engineErrorType(answer.body);
  if (type === "resource_already_exists_exception") return false;
  throw unavailable(answer.status, type);
}

async function setState(
  client: IndexClient,
  generation: IndexGeneration,
  state: IndexGeneration["state"],
  signal?: AbortSignal,
) {
  const { index, createdAt, ...rest } = generation;
  const answer = await client.send<EngineError>({
    method: "PUT",
    path: `/${index}/_mapping`,
    body: { _meta: { ...rest, state, createdAt: createdAt.toISOString() } satisfies GenerationMeta },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}

async function refreshIndex(client: IndexClient, index: string, signal?: AbortSignal) {
  const answer = await client.send<EngineError>({ method: "POST", path: `/${index}/_refresh`, signal });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}

/** A tenant that is new just now may still get the older index: look again once nobody can believe in it. */
async function moveAllAliases(
  client: IndexClient,
  next: IndexGeneration,
  list: () => Promise<readonly IndexGeneration[]>,
  cacheMs: number,
  signal?: AbortSignal,
) {
  for (const wait of [0, 2 * cacheMs]) {
    await pause(wait, signal);
    for (const other of await list()) {
      if (other.generation !== next.generation)
        await moveTenantAliases(client, other.index, next.index, signal);
    }
  }
}

/** Whether tenants are left that cannot be moved: a slow writer may have aliased a new one since the swap. */
async function keepsTenants(
  client: IndexClient,
  doomed: IndexGeneration,
  all: readonly IndexGeneration[],
  signal?: AbortSignal,
): Promise<boolean> {
  const current = currentOf(all);
  if (current !== undefined) await moveTenantAliases(client, doomed.index, current.index, signal);
  return hasTenantAliases(client, doomed.index, signal);
}

function missing(pool: string, generation: number): MnemeError {
  return new MnemeError("not_found", "DEPENDENCY_UNAVAILABLE", "the index has no such generation", {
    metadata: { pool, generation: String(generation) },
  });
}
