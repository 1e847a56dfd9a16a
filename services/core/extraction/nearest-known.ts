import { MnemeError } from "../errors.ts";
import type { IndexFilter, Neighbour } from "../search/memory-index.ts";
import type { KnownMemory } from "./extractor.ts";
import type { IngestDeps } from "./ingest.ts";
import type { StreamBatch } from "./ingest-store.ts";
import type { KnownNeighbour } from "./reconcile.ts";

/** Known memories that an extractor reads at most. */
const MOST_KNOWN = 10;
/** Farther ones tell a model nothing about what is being said. */
const LEAST_COSINE = 0.4;

/** What is known that lies nearest to new turns, nearest first, each once. */
export async function findNearestKnown(
  deps: IngestDeps,
  tenantId: string,
  { streamId, projectId, subject }: StreamBatch,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<KnownMemory[]> {
  const vectors = await deps.embedder.embed(texts, { purpose: "document", ...(signal && { signal }) });
  const filter = { tenantId, projectId, subjectId: subject?.id, subjectEpoch: subject?.epoch };
  const query = { tenantId, streamId, filter, vectors, k: 5, least: LEAST_COSINE };
  const found = await nearestTexts(deps, query, signal);
  const once = new Map(found.flat().map((one) => [one.memoryId, one]));
  return [...once.values()].sort((a, b) => b.cosine - a.cosine).slice(0, MOST_KNOWN);
}

interface NearestTexts {
  readonly tenantId: string;
  readonly streamId: string;
  readonly filter: IndexFilter;
  readonly vectors: readonly Float32Array[];
  /** Neighbours a vector. */
  readonly k: number;
  /** Farther ones, by cosine, are left out. */
  readonly least: number;
}

/**
 * The nearest memories of a stream with their texts, one list a vector. Without the index there are none:
 * an add does not wait for what only improves it.
 */
export async function nearestTexts(
  { index, store }: Pick<IngestDeps, "index" | "store">,
  { tenantId, streamId, filter, vectors, k, least }: NearestTexts,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly KnownNeighbour[])[]> {
  let all: readonly (readonly Neighbour[])[];
  try {
    all = await index.nearest({ filter, vectors, k }, signal);
  } catch (error) {
    if (error instanceof MnemeError && error.reason === "DEPENDENCY_UNAVAILABLE") return [];
    throw error;
  }
  const found = all.map((list) => list.filter(({ cosine }) => cosine >= least));
  const ids = [...new Set(found.flat().map(({ memoryId }) => memoryId))];
  if (ids.length === 0) return [];
  const texts = await store.texts(tenantId, streamId, ids, signal);
  return found.map((list) =>
    list.flatMap((one) => {
      const text = texts.get(one.memoryId);
      return text === undefined ? [] : [{ ...one, text }];
    }),
  );
}
