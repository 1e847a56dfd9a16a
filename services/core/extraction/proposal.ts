import { type Reading, SELF } from "../claims/claim.ts";
import type { ForgetElsewhere } from "../claims/forgetting/elsewhere.ts";
import type {
  AddedDecision,
  Decision,
  Ended,
  ExactMatch,
  KnownStatement,
  MemoryContent,
  SaidStatement,
} from "./ingest-store.ts";
import { type Expiry, type Lasting, lastsAsLong } from "./lasting.ts";
import type { Verdict } from "./reconciler.ts";

/** A new statement with everything that is known about what it may repeat or end. */
export interface Proposal {
  readonly messageId: string;
  readonly audience: string;
  readonly content: MemoryContent;
  /** Of a finished statement, to be stored as it is: only the very same one, for the same time, repeats it. */
  readonly given: SaidStatement["given"];
  readonly atLeast: Lasting["atLeast"];
  /** The same statement in the record, or its tombstone. */
  readonly exact: ExactMatch | undefined;
  readonly known: readonly KnownCandidate[];
  readonly reading: Reading;
  /** As `tellerOf`. */
  readonly teller: string | undefined;
  /** Of what no rule for English reads, what it asks to be forgotten. */
  readonly asksElsewhere?: ForgetElsewhere | undefined;
}

/** What is known already, as a statement is compared with it. */
export interface KnownCandidate extends KnownStatement {
  readonly memoryId: string;
  /** Undefined where the index was not asked or does not know it yet. */
  readonly cosine: number | undefined;
  readonly reading: Reading;
  readonly teller: string | undefined;
  /** The last message before that told anything told this; only where that is asked for. */
  readonly isLast?: boolean;
}

/** What a model decided about a proposal, with the memories that it named. */
export interface ModelVerdict {
  readonly outcome: Verdict["outcome"];
  readonly known: readonly KnownCandidate[];
  /** Of an update: what both say together, embedded; undefined where the model's words were not theirs. */
  readonly merged: MergedWords | undefined;
  /** Who decided: `model:<name>/<version>`. */
  readonly rule: string;
}

/** What two statements say together. */
export interface MergedWords {
  readonly content: MemoryContent;
  readonly reading: Reading;
}

/** By proposal; where one is absent, rules decide. */
export type ModelVerdicts = ReadonlyMap<Proposal, ModelVerdict>;

/** What a batch adds, in the words that it has by now. */
export interface InBatch extends Told {
  readonly decision: AddedDecision;
  readonly audience: string;
  readonly content: MemoryContent;
  readonly normalized: string;
  /** The batch has ended it since. */
  readonly isOver: boolean;
}

/** What was decided of a statement of the same batch that was said before. */
export interface Decided {
  readonly proposal: Proposal;
  readonly made: readonly Decision[];
}

/** How long a statement is to be known. */
export function wantedOf({ content: { expiresAt }, atLeast }: Pick<Proposal, "content" | "atLeast">) {
  return { expiresAt, atLeast };
}

/** What is told more closely lasts neither shorter for it than it would alone, nor longer than it is to. */
export function mayEnrich(wanted: ReturnType<typeof wantedOf>, known: Expiry): boolean {
  const until = wanted.expiresAt;
  const staysLonger = until !== undefined && (known.expiresAt === undefined || known.expiresAt > until);
  return lastsAsLong(known, wanted) && !staysLonger;
}

/** It is known: the memory gains a source. */
export function confirmed({ messageId, content }: Proposal, memoryId: string, rule: string): Decision {
  const { statement, expiresAt, reviewAt } = content;
  const [source] = statement.sources;
  if (!source) throw new Error("a statement without a source");
  return { outcome: "noop", messageId, memoryId, source, expiresAt, reviewAt, rule };
}

/** It is told more closely. */
export function updated(
  messageId: string,
  known: KnownCandidate,
  content: MemoryContent,
  rule: string,
): Decision {
  return { outcome: "update", messageId, memoryId: known.memoryId, content: enriched(known, content), rule };
}

/** What is told more closely keeps its beginning, what else it holds, and how sure it is. */
export function enriched(
  { validFrom, ...known }: Pick<KnownCandidate, "validFrom" | "confidence" | "importance" | "metadata">,
  content: MemoryContent,
): MemoryContent {
  const { statement, features, metadata } = content;
  const from = statement.valid.from ?? features.saidAt;
  const valid = { ...statement.valid, from: validFrom < from ? validFrom : from };
  const told = {
    ...statement,
    valid,
    confidence: Math.max(statement.confidence, known.confidence),
    importance: Math.max(statement.importance, known.importance),
  };
  return { ...content, metadata: { ...known.metadata, ...metadata }, statement: told };
}

/** What was a mistake was never so: what is said instead has been so as long, unless it says since when. */
export function corrected(
  messageId: string,
  ended: readonly Ended[],
  content: MemoryContent,
  mistakes: readonly Pick<KnownCandidate, "validFrom">[],
  rule: string,
): Decision {
  const { statement, features } = content;
  const { from } = statement.valid;
  const tellsSince = from !== undefined && from.getTime() !== features.saidAt.getTime();
  const since = new Date(Math.min(...mistakes.map(({ validFrom }) => validFrom.getTime())));
  const valid = { ...statement.valid, from: tellsSince ? from : since };
  const told = { ...content, statement: { ...statement, valid } };
  return { outcome: "supersede", messageId, ended, wasWrong: true, content: told, rule };
}

/** Deletes memories; of what asks for it nothing is kept, also where nothing is meant. */
export function deleteAll(messageId: string, known: readonly KnownCandidate[], rule = "forget"): Decision[] {
  if (known.length === 0) return [{ outcome: "drop", messageId }];
  return known.map(({ memoryId }) => ({ outcome: "delete", messageId, memoryId, rule }));
}

/** When it was said, and what it is about. */
export function saidThen({
  content: { statement, features },
  reading,
}: Pick<Proposal, "content" | "reading">) {
  return { kind: statement.kind, saidAt: features.saidAt, reading };
}

/** Who told something, and what it says. */
export interface Told {
  readonly teller: string | undefined;
  readonly reading: Reading;
}

/** Nobody ends what another has told, but for what is about themselves; an assistant ends nothing. */
export function mayEnd({ teller, reading, content }: Proposal, known: Told, subject: string): boolean {
  if (content.statement.origin === "inferred") return false;
  return isOwnOf({ teller, reading }, known, subject);
}

/** Of two that were told: the first is by who told the second, or about its own teller. */
export function isOwnOf({ teller, reading }: Told, known: Told, subject: string): boolean {
  const by = reading.speaker ?? teller;
  const knownBy = known.reading.speaker ?? known.teller;
  return by === undefined || knownBy === undefined || by === knownBy || subject === by;
}

/** What one who takes part says of another who does is talk: each tells of themselves. */
export function isOtherTeller(
  { teller, reading, known }: Pick<Proposal, "teller" | "reading" | "known">,
  subject: string,
): boolean {
  const by = reading.speaker ?? teller;
  return subject !== "" && subject !== by && subject !== SELF && known.some((one) => one.teller === subject);
}
