import type { SourceSpan } from "../memory/memory.ts";
import { normalizeStatement } from "../memory/normalize.ts";
import { wordingOf } from "../memory/wording.ts";
import { dot } from "../search/vector.ts";
import { type Reading, SELF } from "./claims/claim.ts";
import { compare } from "./claims/compare.ts";
import { forgetRequest, isAskedFor, shareAskedFor } from "./claims/forget.ts";
import { overtaken } from "./claims/near.ts";
import type {
  AddedDecision,
  Decision,
  Ended,
  ExactMatch,
  KnownStatement,
  MemoryContent,
  SaidStatement,
} from "./ingest-store.ts";
import type { Verdict } from "./reconciler.ts";

/** Two statements this close in meaning are one if their wording agrees as well. */
export const NEAR_DUPLICATE_COSINE = 0.95;

/** A new statement with everything that is known about what it may repeat or end. */
export interface Proposal {
  readonly messageId: string;
  readonly audience: string;
  readonly content: MemoryContent;
  /** Of a finished statement, to be stored as it is: only the very same one, for the same time, repeats it. */
  readonly given: SaidStatement["given"];
  readonly atLeast: SaidStatement["atLeast"];
  /** The same statement in the record, or its tombstone. */
  readonly exact: ExactMatch | undefined;
  readonly known: readonly KnownCandidate[];
  readonly reading: Reading;
  /** As `tellerOf`. */
  readonly teller: string | undefined;
}

/** What is known already, as a statement is compared with it. */
export interface KnownCandidate extends KnownStatement {
  readonly memoryId: string;
  /** Undefined where the index was not asked or does not know it yet. */
  readonly cosine: number | undefined;
  readonly reading: Reading;
  readonly teller: string | undefined;
}

/** What a model decided about a proposal, with the memories that it named. */
export interface ModelVerdict {
  readonly outcome: Verdict["outcome"];
  readonly known: readonly KnownCandidate[];
  /** Of an update: what both say together, embedded; undefined where the model's words were not theirs. */
  readonly content: MemoryContent | undefined;
  /** Who decided: `model:<name>/<version>`. */
  readonly rule: string;
}

/** By proposal; where one is absent, rules decide. */
export type ModelVerdicts = ReadonlyMap<Proposal, ModelVerdict>;

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
  const decisions: Decision[] = [];
  for (const proposal of proposals) {
    const made = decide(proposal, batch, verdicts.get(proposal));
    decisions.push(...made);
    for (const decision of made) {
      if (decision.outcome === "add" || decision.outcome === "supersede")
        batch.push(inBatch(proposal, decision));
    }
  }
  return decisions;
}

/** What this batch adds. */
interface InBatch {
  readonly proposal: Proposal;
  readonly decision: AddedDecision;
  readonly normalized: string;
}

function inBatch(proposal: Proposal, decision: AddedDecision): InBatch {
  return { proposal, decision, normalized: normalizeStatement(decision.content.statement.text) };
}

function decide(
  proposal: Proposal,
  batch: readonly InBatch[],
  verdict: ModelVerdict | undefined,
): Decision[] {
  const { messageId, content, exact, given } = proposal;
  if (exact?.type === "tombstone") return [{ outcome: "drop", messageId }];
  const source = content.statement.sources[0];
  if (!source) throw new Error("a statement without a source");
  const { expiresAt } = content;
  if (exact?.type === "memory") {
    return [{ outcome: "noop", messageId, memoryId: exact.memoryId, source, expiresAt, rule: "same_words" }];
  }
  const twin = findTwin(proposal, batch);
  if (twin) return [{ outcome: "merge", messageId, into: twin, source }];
  if (given) return [{ outcome: "add", messageId, content, rule: "given" }];
  const judged = verdict && decisionOf(verdict, proposal, source);
  if (judged) return judged;
  const then = asOfThen(proposal);
  const holding = batch.filter((one) => holdsThen(one, undefined, content));
  const forgotten = forget(then, holding);
  if (forgotten) return forgotten;
  const repeated = then.known.find((known) => isNearDuplicate(known, then));
  if (repeated) {
    const { memoryId } = repeated;
    return [{ outcome: "noop", messageId, memoryId, source, expiresAt, rule: "near_duplicate" }];
  }
  return related(then, holding, source);
}

/** True where nobody has to be asked: known word for word, deleted, or given to be stored as it is. */
export function isSettled(proposal: Proposal): boolean {
  const { exact, given } = proposal;
  return (
    exact !== undefined || given !== undefined || proposal.known.some((one) => isNearDuplicate(one, proposal))
  );
}

/** What a model may have decided; undefined where it may not, and rules decide. */
function decisionOf(
  { outcome, known, content: merged, rule }: ModelVerdict,
  proposal: Proposal,
  source: SourceSpan,
): Decision[] | undefined {
  const { messageId, content, atLeast } = proposal;
  const { expiresAt } = content;
  const [first] = known;
  switch (outcome) {
    case "add":
      return [{ outcome: "add", messageId, content, rule }];
    case "ignore":
      return [{ outcome: "drop", messageId }];
    case "confirm":
      if (!first || !lastsAsLong(first.expiresAt, atLeast)) return undefined;
      return [{ outcome: "noop", messageId, memoryId: first.memoryId, source, expiresAt, rule }];
    case "update":
      if (!first || !isOwn(proposal, first)) return undefined;
      return [updated(messageId, first, merged ?? content, rule)];
    case "supersede": {
      // Nobody ends what another has told, whatever a model thinks of it.
      const ended = known.filter((one) => isOwn(proposal, one)).map(({ memoryId }) => ({ memoryId }));
      if (ended.length === 0) return [{ outcome: "add", messageId, content, rule }];
      return [{ outcome: "supersede", messageId, ended, content, rule }];
    }
    case "forget":
      if (content.features.role !== "user") return undefined;
      return deleteAll(
        messageId,
        known.filter((one) => isOwn(proposal, one)),
        rule,
      );
  }
}

function isOwn({ teller, reading, content }: Proposal, known: KnownCandidate): boolean {
  if (content.statement.origin === "inferred") return false;
  return (
    mayTell(reading.speaker ?? teller, known.reading.speaker ?? known.teller) ||
    reading.claims.some(({ subject }) => subject === (reading.speaker ?? teller))
  );
}

function mayTell(by: string | undefined, knownBy: string | undefined): boolean {
  return by === undefined || knownBy === undefined || by === knownBy;
}

/** What is known already keeps its beginning: it was so before it was told more closely. */
function updated(
  messageId: string,
  { memoryId, validFrom }: KnownCandidate,
  content: MemoryContent,
  rule: string,
): Decision {
  const { statement, features } = content;
  const from = statement.valid.from ?? features.saidAt;
  const valid = { ...statement.valid, from: validFrom < from ? validFrom : from };
  return {
    outcome: "update",
    messageId,
    memoryId,
    content: { ...content, statement: { ...statement, valid } },
    rule,
  };
}

/** With what is known to hold when it is said. */
function asOfThen(proposal: Proposal): Proposal {
  const { saidAt } = proposal.content.features;
  return { ...proposal, known: proposal.known.filter(({ validTo }) => !validTo || validTo > saidAt) };
}

function isNearDuplicate(
  { cosine, text, expiresAt }: KnownCandidate,
  { content, atLeast }: Proposal,
): boolean {
  const isClose = cosine !== undefined && cosine >= NEAR_DUPLICATE_COSINE;
  return isClose && lastsAsLong(expiresAt, atLeast) && saysTheSame(text, content.statement.text);
}

/** Compares with what is known and what the batch adds. */
function related(
  proposal: Proposal,
  batch: readonly InBatch[],
  source: MemoryContent["statement"]["sources"][number],
): Decision[] {
  const { messageId, content, audience, reading } = proposal;
  const { expiresAt } = content;
  if (echoes(proposal, batch)) return [{ outcome: "drop", messageId }];
  const ended: Ended[] = [];
  let rule: string | undefined;
  let richer: KnownCandidate | undefined;
  for (const known of proposal.known) {
    const relation = compare(reading, known.reading, compared(proposal, known, known.cosine));
    if (relation.type === "ends") {
      ended.push({ memoryId: known.memoryId });
      rule ??= relation.rule;
    } else if (
      (relation.type === "same" || relation.type === "poorer") &&
      lastsAsLong(known.expiresAt, proposal.atLeast)
    ) {
      return [
        { outcome: "noop", messageId, memoryId: known.memoryId, source, expiresAt, rule: relation.rule },
      ];
    } else if (relation.type === "richer") richer ??= known;
  }
  for (const one of batch) {
    if (one.proposal.audience !== audience) continue;
    const relation = compare(
      reading,
      one.proposal.reading,
      compared(proposal, one.proposal, dot(one.decision.content.vector, content.vector)),
    );
    if (relation.type === "ends") {
      ended.push({ added: one.decision });
      rule ??= relation.rule;
    } else if (
      (relation.type === "same" || relation.type === "poorer") &&
      lastsAsLong(one.decision.content.expiresAt, expiresAt)
    ) {
      return [{ outcome: "merge", messageId, into: one.decision, source }];
    }
  }
  if (ended.length === 0 && !(richer && reading.parts.every(({ signs }) => signs.change < 2))) {
    const one = overtakenOne(proposal, batch);
    if (one) {
      ended.push(one);
      rule = "changed_near";
    }
  }
  if (ended.length > 0) return [{ outcome: "supersede", messageId, ended, content, rule: rule ?? "ended" }];
  if (richer) return [updated(messageId, richer, content, "richer")];
  return [{ outcome: "add", messageId, content, rule: "new" }];
}

/** What a change that no rule reads is plainly about. */
function overtakenOne(proposal: Proposal, batch: readonly InBatch[]): Ended | undefined {
  const { reading, audience, content, teller } = proposal;
  if (content.statement.origin === "inferred" || teller !== SELF) return undefined;
  const here = batch.filter((one) => one.proposal.audience === audience);
  const candidates = [
    ...proposal.known.map((known) => ({
      known: known.reading,
      ...compared(proposal, known, known.cosine),
      ended: { memoryId: known.memoryId },
    })),
    ...here.map((one) => ({
      known: one.proposal.reading,
      ...compared(proposal, one.proposal, dot(one.decision.content.vector, content.vector)),
      ended: { added: one.decision },
    })),
  ];
  const tellers = [...proposal.known.map((one) => one.teller), ...here.map((one) => one.proposal.teller)];
  const at = overtaken(
    reading,
    candidates,
    reading.speaker ?? teller,
    new Set(tellers.flatMap((one) => one ?? [])),
  );
  return at === undefined ? undefined : candidates[at]?.ended;
}

interface Told {
  readonly teller: string | undefined;
  readonly reading: Reading;
}

function compared(
  fresh: Proposal,
  known: Told & ({ readonly saidAt: Date; readonly kind: string } | { readonly content: MemoryContent }),
  cosine: number | undefined,
) {
  const saidAt = "content" in known ? known.content.features.saidAt : known.saidAt;
  const kind = "content" in known ? known.content.statement.kind : known.kind;
  const apart = Math.abs(fresh.content.features.saidAt.getTime() - saidAt.getTime());
  return {
    cosine,
    // What was said before something else is known of ends nothing of it, however late it arrives.
    mayEnd: (subject: string) =>
      fresh.content.features.saidAt >= saidAt &&
      !isOtherTeller(fresh, subject) &&
      mayEnd(fresh, known, subject),
    isTalk: fresh.teller !== undefined && fresh.teller !== SELF && known.teller !== SELF,
    isOtherMoment: kind === "episodic" && fresh.content.statement.kind === "episodic" && apart > SAME_TALK_MS,
  };
}

/** What one who takes part says of another who does is talk: each tells of themselves. */
function isOtherTeller({ teller, reading, known }: Proposal, subject: string): boolean {
  const by = reading.speaker ?? teller;
  return subject !== "" && subject !== by && subject !== SELF && known.some((one) => one.teller === subject);
}

/** What happened is told more closely within one talk; later, it may well be another time. */
const SAME_TALK_MS = 12 * 3_600_000;

/** Nobody ends what another has told, but for what is about themselves; an assistant ends nothing. */
function mayEnd({ teller, reading, content }: Proposal, known: Told, subject: string): boolean {
  if (content.statement.origin === "inferred") return false;
  const by = reading.speaker ?? teller;
  const knownBy = known.reading.speaker ?? known.teller;
  return by === undefined || knownBy === undefined || by === knownBy || subject === by;
}

/** An assistant that says what a person has told says nothing of its own. */
function echoes({ content, reading, teller, known, audience }: Proposal, batch: readonly InBatch[]): boolean {
  if (content.statement.origin !== "inferred") return false;
  const others = [
    ...known.filter((one) => one.teller !== teller).map((one) => one.reading),
    ...batch
      .filter((one) => one.proposal.audience === audience && one.proposal.teller !== teller)
      .map((one) => one.proposal.reading),
  ];
  const words = [...reading.words];
  const told = others.map((one) => words.filter((word) => one.words.has(word)));
  const [most = [], next = []] = told.toSorted((one, other) => other.length - one.length);
  return words.length > 0 && new Set([...most, ...next]).size >= ECHO * words.length;
}

/** Of an echo's words, as many stand in the one or two things that it echoes. */
const ECHO = 0.7;

/** Deletes what is asked to be forgotten; of the request itself nothing is kept. */
function forget(proposal: Proposal, batch: readonly InBatch[]): Decision[] | undefined {
  const { messageId, content, teller, audience } = proposal;
  const request = content.features.role === "user" ? forgetRequest(content.statement.text) : undefined;
  if (!request) return undefined;
  if (request.what === "this") return [{ outcome: "drop", messageId }];
  const own = proposal.known.filter((one) => one.teller === undefined || one.teller === teller);
  const here = batch.filter((one) => one.proposal.audience === audience && one.proposal.teller === teller);
  if (request.what === "last") {
    const last = here.at(-1);
    if (last) return [{ outcome: "forget", messageId, added: last.decision }];
    const newest = own.toSorted((a, b) => b.saidAt.getTime() - a.saidAt.getTime())[0];
    const ofThen = own.filter(({ saidAt }) => newest && saidAt.getTime() === newest.saidAt.getTime());
    return deleteAll(messageId, ofThen);
  }
  const said = here.filter(({ proposal: { reading } }) => isAskedFor(request, reading));
  const known = own.filter(({ reading }) => isAskedFor(request, reading));
  const targets = known.length + said.length > 0 ? known : nearestAskedFor(request, own);
  if (targets.length + said.length === 0 && !request.isSure) return undefined;
  if (targets.length === 0 && said.length > 0)
    return said.map(({ decision }): Decision => ({ outcome: "forget", messageId, added: decision }));
  return [
    ...deleteAll(messageId, targets),
    ...said.map(({ decision }): Decision => ({ outcome: "forget", messageId, added: decision })),
  ];
}

/** The one that is plainly meant where none has the words: the nearest, if the next one is well behind it. */
function nearestAskedFor(
  request: { readonly about: string },
  own: readonly KnownCandidate[],
): readonly KnownCandidate[] {
  const near = own
    .map((one) => ({ one, score: (one.cosine ?? 0) + 0.3 * shareAskedFor(request, one.reading) }))
    .toSorted((a, b) => b.score - a.score);
  const [first, second] = near;
  if (!first || first.score < LEAST_ASKED_FOR) return [];
  return first.score - (second?.score ?? 0) >= CLEARLY ? [first.one] : [];
}

/** Of cosine plus three tenths of the words in common: below, what is nearest is still something else. */
const LEAST_ASKED_FOR = 0.25;
const CLEARLY = 0.05;

function deleteAll(messageId: string, known: readonly KnownCandidate[], rule = "forget"): Decision[] {
  if (known.length === 0) return [{ outcome: "drop", messageId }];
  return known.map(({ memoryId }) => ({ outcome: "delete", messageId, memoryId, rule }));
}

function findTwin(
  { audience, content, given }: Proposal,
  batch: readonly InBatch[],
): AddedDecision | undefined {
  const { vector, statement, expiresAt } = content;
  const normalized = normalizeStatement(statement.text);
  const lasting = batch.filter(
    (one) => one.proposal.audience === audience && lastsAsLong(one.decision.content.expiresAt, expiresAt),
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
