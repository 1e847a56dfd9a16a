import { embeddingBy } from "../cost/model-spending.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { ExactMatch, MemoryContent } from "./ingest-store.ts";
import { nearbyFilter, nearestStatements } from "./nearest-known.ts";
import type { ReadStatement, StreamReading } from "./read-stream.ts";
import { type KnownNeighbour, NEAR_DUPLICATE_COSINE, type Proposal } from "./reconcile.ts";

/** A statement with what it is looked up by. */
interface EmbeddedStatement {
  readonly batch: StreamReading["batch"];
  readonly read: ReadStatement;
  readonly vector: Float32Array;
}

/** Neighbours that a statement is compared with. */
const NEIGHBOURS = 3;

/**
 * Embeds all statements of all readings at once and looks up what they may repeat, in as many queries for a
 * hundred people as for one.
 *
 * @returns one list of proposals a reading, in order.
 */
export async function proposeStatements(
  deps: IngestDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  signal: AbortSignal | undefined,
): Promise<Proposal[][]> {
  const all = readings.flatMap(({ batch, statements }) => statements.map((read) => ({ batch, read })));
  if (all.length === 0) return readings.map(() => []);
  const said = all.map(({ batch: { streamId }, read: { statement, message, lasting } }) => {
    const { audience, turn, draft: given } = message;
    return { streamId, audience, text: statement.text, saidAt: turn.sentAt, atLeast: lasting.atLeast, given };
  });
  const texts = all.map(({ read }) => read.statement.embeddingText);
  const shares = all.map(({ batch: { projectId }, read: { statement, message } }) => ({
    projectId,
    apiKeyId: message.apiKeyId,
    text: statement.embeddingText,
  }));
  const [vectors, exact] = await Promise.all([
    deps.embedder.embed(texts, {
      purpose: "document",
      onTokens: embeddingBy(deps.spending, { tenantId, model: deps.embedder.model, shares }),
      ...(signal && { signal }),
    }),
    deps.store.findExact(tenantId, said, signal),
  ]);
  const embedded = all.map((one, i) => ({ ...one, vector: vectors[i] as Float32Array }));
  const unknown = embedded.filter(({ read }, i) => !exact[i] && !read.message.draft);
  const neighbours = await findNeighbours(deps, tenantId, unknown, signal);
  const nearOf = new Map(unknown.map((one, i) => [one, neighbours[i] ?? []]));
  const proposals = new Map(readings.map(({ batch }): [StreamReading["batch"], Proposal[]] => [batch, []]));
  embedded.forEach((one, i) => {
    proposals.get(one.batch)?.push(toProposal(one, exact[i], nearOf.get(one) ?? []));
  });
  return [...proposals.values()];
}

function findNeighbours(
  deps: IngestDeps,
  tenantId: string,
  embedded: readonly EmbeddedStatement[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly KnownNeighbour[])[]> {
  const queries = embedded.map(({ batch, vector }) => ({
    streamId: batch.streamId,
    audience: batch.audience,
    filter: nearbyFilter(tenantId, batch),
    vector,
    k: NEIGHBOURS,
  }));
  return nearestStatements(deps, tenantId, queries, NEAR_DUPLICATE_COSINE, signal);
}

function toProposal(
  { read, vector }: EmbeddedStatement,
  exact: ExactMatch | undefined,
  neighbours: readonly KnownNeighbour[],
): Proposal {
  const { statement, message, features, lasting } = read;
  const content: MemoryContent = {
    statement,
    vector,
    metadata: { ...message.metadata, ...message.draft?.metadata },
    expiresAt: lasting.expiresAt,
    features: { ...features, role: message.turn.role, saidAt: message.turn.sentAt },
  };
  return {
    messageId: message.turn.messageId,
    audience: message.audience,
    content,
    given: message.draft,
    atLeast: lasting.atLeast,
    exact,
    neighbours,
  };
}
