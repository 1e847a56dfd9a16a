import { normalizeStatement } from "../memory/normalize.ts";
import { dot } from "../search/vector.ts";
import type { AddedDecision, Decision } from "./ingest-store.ts";
import { prolonged } from "./lasting.ts";
import type { Decided, InBatch, KnownCandidate, ModelVerdict, Proposal } from "./proposal.ts";
import { toldTwice } from "./surer.ts";
import { ToldAgain } from "./told-again.ts";

type UpdateDecision = Extract<Decision, { outcome: "update" }>;

/** What a memory is known by: its id, or the decision of the same batch that adds it. */
type Target = string | AddedDecision;

/** A known memory in the words that the batch gave it. */
interface Reworded {
  readonly audience: string;
  readonly known: KnownCandidate;
}

/**
 * What a batch has made of what is known, as far as it has come. All that a batch is compared with is looked up before
 * anything of it is decided: what an earlier statement has ended, deleted or worded anew, a later one finds here as it
 * would had it come by itself.
 */
export class BatchSoFar {
  readonly #decided: Decided[] = [];
  readonly #added = new Map<AddedDecision, InBatch>();
  /** Since when what it has ended is over, in milliseconds; -Infinity of what never was. */
  readonly #over = new Map<Target, number>();
  readonly #deleted = new Set<Target>();
  readonly #reworded = new Map<string, Reworded>();
  readonly #again = new ToldAgain();
  /** Until when at least what is told again is known. */
  readonly #until = new Map<string, Date>();

  /** All decisions so far, oldest statement first. */
  get decided(): readonly Decided[] {
    return this.#decided;
  }

  /** What it has added, but for what it has deleted again. */
  get added(): readonly InBatch[] {
    return [...this.#added.values()]
      .filter(({ decision }) => !this.#deleted.has(decision))
      .map((one) => ({ ...one, isOver: this.#over.has(one.decision) }));
  }

  /** What it has added and not ended since. */
  get standing(): readonly InBatch[] {
    return this.added.filter(({ isOver }) => !isOver);
  }

  /** What it has added that was so when something is said, though it may be over by now: its own words repeat it. */
  soAt(saidAt: Date): readonly InBatch[] {
    return this.added.filter(({ decision }) => this.#wasSo(decision, saidAt));
  }

  /** A statement with what is known by now. */
  seenBy(proposal: Proposal): Proposal {
    const { exact, audience, content } = proposal;
    const found = new Set(proposal.known.map(({ memoryId }) => memoryId));
    const reworded = [...this.#reworded.values()].filter(
      (one) => one.audience === audience && !found.has(one.known.memoryId),
    );
    const known = [...proposal.known, ...reworded.map((one) => one.known)]
      .filter(({ memoryId }) => !this.#deleted.has(memoryId))
      .map((one) => this.#asOfNow(one, content.vector));
    const isThere =
      exact?.type !== "memory" ||
      (!this.#deleted.has(exact.memoryId) && this.#wasSo(exact.memoryId, content.features.saidAt));
    return { ...proposal, known, exact: isThere ? exact : undefined };
  }

  /** What still can be done of what a model decided, who saw what was known before the batch. */
  seenByModel(verdict: ModelVerdict, { known: now }: Proposal): ModelVerdict {
    const known = verdict.known
      .flatMap(({ memoryId }) => now.find((one) => one.memoryId === memoryId) ?? [])
      .filter(({ isOver }) => !isOver || verdict.outcome === "forget");
    const isReworded = known.some(({ memoryId }) => this.#reworded.has(memoryId));
    return { ...verdict, known, merged: isReworded ? undefined : verdict.merged };
  }

  /** What is deleted is not deleted twice. */
  possible(messageId: string, made: readonly Decision[]): readonly Decision[] {
    const left = made.filter((decision) => {
      const target = targetDeleted(decision);
      return target === undefined || !this.#deleted.has(target);
    });
    return left.length > 0 ? left : [{ outcome: "drop", messageId }];
  }

  /** Takes in what was decided of the next statement. */
  take(proposal: Proposal, made: readonly Decision[], verdict: ModelVerdict | undefined): void {
    this.#decided.push({ proposal, made });
    for (const decision of made) this.#takeOne(proposal, decision, verdict);
  }

  #takeOne(proposal: Proposal, decision: Decision, verdict: ModelVerdict | undefined): void {
    switch (decision.outcome) {
      case "supersede": {
        const at = decision.wasWrong ? Number.NEGATIVE_INFINITY : beginOf(decision);
        for (const one of decision.ended) this.#end("memoryId" in one ? one.memoryId : one.added, at);
        this.#add(proposal, decision);
        break;
      }
      case "add":
        this.#add(proposal, decision);
        break;
      case "update":
        this.#reword(proposal, decision, verdict);
        break;
      case "reword":
        this.#change(decision.added, { ...tellingOf(proposal), ...wordsOf(decision) });
        break;
      case "merge":
        this.#mergeInto(decision);
        break;
      case "noop":
        this.#again.tell(decision.memoryId, decision.messageId);
        this.#prolong(decision.memoryId, decision.expiresAt);
        break;
    }
    const deleted = targetDeleted(decision);
    if (deleted !== undefined) this.#deleted.add(deleted);
  }

  #add(proposal: Proposal, decision: AddedDecision): void {
    this.#added.set(decision, { decision, isOver: false, ...tellingOf(proposal), ...wordsOf(decision) });
    if (decision.endedBy) this.#end(decision, decision.endedBy.at.getTime());
  }

  #change(added: AddedDecision, change: Partial<InBatch>): void {
    const before = this.#added.get(added);
    if (before) this.#added.set(added, { ...before, ...change });
  }

  #mergeInto({ into, source }: Extract<Decision, { outcome: "merge" }>): void {
    const before = this.#added.get(into);
    if (before) this.#change(into, { content: toldTwice(before.content, source) });
  }

  #reword(proposal: Proposal, decision: UpdateDecision, verdict: ModelVerdict | undefined): void {
    const { memoryId, content, rule, messageId } = decision;
    this.#again.reword(memoryId, messageId);
    this.#prolong(memoryId, content.expiresAt);
    const before = proposal.known.find((one) => one.memoryId === memoryId);
    if (!before) return;
    const { statement, features, metadata, vector } = content;
    const { kind, text, entities, confidence, importance, valid } = statement;
    const { speaker, role, saidAt } = features;
    const { teller } = proposal;
    const reading = (verdict?.rule === rule ? verdict.merged?.reading : undefined) ?? proposal.reading;
    const told = { kind, text, entities, confidence, importance, speaker, role, saidAt, metadata, vector };
    const validFrom = valid.from ?? saidAt;
    const known = { ...before, ...told, isLast: false, validFrom, validTo: valid.to, reading, teller };
    this.#reworded.set(memoryId, { audience: proposal.audience, known });
  }

  #prolong(memoryId: string, until: Date | undefined): void {
    const before = this.#until.get(memoryId);
    if (until && (!before || before < until)) this.#until.set(memoryId, until);
  }

  #asOfNow(one: KnownCandidate, asked: Float32Array): KnownCandidate {
    const reworded = this.#reworded.get(one.memoryId)?.known;
    const said = reworded ? { ...one, ...reworded, cosine: dot(reworded.vector, asked) } : one;
    const expiresAt = prolonged(said, this.#until.get(one.memoryId));
    const confidence = this.#again.surerOf(one.memoryId, said.confidence);
    const isOver = one.isOver || this.#over.has(one.memoryId);
    return { ...said, confidence, isOver, expiresAt };
  }

  /** Of two ends the first counts. */
  #end(target: Target, at: number): void {
    if (!this.#over.has(target)) this.#over.set(target, at);
  }

  #wasSo(target: Target, at: Date): boolean {
    const over = this.#over.get(target);
    return over === undefined || over > at.getTime();
  }
}

function targetDeleted(decision: Decision): Target | undefined {
  if (decision.outcome === "delete") return decision.memoryId;
  return decision.outcome === "forget" ? decision.added : undefined;
}

/** Since when it is so, in milliseconds. */
function beginOf({ content: { statement, features } }: AddedDecision): number {
  return (statement.valid.from ?? features.saidAt).getTime();
}

function tellingOf({
  audience,
  reading,
  teller,
}: Proposal): Pick<InBatch, "audience" | "reading" | "teller"> {
  return { audience, reading, teller };
}

function wordsOf({ content }: Pick<AddedDecision, "content">): Pick<InBatch, "content" | "normalized"> {
  return { content, normalized: normalizeStatement(content.statement.text) };
}
