import { normalizeStatement } from "../memory/normalize.ts";
import { wordingOf } from "../memory/wording.ts";
import { dot } from "../search/vector.ts";
import { isAnotherTime } from "./another-time.ts";
import { type Decided, forgetAsked } from "./forgetting/forget-asked.ts";
import type { AddedDecision, Decision, MemoryContent } from "./ingest-store.ts";
import {
  confirmed,
  type InBatch,
  type KnownCandidate,
  lastsAsLong,
  type ModelVerdict,
  type ModelVerdicts,
  type Proposal,
  saidThen,
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
  const batch: InBatch[] = [];
  const decided: Decided[] = [];
  for (const proposal of proposals) {
    const made = decide(proposal, batch, decided, verdicts.get(proposal));
    decided.push({ proposal, made });
    for (const decision of made) {
      if (decision.outcome === "add" || decision.outcome === "supersede")
        batch.push(inBatch(proposal, decision));
    }
  }
  return decided.flatMap(({ made }) => made);
}

function inBatch(proposal: Proposal, decision: AddedDecision): InBatch {
  return { proposal, decision, normalized: normalizeStatement(decision.content.statement.text) };
}

function decide(
  proposal: Proposal,
  batch: readonly InBatch[],
  before: readonly Decided[],
  verdict: ModelVerdict | undefined,
): Decision[] {
  const { messageId, content, exact, given } = proposal;
  if (exact?.type === "tombstone") return [{ outcome: "drop", messageId }];
  const source = content.statement.sources[0];
  if (!source) throw new Error("a statement without a source");
  if (exact?.type === "memory") return [confirmed(proposal, exact.memoryId, "same_words")];
  const twin = findTwin(proposal, batch);
  if (twin) return [{ outcome: "merge", messageId, into: twin, source }];
  if (given) return [{ outcome: "add", messageId, content, rule: "given" }];
  const then = asOfThen(proposal);
  const holding = batch.filter((one) => holdsThen(one, undefined, content));
  const judged = verdict && decisionOf(verdict, proposal);
  if (judged && verdict.outcome === "forget") return forgottenHere(judged, then, holding, before);
  if (judged) return withinBatch(judged, then, holding);
  const forgotten = forgetAsked(then, holding, before);
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
  if (here?.outcome === "merge" && decision.outcome === "add") return [here];
  if (here?.outcome !== "supersede") return judged;
  const ended = [...(decision.outcome === "supersede" ? decision.ended : []), ...here.ended];
  return [{ ...decision, outcome: "supersede", ended }];
}

/** What a model deletes of what is known, with what the rules find among what the same batch tells, or was told last. */
function forgottenHere(
  judged: Decision[],
  then: Proposal,
  batch: readonly InBatch[],
  before: readonly Decided[],
): Decision[] {
  const deleted = judged.filter(({ outcome }) => outcome !== "drop");
  const last = deleted.length > 0 ? [] : then.known.filter(({ isLast }) => isLast);
  const here = forgetAsked({ ...then, known: last }, batch, before) ?? [];
  const all = [...deleted, ...here.filter(({ outcome }) => outcome !== "drop")];
  return all.length > 0 ? all : judged;
}

/** True where nobody has to be asked: known word for word, deleted, or given to be stored as it is. */
export function isSettled(proposal: Proposal): boolean {
  const { exact, given } = proposal;
  return (
    exact !== undefined || given !== undefined || proposal.known.some((one) => isNearDuplicate(one, proposal))
  );
}

/** With what is known to hold when it is said. */
function asOfThen(proposal: Proposal): Proposal {
  const { saidAt } = proposal.content.features;
  return { ...proposal, known: proposal.known.filter(({ validTo }) => !validTo || validTo > saidAt) };
}

function isNearDuplicate(known: KnownCandidate, proposal: Proposal): boolean {
  const { cosine, text, expiresAt } = known;
  const { content, atLeast, reading } = proposal;
  if (isAnotherTime(saidThen(proposal), known)) return false;
  // Of a language that the embedder may not know, a mark more moves a vector far.
  const isClose = reading.unread !== undefined || (cosine !== undefined && cosine >= NEAR_DUPLICATE_COSINE);
  return isClose && lastsAsLong(expiresAt, atLeast) && saysTheSame(text, content.statement.text);
}

function findTwin(proposal: Proposal, batch: readonly InBatch[]): AddedDecision | undefined {
  const { audience, content, given } = proposal;
  const { vector, statement, expiresAt } = content;
  const normalized = normalizeStatement(statement.text);
  const lasting = batch.filter(
    (one) =>
      one.proposal.audience === audience &&
      lastsAsLong(one.decision.content.expiresAt, expiresAt) &&
      (given !== undefined || !isAnotherTime(saidThen(proposal), saidThen(one.proposal))),
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
  { decision: { content: known } }: InBatch,
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
