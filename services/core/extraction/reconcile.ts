import { normalizeStatement } from "../memory/normalize.ts";
import { wordingOf } from "../memory/wording.ts";
import type { Neighbour } from "../search/memory-index.ts";
import { dot } from "../search/vector.ts";
import type { Decision, ExactMatch, KnownStatement, MemoryContent, SaidStatement } from "./ingest-store.ts";

/** Two statements this close in meaning are one if their wording agrees as well. */
export const NEAR_DUPLICATE_COSINE = 0.95;

/** A new statement with everything that is known about what it may repeat. */
export interface Proposal {
  readonly messageId: string;
  readonly audience: string;
  readonly content: MemoryContent;
  /** Of a finished statement, to be stored as it is: only the very same one, for the same time, repeats it. */
  readonly given: SaidStatement["given"];
  readonly atLeast: SaidStatement["atLeast"];
  /** The same statement in the record, or its tombstone. */
  readonly exact: ExactMatch | undefined;
  readonly neighbours: readonly KnownNeighbour[];
}

export interface KnownNeighbour extends Neighbour, KnownStatement {}

type Added = Extract<Decision, { outcome: "add" }>;

/**
 * Decides about new statements, oldest first. Exact duplicates add their source to what is known, near ones
 * too where the statement was read out of a conversation; what was deleted once is dropped, and everything
 * else is new.
 */
export function reconcile(proposals: readonly Proposal[]): readonly Decision[] {
  const decisions: Decision[] = [];
  const added: AddedHere[] = [];
  for (const proposal of proposals) {
    const decision = decide(proposal, added);
    decisions.push(decision);
    if (decision.outcome === "add") {
      const normalized = normalizeStatement(decision.content.statement.text);
      added.push({ decision, audience: proposal.audience, normalized });
    }
  }
  return decisions;
}

/** What this batch adds. */
interface AddedHere {
  readonly audience: string;
  readonly decision: Added;
  readonly normalized: string;
}

function decide(proposal: Proposal, added: readonly AddedHere[]): Decision {
  const { messageId, content, exact, atLeast } = proposal;
  const { expiresAt } = content;
  if (exact?.type === "tombstone") return { outcome: "drop", messageId };
  const source = content.statement.sources[0];
  if (!source) throw new Error("a statement without a source");
  if (exact?.type === "memory")
    return { outcome: "noop", messageId, memoryId: exact.memoryId, source, expiresAt };
  const known = proposal.neighbours.find(
    (one) =>
      one.cosine >= NEAR_DUPLICATE_COSINE &&
      lastsAsLong(one.expiresAt, atLeast) &&
      saysTheSame(one.text, content.statement.text),
  );
  if (known) return { outcome: "noop", messageId, memoryId: known.memoryId, source, expiresAt };
  const twin = findTwin(proposal, added);
  if (twin) return { outcome: "merge", messageId, into: twin, source };
  return { outcome: "add", messageId, content };
}

function findTwin({ audience, content, given }: Proposal, added: readonly AddedHere[]): Added | undefined {
  const { vector, statement, expiresAt } = content;
  const normalized = normalizeStatement(statement.text);
  const lasting = added.filter(
    (one) => one.audience === audience && lastsAsLong(one.decision.content.expiresAt, expiresAt),
  );
  const same = lasting.find((one) => one.normalized === normalized && holdsThen(one, given, content));
  if (same || given) return same?.decision;
  return lasting.find(
    (one) =>
      dot(one.decision.content.vector, vector) >= NEAR_DUPLICATE_COSINE &&
      holdsThen(one, given, content) &&
      saysTheSame(one.decision.content.statement.text, statement.text),
  )?.decision;
}

/** True where what is known holds when the statement is said, and a finished one since and until the same times. */
function holdsThen(
  { decision: { content: known } }: AddedHere,
  given: Proposal["given"],
  { features }: MemoryContent,
): boolean {
  const { from, to } = known.statement.valid;
  if (!given) return to === undefined || to > features.saidAt;
  return (
    isSameTime(to, given.validTo) && (given.validFrom === undefined || isSameTime(from, given.validFrom))
  );
}

/** What expires before a new statement would is no place for its source: both would be gone. */
function lastsAsLong(known: Date | undefined, wanted: Date | undefined): boolean {
  return known === undefined || (wanted !== undefined && known >= wanted);
}

function isSameTime(a: Date | undefined, b: Date | undefined): boolean {
  return a?.getTime() === b?.getTime();
}

/**
 * True when two statements differ in nothing that tells. Vectors don't know: "moved from Rome to Paris" and
 * "moved from Paris to Rome" lie as close as two can.
 */
export function saysTheSame(a: string, b: string): boolean {
  return wordingOf(a) === wordingOf(b);
}
