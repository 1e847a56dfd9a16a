import type { IngestDeps } from "./ingest.ts";
import type { ExactMatch, MemoryContent } from "./ingest-store.ts";
import { nearestTexts } from "./nearest-known.ts";
import type { ReadStatement, StreamReading } from "./read-stream.ts";
import { type KnownNeighbour, NEAR_DUPLICATE_COSINE, type Proposal } from "./reconcile.ts";

/**
 * Embeds all statements of all readings at once and looks up what they may repeat.
 *
 * @returns one list of proposals a reading, in order.
 */
export async function proposeStatements(
  deps: IngestDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  signal: AbortSignal | undefined,
): Promise<Proposal[][]> {
  const texts = readings.flatMap(({ statements }) => statements.map((one) => one.statement.embeddingText));
  if (texts.length === 0) return readings.map(() => []);
  const vectors = await deps.embedder.embed(texts, { purpose: "document", ...(signal && { signal }) });
  let next = 0;
  const proposals: Proposal[][] = [];
  for (const reading of readings) {
    const own = vectors.slice(next, next + reading.statements.length);
    next += reading.statements.length;
    proposals.push(await proposeOne(deps, tenantId, reading, own, signal));
  }
  return proposals;
}

async function proposeOne(
  deps: IngestDeps,
  tenantId: string,
  { batch, statements }: StreamReading,
  vectors: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<Proposal[]> {
  if (statements.length === 0) return [];
  const texts = statements.map(({ statement }) => statement.text);
  const exact = await deps.store.findExact(tenantId, batch.streamId, texts, signal);
  const unknown = statements.flatMap((_, i) => (exact.has(texts[i] ?? "") ? [] : [i]));
  const neighbours = await findNeighbours(
    deps,
    tenantId,
    batch,
    unknown.map((i) => vectors[i] as Float32Array),
    signal,
  );
  const nearOf = new Map(unknown.map((i, place) => [i, neighbours[place] ?? []]));
  return statements.map((one, i) =>
    toProposal(one, vectors[i] as Float32Array, exact.get(texts[i] ?? ""), nearOf.get(i) ?? []),
  );
}

function toProposal(
  { statement, message, features, expiresAt }: ReadStatement,
  vector: Float32Array,
  exact: ExactMatch | undefined,
  neighbours: readonly KnownNeighbour[],
): Proposal {
  const content: MemoryContent = {
    statement,
    vector,
    metadata: { ...message.metadata, ...message.draft?.metadata },
    expiresAt,
    features: { ...features, role: message.turn.role, saidAt: message.turn.sentAt },
  };
  return { messageId: message.turn.messageId, content, exact, neighbours };
}

/**
 * Known memories that lie so near that they may say the same. Without the index nothing near is found:
 * a near duplicate more is better than an add that waits for it.
 */
async function findNeighbours(
  deps: IngestDeps,
  tenantId: string,
  { streamId, projectId, subject }: StreamReading["batch"],
  vectors: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly KnownNeighbour[])[]> {
  if (vectors.length === 0) return [];
  const filter = { tenantId, projectId, subjectId: subject?.id, subjectEpoch: subject?.epoch };
  const query = { tenantId, streamId, filter, vectors, k: 3, least: NEAR_DUPLICATE_COSINE };
  return nearestTexts(deps, query, signal);
}
