import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration, IndexGenerations } from "@mneme/core/search/memory-index.ts";
import { PLACES_CACHE_MS } from "@mneme/core/tenancy/placement.ts";
import {
  type EngineError,
  engineErrorType,
  type IndexClient,
  pause,
  unavailable,
  unlessAborted,
} from "./client.ts";
import {
  addVectors,
  createIndex,
  listGenerations,
  meta,
  refreshIndex,
  setState,
} from "./generation-index.ts";
import { hasTenantAliases, moveTenantAliases } from "./tenant-alias.ts";

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
      await createIndex(client, { ...meta(pool, 1, wanted), state: "current" }, wanted.others, signal);
      forget();
      return one(1, signal);
    },
    async offer(others, signal) {
      for (const each of await list(signal)) await addVectors(client, each, others, signal);
      forget();
    },
    async build(wanted, signal) {
      const generation = Math.max(0, ...(await list(signal)).map((each) => each.generation)) + 1;
      const created = await createIndex(client, meta(pool, generation, wanted), wanted.others, signal);
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
