import { forgetElsewhere } from "../claims/forgetting/elsewhere.ts";
import { asksToForget, comparedText } from "../claims/forgetting/request.ts";
import { asSaid } from "../claims/reading.ts";
import { slotsOf } from "../claims/slot-keys.ts";
import { selvesOf, tellerOf } from "../claims/tellers.ts";
import { readTold } from "../claims/told-in.ts";
import { embeddingBy } from "../cost/model-spending.ts";
import { sameWithinMs } from "./another-time.ts";
import { findKnown } from "./find-known.ts";
import { asksForLast } from "./forgetting/forget-asked.ts";
import type { DecidingDeps } from "./ingest-deps.ts";
import type { ExactMatch, MemoryContent, SaidStatement, StreamBatch } from "./ingest-store.ts";
import { nearbyFilter } from "./nearest-known.ts";
import type { KnownCandidate, Proposal } from "./proposal.ts";
import type { ReadStatement, StreamReading } from "./read-stream.ts";

/** A statement with what it claims. */
interface ClaimedStatement {
  readonly batch: StreamBatch;
  readonly read: ReadStatement;
  readonly claims: Pick<Proposal, "reading" | "teller">;
  readonly selves: ReadonlySet<string>;
  readonly language: string;
  readonly asksElsewhere: Proposal["asksElsewhere"];
  /** What is embedded: of a request to forget, what is to be forgotten. */
  readonly text: string;
}

/**
 * Embeds all statements of all readings at once and looks up what they may repeat, say closer or end, in as many
 * queries for a hundred people as for one.
 *
 * @returns one list of proposals a reading, in order.
 */
export async function proposeStatements(
  deps: DecidingDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  signal: AbortSignal | undefined,
): Promise<Proposal[][]> {
  const all = readings.flatMap(claimedStatements);
  if (all.length === 0) return readings.map(() => []);
  const said = all.map(saidStatement);
  const shares = all.map(({ batch: { projectId }, read: { message }, text }) => {
    return { projectId, apiKeyId: message.apiKeyId, text };
  });
  const [vectors, exact] = await Promise.all([
    deps.embedder.embed(
      all.map(({ text }) => text),
      {
        purpose: "document",
        onTokens: embeddingBy(deps.spending, { tenantId, model: deps.embedder.model, shares }),
        ...(signal && { signal }),
      },
    ),
    deps.store.findExact(tenantId, said, signal),
  ]);
  const embedded = all.map((one, i) => ({ ...one, vector: vectors[i] as Float32Array, exact: exact[i] }));
  const unknown = embedded.filter(mayChange);
  const known = await findKnown(
    deps,
    tenantId,
    unknown.map((one) => soughtOf(tenantId, one)),
    signal,
  );
  const knownOf = new Map(unknown.map((one, i) => [one, known[i] ?? []]));
  const proposals = new Map(readings.map(({ batch }): [StreamBatch, Proposal[]] => [batch, []]));
  for (const one of embedded) proposals.get(one.batch)?.push(toProposal(one, knownOf.get(one) ?? []));
  return [...proposals.values()];
}

interface FoundStatement {
  readonly batch: StreamBatch;
  readonly read: ReadStatement;
  readonly exact: ExactMatch | undefined;
}

/**
 * True of what has to be compared with what is known: it is new, or repeats what an earlier statement of its batch may end
 * before. Finished statements are compared by their words alone.
 */
function mayChange(one: FoundStatement, place: number, all: readonly FoundStatement[]): boolean {
  const isNew = ({ read, exact }: FoundStatement) => !exact && !read.message.draft;
  if (one.read.message.draft) return false;
  return isNew(one) || all.slice(0, place).some((before) => before.batch === one.batch && isNew(before));
}

function claimedStatements({ batch, participants, statements, language }: StreamReading): ClaimedStatement[] {
  // A scope of several people is nobody's own: all are called by their names.
  const selves = selvesOf(batch.subject ? (participants ?? batch.participants) : []);
  return statements.map((read) => {
    const { statement, features, message } = read;
    const told = readTold(statement.text, selves, language);
    const span = spanOf(read);
    const reading = asSaid(told, span);
    const teller = tellerOf(features.speaker, message.turn.role, selves);
    const asksElsewhere = told.unread === undefined ? undefined : forgetElsewhere(span, told.unread);
    const about = asksElsewhere && "about" in asksElsewhere ? asksElsewhere.about : statement.embeddingText;
    const text = told.unread === undefined ? comparedText(statement) : about;
    return { batch, read, claims: { reading, teller }, selves, language, asksElsewhere, text };
  });
}

function saidStatement({ batch: { streamId }, read, claims: { reading } }: ClaimedStatement): SaidStatement {
  const { statement, lasting, message } = read;
  const { audience, turn, draft: given } = message;
  const withinMs = given ? undefined : sameWithinMs(statement.kind, reading);
  return {
    streamId,
    audience,
    text: statement.text,
    saidAt: turn.sentAt,
    lasting,
    given,
    withinMs,
  };
}

/** What of the message says it. */
function spanOf({ statement: { sources }, message: { turn } }: ReadStatement): string {
  const [source] = sources;
  return source ? turn.text.slice(source.start, source.end) : "";
}

function soughtOf(
  tenantId: string,
  {
    batch,
    read,
    claims,
    asksElsewhere,
    selves,
    language,
    vector,
  }: ClaimedStatement & { vector: Float32Array },
) {
  const { streamId, audience } = batch;
  const filter = nearbyFilter(tenantId, batch);
  const asks = asksForLast(read.statement.text, claims.reading, asksElsewhere);
  return {
    streamId,
    audience,
    filter,
    vector,
    slots: slotsOf(claims.reading),
    withEnded: asksElsewhere !== undefined || asksToForget(read.statement.text),
    asksForLast: asks ? read.message.turn.messageId : undefined,
    selves,
    language,
  };
}

function toProposal(
  {
    read,
    claims,
    asksElsewhere,
    vector,
    exact,
  }: ClaimedStatement & { readonly vector: Float32Array; readonly exact: ExactMatch | undefined },
  known: readonly KnownCandidate[],
): Proposal {
  const { statement, message, features, lasting, reviewAt } = read;
  const content: MemoryContent = {
    statement,
    vector,
    metadata: { ...message.metadata, ...message.draft?.metadata },
    expiresAt: lasting.expiresAt,
    isExpiryGiven: lasting.isExpiryGiven,
    reviewAt,
    features: { ...features, role: message.turn.role, saidAt: message.turn.sentAt },
    slots: slotsOf(claims.reading),
  };
  return {
    ...claims,
    messageId: message.turn.messageId,
    audience: message.audience,
    content,
    given: message.draft,
    atLeast: lasting.atLeast,
    exact,
    known,
    asksElsewhere,
  };
}
