import { type Compared, type Reading, SELF } from "../claims/claim.ts";
import { compare } from "../claims/compare.ts";
import { overtaken } from "../claims/near.ts";
import { dot } from "../search/vector.ts";
import { LONG_PAST_MS } from "../time/long-past.ts";
import { isAnotherTime, isOtherMoment } from "./another-time.ts";
import { successorOf } from "./arrives-late.ts";
import type { AddedDecision, Decision, Ended } from "./ingest-store.ts";
import { lastsAsLong } from "./lasting.ts";
import {
  confirmed,
  corrected,
  enriched,
  type InBatch,
  isOtherTeller,
  type KnownCandidate,
  mayEnd,
  mayEnrich,
  type Proposal,
  saidThen,
  type Told,
  updated,
  wantedOf,
} from "./proposal.ts";

/** What a statement is compared with: a memory, or what the same batch adds. */
interface Candidate extends Compared {
  readonly known: Reading;
  readonly teller: string | undefined;
  /** What becomes of the statement where it only repeats this; undefined where this expires before. */
  readonly repeat: Decision | undefined;
  /** What becomes of it where it tells this more closely; undefined where that would last otherwise. */
  readonly richer: Decision | undefined;
  /** As what it would be ended. */
  readonly ended: Ended;
  readonly validFrom: Date;
}

/** Compares with what is known and what the batch adds. */
export function related(proposal: Proposal, batch: readonly InBatch[]): Decision[] {
  const { messageId, content, reading } = proposal;
  if (echoes(proposal, batch)) return [{ outcome: "drop", messageId }];
  const candidates = candidatesOf(proposal, batch);
  const ended: Candidate[] = [];
  let rule: string | undefined;
  let richer: Decision | undefined;
  for (const candidate of candidates) {
    const relation = compare(reading, candidate.known, candidate);
    if (relation.type === "ends" && isLongPast(proposal, relation.rule, candidate)) continue;
    if (relation.type === "ends") {
      ended.push(candidate);
      rule ??= relation.rule;
    } else if ((relation.type === "same" || relation.type === "poorer") && candidate.repeat) {
      const { repeat } = candidate;
      return [repeat.outcome === "noop" ? { ...repeat, rule: relation.rule } : repeat];
    } else if (relation.type === "richer") richer ??= candidate.richer;
  }
  if (ended.length === 0 && !(richer && reading.parts.every(({ signs }) => signs.change < 2))) {
    const one = overtakenOne(proposal, candidates);
    if (one) {
      ended.push(one);
      rule = "changed_near";
    }
  }
  if (ended.length > 0) return [supersede(proposal, ended, rule ?? "ended")];
  if (richer) return [richer];
  const endedBy = successorOf(proposal);
  return [{ outcome: "add", messageId, content, rule: "new", ...(endedBy && { endedBy }) }];
}

/** "In 2012 Ada got married to Tom" ends no marriage that is known of since. */
function isLongPast({ content, reading }: Proposal, rule: string, { validFrom }: Candidate): boolean {
  const { kind, valid } = content.statement;
  if (!/^(?:slot:|changed$)/.test(rule) || kind !== "episodic" || reading.corrects || !valid.from)
    return false;
  return valid.from.getTime() < validFrom.getTime() - LONG_PAST_MS;
}

function supersede(proposal: Proposal, candidates: readonly Candidate[], rule: string): Decision {
  const { messageId, content, reading } = proposal;
  const ended = candidates.map((one) => one.ended);
  if (reading.admitsMistake) return corrected(messageId, ended, content, candidates, rule);
  const endedBy = successorOf(proposal);
  return { outcome: "supersede", messageId, ended, content, rule, ...(endedBy && { endedBy }) };
}

function candidatesOf(proposal: Proposal, batch: readonly InBatch[]): Candidate[] {
  const { messageId, content, audience } = proposal;
  const wanted = wantedOf(proposal);
  const alone = { ...wanted, atLeast: content.expiresAt };
  const [source] = content.statement.sources;
  if (!source) throw new Error("a statement without a source");
  const known = proposal.known.map((memory): Candidate => {
    const { memoryId, reading, teller, cosine } = memory;
    return {
      ...compared(proposal, memory, cosine),
      known: reading,
      teller,
      repeat: lastsAsLong(memory, wanted) ? confirmed(proposal, memoryId, "known") : undefined,
      richer: mayEnrich(wanted, memory) ? updated(messageId, memory, content, "richer") : undefined,
      ended: { memoryId },
      validFrom: memory.validFrom,
    };
  });
  const here = batch
    .filter((one) => one.audience === audience)
    .map(({ reading, teller, content: told, decision }): Candidate => {
      const { saidAt } = told.features;
      const { kind, valid } = told.statement;
      const validFrom = valid.from ?? saidAt;
      const cosine = dot(told.vector, content.vector);
      return {
        ...compared(proposal, { reading, teller, saidAt, kind }, cosine),
        known: reading,
        teller,
        repeat: lastsAsLong(told, alone)
          ? { outcome: "merge", messageId, into: decision, source }
          : undefined,
        richer: mayEnrich(alone, told)
          ? reworded(proposal, decision, { ...told, ...told.statement, validFrom })
          : undefined,
        ended: { added: decision },
        validFrom,
      };
    });
  return [...known, ...here];
}

function reworded(
  { messageId, content }: Proposal,
  added: AddedDecision,
  told: Parameters<typeof enriched>[0],
): Decision {
  return { outcome: "reword", messageId, added, content: enriched(told, content) };
}

/** What a change that no rule reads is plainly about. */
function overtakenOne(
  { reading, content, teller }: Proposal,
  candidates: readonly Candidate[],
): Candidate | undefined {
  if (content.statement.origin === "inferred" || teller !== SELF) return undefined;
  const tellers = new Set(candidates.flatMap((one) => one.teller ?? []));
  const read = candidates.filter(({ known }) => known.unread === undefined);
  const at = overtaken(reading, read, reading.speaker ?? teller, tellers);
  return at === undefined ? undefined : read[at];
}

function compared(
  fresh: Proposal,
  known: Told & Pick<KnownCandidate, "saidAt" | "kind">,
  cosine: number | undefined,
): Compared {
  const { saidAt, kind } = known;
  const told = saidThen(fresh);
  return {
    cosine,
    // What was said before something else is known of ends nothing of it, however late it arrives.
    mayEnd: (subject: string) =>
      fresh.content.features.saidAt >= saidAt &&
      !isOtherTeller(fresh, subject) &&
      mayEnd(fresh, known, subject),
    isTalk: fresh.teller !== undefined && fresh.teller !== SELF && known.teller !== SELF,
    isOtherMoment: isOtherMoment(told, { kind, saidAt }),
    isAnotherTime: isAnotherTime(told, { kind, saidAt }),
  };
}

/** An assistant that says what a person has told says nothing of its own. */
function echoes({ content, reading, teller, known, audience }: Proposal, batch: readonly InBatch[]): boolean {
  if (content.statement.origin !== "inferred") return false;
  const others = [
    ...known.filter((one) => one.teller !== teller).map((one) => one.reading),
    ...batch.filter((one) => one.audience === audience && one.teller !== teller).map((one) => one.reading),
  ];
  const words = [...reading.words];
  const told = others.map((one) => words.filter((word) => one.words.has(word)));
  const [most = [], next = []] = told.toSorted((one, other) => other.length - one.length);
  return words.length > 0 && new Set([...most, ...next]).size >= ECHO * words.length;
}

/** Of an echo's words, as many stand in the one or two things that it echoes. */
const ECHO = 0.7;
