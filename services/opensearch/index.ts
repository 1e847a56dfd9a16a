import type {
  IndexedMemory,
  IndexGeneration,
  MemoryIndex,
  WriteFailure,
} from "@mneme/core/search/memory-index.ts";
import { type BulkItem, bulk } from "./bulk.ts";
import { findCandidates, findNearest } from "./candidates.ts";
import { modelMark } from "./card.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable, unlessAborted } from "./client.ts";
import { type CountScope, countDocuments } from "./count.ts";
import { documentId, documentJson } from "./document.ts";
import { fits, noGeneration, requireFit } from "./fitness.ts";
import { currentOf, type Generations, writeAlias } from "./generation.ts";
import { refresh, removeMemories } from "./remove.ts";
import { shareRefreshes } from "./shared-refresh.ts";
import { ensureTenantAlias } from "./tenant-alias.ts";

export interface MemoryIndexOptions {
  readonly client: IndexClient;
  readonly generations: Generations;
  /** What this process embeds with; generations of another model or mapping are left to the reindex that builds them. */
  readonly model: string;
  /** Deadline of one search, milliseconds. */
  readonly searchTimeoutMs?: number;
  /** Told once, at the first document of a layout that this process can't read, what it is and what to do. */
  readonly onUnreadable?: (message: string) => void;
}

const UNREADABLE = "the index holds memories in another version's layout: rebuild it (docs/operations.md)";

export interface IndexHealth {
  /** Of the indices of this pool. */
  readonly status: "green" | "yellow" | "red";
  readonly generations: readonly IndexGeneration[];
}

export interface GenerationCount {
  readonly generation: number;
  readonly documents: number;
}

/** The port, and what operators and the erasure's verification ask beside it. */
export interface OpenSearchMemoryIndex extends MemoryIndex {
  /** Gives the tenant the alias it is read by. `write` does this itself. */
  ensureTenant(tenantId: string, signal?: AbortSignal): Promise<void>;
  /** Fills one generation, for a reindex. */
  writeTo(
    generation: IndexGeneration,
    documents: readonly IndexedMemory[],
    signal?: AbortSignal,
  ): Promise<readonly WriteFailure[]>;
  /** Searchable documents (every version) in each generation. */
  count(scope: CountScope, signal?: AbortSignal): Promise<readonly GenerationCount[]>;
  health(signal?: AbortSignal): Promise<IndexHealth>;
}

/** @param options `searchTimeoutMs` 2,000 unless told. */
export function createMemoryIndex(options: MemoryIndexOptions): OpenSearchMemoryIndex {
  const { client, generations, model, searchTimeoutMs = 2_000 } = options;
  const mark = modelMark(model);
  const aliased = { of: "", tenants: new Set<string>() };

  const ensureTenant = (tenantId: string, signal?: AbortSignal) => {
    const currentIndex = async () => {
      const current = currentOf(await generations.list(signal));
      if (current === undefined) throw noGeneration(generations.pool);
      return current.index;
    };
    return ensureTenantAlias(client, tenantId, currentIndex, signal);
  };
  const ensureTenants = async (
    live: readonly IndexGeneration[],
    documents: readonly IndexedMemory[],
    signal?: AbortSignal,
  ) => {
    // An alias moves with its tenant, but an engine that lost its data lost the aliases as well.
    const of = live.map((each) => `${each.index} ${each.createdAt.getTime()}`).join();
    if (aliased.of !== of) Object.assign(aliased, { of, tenants: new Set() });
    const { tenants } = aliased;
    for (const tenantId of new Set(documents.map((each) => each.tenantId))) {
      if (tenants.has(tenantId)) continue;
      await ensureTenant(tenantId, signal);
      tenants.add(tenantId);
    }
  };

  const refreshAll = shareRefreshes(async () => {
    const live = await generations.live();
    if (live.length > 0) await refresh(client, live.map((each) => each.index).join());
  });
  let hasTold = false;
  const onUnreadable = () => {
    if (!hasTold) options.onUnreadable?.(UNREADABLE);
    hasTold = true;
  };
  const searching = (signal?: AbortSignal) => ({
    onUnreadable,
    timeoutMs: searchTimeoutMs,
    model: mark,
    hasIndex: async () => currentOf(await generations.live(signal)) !== undefined,
  });

  return {
    ensureTenant,
    async requireModel(signal) {
      requireFit(await generations.live(signal), model, generations.pool);
    },
    async write(documents, signal) {
      if (documents.length === 0) return [];
      const live = await generations.live(signal);
      requireFit(live, model, generations.pool);
      await ensureTenants(live, documents, signal);
      const written = live.filter((each) => fits(each, model));
      const failures = await Promise.all(
        written.map((each) => writeDocuments(client, generations, each, documents, signal)),
      );
      return distinct(failures.flat());
    },
    writeTo: (generation, documents, signal) =>
      writeDocuments(client, generations, generation, documents, signal),
    refresh: (signal) => unlessAborted(refreshAll(), signal),
    async remove(tenantId, memoryIds, signal) {
      if (memoryIds.length === 0) return;
      const all = await generations.list(signal);
      const failures = await removeMemories(client, all, tenantId, [...new Set(memoryIds)], signal);
      const left = failures.filter((each) => each.type !== "index_not_found_exception");
      if (left.length > 0) throw unavailable(503, left[0]?.type ?? "unknown");
    },
    candidates: (query, signal) => findCandidates(client, query, searching(signal), signal),
    nearest: (queries, signal) => findNearest(client, queries, searching(signal), signal),
    async count(scope, signal) {
      const all = await generations.list(signal);
      return Promise.all(
        all.map(async (each) => ({
          generation: each.generation,
          documents: await countDocuments(client, each, scope, signal),
        })),
      );
    },
    async health(signal) {
      const all = await generations.list(signal);
      if (all.length === 0) return { status: "red", generations: [] };
      const indices = all.map((each) => each.index).join(",");
      const answer = await client.send<EngineError & { status?: IndexHealth["status"] }>({
        method: "GET",
        path: `/_cluster/health/${indices}`,
        query: { filter_path: "status" },
        signal,
      });
      if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
      return { status: answer.body.status ?? "red", generations: all };
    },
  };
}

async function writeDocuments(
  client: IndexClient,
  generations: Generations,
  generation: IndexGeneration,
  documents: readonly IndexedMemory[],
  signal?: AbortSignal,
): Promise<WriteFailure[]> {
  const fits = ({ embeddingModel, vector }: IndexedMemory) =>
    embeddingModel === generation.model && vector.length === generation.dimension;
  const misfits = documents.filter((each) => !fits(each));
  const fitting = documents.filter(fits);
  const failures = await bulk(client, writeAlias(generation.index), fitting.map(toItem), signal);
  const retired = failures.some((each) => each.type === "index_not_found_exception");
  if (retired) generations.forget();
  // An index that was retired meanwhile needs nothing; one that is listed and missing is a fault.
  const gone = retired && !(await generations.live(signal)).some((each) => each.index === generation.index);
  const byId = new Map(fitting.map((each) => [idOf(each), each]));
  return [
    ...misfits.map((each) => failure(each, "embedding_model_mismatch", false)),
    ...failures.flatMap(({ item, type, retryable }) => {
      const document = byId.get(item.id);
      return document === undefined || gone ? [] : [failure(document, type, retryable)];
    }),
  ];
}

function toItem(memory: IndexedMemory): BulkItem {
  return {
    action: "index",
    id: idOf(memory),
    routing: memory.tenantId,
    revision: memory.revision,
    json: documentJson(memory),
  };
}

function idOf(memory: IndexedMemory): string {
  return documentId(memory.tenantId, memory.memoryId, memory.version);
}

function failure(memory: IndexedMemory, type: string, retryable: boolean): WriteFailure {
  return { memoryId: memory.memoryId, version: memory.version, type, retryable };
}

/** One failure a document, whatever number of generations refused it; a permanent one says most. */
function distinct(failures: readonly WriteFailure[]): WriteFailure[] {
  const byId = new Map<string, WriteFailure>();
  for (const each of failures) {
    const id = `${each.memoryId}:${each.version}`;
    if (byId.get(id)?.retryable !== false) byId.set(id, each);
  }
  return [...byId.values()];
}
