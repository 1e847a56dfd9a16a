import { normalizeStatement } from "../memory/normalize.ts";
import { wordingOf } from "../memory/wording.ts";
import { dot } from "../search/vector.ts";
import { isAnotherTime } from "./another-time.ts";
import { BatchSoFar } from "./batch-so-far.ts";
import { forgetAsked } from "./forgetting/forget-asked.ts";
import type { AddedDecision, Decision, MemoryContent } from "./ingest-store.ts";
import { lastsAsLong } from "./lasting.ts";
import {
  confirmed,
  type InBatch,
  type KnownCandidate,
  type ModelVerdict,
  type ModelVerdicts,
  type Proposal,
  saidThen,
  wantedOf,
} from "./proposal.ts";
import { decisionOf } from "./reconcile-by-model.ts";
import { related } from "./reconcile-by-rules.ts";

/** Two statements this close in meaning are one if their wording agrees as well. */
export const NEAR_DUPLICATE_COSINE = 0.95;

/**
 * Decides about new statements, oldest first. What was deleted once is dropped, what is asked to be forgotten is
 * deleted, what says the same as something known adds its source to it, what says more updates it, what says that
 * it is no longer so supersedes it, and everything else is new. A finished statement is compared word for word only.
 */
export function reconcile(
  proposals: readonly Proposal[],
  verdicts: ModelVerdicts = new Map(),
): readonly Decision[] {
  const soFar = new BatchSoFar();
  for (const looked of proposals) {
    const proposal = soFar.seenBy(looked);
    const asked = verdicts.get(looked);
    const verdict = asked && soFar.seenByModel(asked, proposal);
    const made = soFar.possible(proposal.messageId, decide(proposal, soFar, verdict));
    soFar.take(proposal, made, verdict);
  }
  return soFar.decided.flatMap(({ made }) => made);
}

function decide(proposal: Proposal, soFar: BatchSoFar, verdict: ModelVerdict | undefined): Decision[] {
  const { messageId, content, exact, given } = proposal;
  if (exact?.type === "tombstone") return [{ outcome: "drop", messageId }];
  const source = content.statement.sources[0];
  if (!source) throw new Error("a statement without a source");
  if (exact?.type === "memory") return [confirmed(proposal, exact.memoryId, "same_words")];
  const twin = findTwin(proposal, soFar);
  if (twin) return [{ outcome: "merge", messageId, into: twin, source }];
  if (given) return [{ outcome: "add", messageId, content, rule: "given" }];
  const then = asOfThen(proposal);
  const holding = soFar.standing.filter((one) => holdsThen(one, undefined, content));
  const judged = verdict && decisionOf(verdict, proposal);
  if (judged && verdict.outcome === "forget") return forgottenHere(judged, proposal, soFar);
  if (judged) return withinBatch(judged, then, holding);
  const forgotten = forgetAsked(proposal, soFar.added, soFar.decided);
  if (forgotten) return forgotten;
  const repeated = then.known.find((known) => isNearDuplicate(known, then));
  if (repeated) return [confirmed(then, repeated.memoryId, "near_duplicate")];
  return related(then, holding);
}

/** What a model decided, who saw what is known, with what the rules say of what the same batch adds. */
function withinBatch(judged: Decision[], then: Proposal, batch: readonly InBatch[]): Decision[] {
  const [decision] = judged;
  if (decision?.outcome !== "add" && decision?.outcome !== "supersede") return judged;
  const [here] = related({ ...then, known: [] }, batch);
  const joins = here?.outcome === "merge" || here?.outcome === "reword";
  if (joins && decision.outcome === "add") return [here];
  if (here?.outcome !== "supersede") return judged;
  const ended = [...(decision.outcome === "supersede" ? decision.ended : []), ...here.ended];
  return [{ ...decision, outcome: "supersede", ended }];
}

/** What a model deletes of what is known, with what the rules find among what the same batch tells, or was told last. */
function forgottenHere(judged: Decision[], proposal: Proposal, soFar: BatchSoFar): Decision[] {
  const deleted = judged.filter(({ outcome }) => outcome !== "drop");
  const last = deleted.length > 0 ? [] : proposal.known.filter(({ isLast }) => isLast);
  const here = forgetAsked({ ...proposal, known: last }, soFar.added, soFar.decided) ?? [];
  const all = [...deleted, ...here.filter(({ outcome }) => outcome !== "drop")];
  return all.length > 0 ? all : judged;
}

/** True where nobody has to be asked: known word for word, deleted, or given to be stored as it is. */
export function isSettled(proposal: Proposal): boolean {
  const { exact, given } = proposal;
  return (
    exact !== undefined ||
    given !== undefined ||
    proposal.known.some((one) => !one.isOver && isNearDuplicate(one, proposal))
  );
}

/** With what is known to hold when it is said. */
function asOfThen(proposal: Proposal): Proposal {
  const { saidAt } = proposal.content.features;
  const known = proposal.known.filter(({ isOver, validTo }) => !isOver && (!validTo || validTo > saidAt));
  return { ...proposal, known };
}

function isNearDuplicate(known: KnownCandidate, proposal: Proposal): boolean {
  const { cosine, text } = known;
  const { content, reading } = proposal;
  if (isAnotherTime(saidThen(proposal), known)) return false;
  // Of a language that the embedder may not know, a mark more moves a vector far.
  const isClose = reading.unread !== undefined || (cosine !== undefined && cosine >= NEAR_DUPLICATE_COSINE);
  return isClose && lastsAsLong(known, wantedOf(proposal)) && saysTheSame(text, content.statement.text);
}

function findTwin(proposal: Proposal, soFar: BatchSoFar): AddedDecision | undefined {
  const { audience, content, given } = proposal;
  const { vector, statement, expiresAt, features } = content;
  const normalized = normalizeStatement(statement.text);
  const mayTakeIn = (one: InBatch) =>
    one.audience === audience &&
    lastsAsLong(one.content, { expiresAt, atLeast: expiresAt }) &&
    (given !== undefined || !isAnotherTime(saidThen(proposal), saidThen(one))) &&
    holdsThen(one, given, content);
  const was = soFar.soAt(features.saidAt).filter(mayTakeIn);
  const same = was.find((one) => one.normalized === normalized);
  if (same || given) return same?.decision;
  return soFar.standing
    .filter(mayTakeIn)
    .find(
      (one) =>
        dot(one.content.vector, vector) >= NEAR_DUPLICATE_COSINE &&
        saysTheSame(one.content.statement.text, statement.text),
    )?.decision;
}

/** True where what is known holds when the statement is said, and a finished one since and until the same times. */
function holdsThen(
  { content: known }: InBatch,
  given: Proposal["given"],
  { features }: MemoryContent,
): boolean {
  const { from, to } = known.statement.valid;
  if (!given) return to === undefined || to > features.saidAt;
  return (
    isSameTime(to, given.validTo) && (given.validFrom === undefined || isSameTime(from, given.validFrom))
  );
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
