import { embeddingBy } from "../cost/model-spending.ts";
import { MnemeError } from "../errors.ts";
import type { IndexFilter, NearestQuery, Neighbour } from "../search/memory-index.ts";
import type { KnownMemory } from "./extractor.ts";
import type { DecidingDeps } from "./ingest-deps.ts";
import type { KnownStatement, PendingMessage, StreamBatch } from "./ingest-store.ts";
import { turnShares } from "./turn-shares.ts";

/** Known memories that an extractor reads at most. */
const MOST_KNOWN = 10;
/** Farther ones tell a model nothing about what is being said. */
const LEAST_COSINE = 0.4;

/** What is known that lies nearest to new turns, nearest first, each once. */
export async function findNearestKnown(
  deps: DecidingDeps,
  tenantId: string,
  batch: StreamBatch,
  messages: readonly PendingMessage[],
  signal: AbortSignal | undefined,
): Promise<KnownMemory[]> {
  const { embedder, spending } = deps;
  const shares = turnShares(batch, messages);
  const texts = messages.map(({ turn }) => turn.text);
  const vectors = await embedder.embed(texts, {
    purpose: "document",
    onTokens: embeddingBy(spending, { tenantId, model: embedder.model, shares }),
    ...(signal && { signal }),
  });
  const filter = nearbyFilter(tenantId, batch);
  const { streamId, audience } = batch;
  const queries = vectors.map((vector) => ({ streamId, audience, filter, vector, k: 5 }));
  const found = await nearestStatements(deps, tenantId, queries, LEAST_COSINE, signal);
  // Of a memory that lies near several turns, how near it lies to the nearest.
  const farthestFirst = found.flat().sort((a, b) => a.cosine - b.cosine);
  const once = new Map(farthestFirst.map((one) => [one.memoryId, one]));
  return [...once.values()].sort((a, b) => b.cosine - a.cosine).slice(0, MOST_KNOWN);
}

/** Where a batch's memories lie: with its audience, and there with its person, or with nobody. */
export function nearbyFilter(
  tenantId: string,
  { projectId, subject, audience, pending }: StreamBatch,
): IndexFilter {
  if (subject) return { tenantId, projectId, audience, subjectId: subject.id, subjectEpoch: subject.epoch };
  return { tenantId, projectId, audience, subjectEpoch: 0, sessionId: pending[0]?.ids.sessionId };
}

/** The index is away, or is still that of another model until a reindex has ended. */
const WITHOUT_INDEX: ReadonlySet<string> = new Set([
  "DEPENDENCY_UNAVAILABLE",
  "EMBEDDING_DIMENSION_MISMATCH",
]);

/** Neighbours, a list a query; none without the index: an add does not wait for what only improves it. */
export async function neighboursOf(
  index: DecidingDeps["index"],
  queries: readonly NearestQuery[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly Neighbour[])[]> {
  if (queries.length === 0) return [];
  try {
    return await index.nearest(queries, signal);
  } catch (error) {
    if (error instanceof MnemeError && WITHOUT_INDEX.has(error.reason)) return [];
    throw error;
  }
}

/** A memory near to something, with what it says. */
export interface KnownNeighbour extends Neighbour, KnownStatement {}

/** A search for what one stream's statement to an audience may repeat. */
export interface StreamQuery extends NearestQuery {
  readonly streamId: string;
  readonly audience: string;
}

/**
 * The nearest memories of each query's stream with what they say, one list a query. Without the index there
 * are none; a near duplicate more does no harm.
 *
 * @param least farther ones, by cosine, are left out.
 */
export async function nearestStatements(
  { index, store }: Pick<DecidingDeps, "index" | "store">,
  tenantId: string,
  queries: readonly StreamQuery[],
  least: number,
  signal: AbortSignal | undefined,
): Promise<readonly (readonly KnownNeighbour[])[]> {
  const all = await neighboursOf(index, queries, signal);
  const found = queries.flatMap(({ streamId, audience }, query) =>
    (all[query] ?? [])
      .filter(({ cosine }) => cosine >= least)
      .map((neighbour) => ({ query, neighbour, memoryId: neighbour.memoryId, streamId, audience })),
  );
  if (found.length === 0) return [];
  const statements = await store.statements(tenantId, found, signal);
  const lists: KnownNeighbour[][] = queries.map(() => []);
  found.forEach(({ query, neighbour }, i) => {
    const known = statements[i];
    if (known) lists[query]?.push({ ...neighbour, ...known });
  });
  return lists;
}
