import { normalizeStatement } from "../memory/normalize.ts";
import { wordingOf } from "../memory/wording.ts";
import type { Neighbour } from "../search/memory-index.ts";
import { dot } from "../search/vector.ts";
import type { Decision, ExactMatch, MemoryContent } from "./ingest-store.ts";

/** Two statements this close in meaning are one if their wording agrees as well. */
export const NEAR_DUPLICATE_COSINE = 0.95;

/** A new statement with everything that is known about what it may repeat. */
export interface Proposal {
  readonly messageId: string;
  readonly content: MemoryContent;
  /** Given as a finished statement, to be stored as it is: only the very same one repeats it. */
  readonly verbatim: boolean;
  /** The same statement in the record, or its tombstone. */
  readonly exact: ExactMatch | undefined;
  readonly neighbours: readonly KnownNeighbour[];
}

export interface KnownNeighbour extends Neighbour {
  readonly text: string;
}

type Added = Extract<Decision, { outcome: "add" }>;

/**
 * Decides about new statements, oldest first. Exact duplicates add their source to what is known, near ones
 * too where the statement was read out of a conversation; what was deleted once is dropped, and everything
 * else is new.
 */
export function reconcile(proposals: readonly Proposal[]): readonly Decision[] {
  const decisions: Decision[] = [];
  /** What this batch adds, by normalised text. */
  const added = new Map<string, Added>();
  for (const proposal of proposals) {
    const decision = decide(proposal, added);
    decisions.push(decision);
    if (decision.outcome === "add") added.set(normalizeStatement(proposal.content.statement.text), decision);
  }
  return decisions;
}

function decide(proposal: Proposal, added: ReadonlyMap<string, Added>): Decision {
  const { messageId, content, exact } = proposal;
  if (exact?.type === "tombstone") return { outcome: "drop", messageId };
  const source = content.statement.sources[0];
  if (!source) throw new Error("a statement without a source");
  if (exact?.type === "memory") return { outcome: "noop", messageId, memoryId: exact.memoryId, source };
  const known = proposal.neighbours.find(
    ({ cosine, text }) => cosine >= NEAR_DUPLICATE_COSINE && saysTheSame(text, content.statement.text),
  );
  if (known) return { outcome: "noop", messageId, memoryId: known.memoryId, source };
  const twin = findTwin(proposal, added);
  if (twin) return { outcome: "merge", messageId, into: twin, source };
  return { outcome: "add", messageId, content };
}

function findTwin({ content, verbatim }: Proposal, added: ReadonlyMap<string, Added>): Added | undefined {
  const { vector, statement } = content;
  const same = added.get(normalizeStatement(statement.text));
  if (same || verbatim) return same;
  return [...added.values()].find(
    ({ content: earlier }) =>
      dot(earlier.vector, vector) >= NEAR_DUPLICATE_COSINE &&
      saysTheSame(earlier.statement.text, statement.text),
  );
}

/**
 * True when two statements differ in nothing that tells. Vectors don't know: "moved from Rome to Paris" and
 * "moved from Paris to Rome" lie as close as two can.
 */
export function saysTheSame(a: string, b: string): boolean {
  return wordingOf(a) === wordingOf(b);
}
