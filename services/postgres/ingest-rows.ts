import type {
  AddedDecision,
  Decision,
  MemoryContent,
  StreamResult,
} from "@mneme/core/extraction/ingest-store.ts";
import { madeBy } from "@mneme/core/extraction/made-by.ts";
import type { SensitiveKind } from "@mneme/core/extraction/sensitive/sensitive-kind.ts";
import type { CategoryRule } from "@mneme/core/extraction/sort-statements.ts";
import { toldTwice } from "@mneme/core/extraction/surer.ts";
import { ToldAgain } from "@mneme/core/extraction/told-again.ts";
import type { ReconcileOutcome, SourceSpan } from "@mneme/core/memory/memory.ts";
import { v7 as uuidv7 } from "uuid";
import type { NewMentions } from "./graph-writes.ts";
import type { WritableStream } from "./hold-streams.ts";
import type { NewSlots } from "./memory-slots.ts";
import type { Ended } from "./memory-succession.ts";
import {
  type NewMemory,
  type NewSession,
  type NewSource,
  type NewVersion,
  validFromOf,
} from "./memory-writes.ts";

/** A memory that an extraction made, changed or confirmed. */
export interface Touched {
  readonly extractionId: string;
  readonly memoryId: string;
  readonly outcome: ReconcileOutcome;
}

/** A statement that came to nothing, and what it held, or the rule about its category, where that is why. */
export interface Dropped {
  readonly extractionId: string;
  readonly sensitive?: SensitiveKind | undefined;
  readonly category?: CategoryRule | undefined;
}

/** A known memory that is not to expire before. */
export interface Prolonged {
  readonly memoryId: string;
  readonly expiresAt: Date;
}

/** A known memory that is not to be reviewed before. */
export interface Postponed {
  readonly memoryId: string;
  readonly reviewAt: Date;
}

/** Rows to write for all results, collected so that each table is written once. */
export interface IngestRows {
  readonly memories: readonly NewMemory[];
  readonly versions: readonly NewVersion[];
  readonly sources: readonly NewSource[];
  readonly sessions: readonly NewSession[];
  /** Known memories that get a source, and how often they were told again since they were worded last. */
  readonly saidAgain: ReadonlyMap<string, number>;
  /** Of these, those that are to be known until then at least. */
  readonly prolonged: readonly Prolonged[];
  /** Of known memories that are told again or more closely. */
  readonly postponed: readonly Postponed[];
  readonly mentions: readonly NewMentions[];
  readonly touched: readonly Touched[];
  /** Every statement that came to nothing. */
  readonly dropped: readonly Dropped[];
  readonly ended: readonly Ended[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
  readonly slots: readonly NewSlots[];
}

/** @param current newest version numbers of the memories that decisions name; a memory that is gone is absent. */
export function collectRows(
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, WritableStream>,
  current: ReadonlyMap<string, number>,
): IngestRows {
  const collector = new RowCollector(current);
  for (const result of results) {
    const stream = streams.get(result.batch.streamId) as WritableStream;
    for (const decision of result.decisions) collector.collect(result, stream, decision);
  }
  return collector;
}

type UpdateDecision = Extract<Decision, { outcome: "update" }>;

/** Where a decision comes from. */
interface Origin {
  readonly result: StreamResult;
  readonly stream: WritableStream;
  readonly message: StreamResult["batch"]["pending"][number];
}

/** An end before every beginning: what ends so was never so. */
const NEVER = new Date(Date.UTC(1000, 0, 1));

function outcomeOf({ outcome }: Exclude<Decision, { outcome: "drop" | "forget" }>): ReconcileOutcome {
  if (outcome === "merge") return "noop";
  return outcome === "reword" ? "update" : outcome;
}

/** Changes a memory's row among those that are collected. */
function replaceOf<T extends { readonly memoryId: string }>(
  rows: T[],
  memoryId: string,
  change: (row: T) => T,
): void {
  const at = rows.findIndex((one) => one.memoryId === memoryId);
  const row = rows[at];
  if (row) rows[at] = change(row);
}

class RowCollector implements IngestRows {
  readonly memories: NewMemory[] = [];
  readonly versions: NewVersion[] = [];
  readonly sources: NewSource[] = [];
  readonly sessions: NewSession[] = [];
  readonly prolonged: Prolonged[] = [];
  readonly postponed: Postponed[] = [];
  readonly mentions: NewMentions[] = [];
  readonly touched: Touched[] = [];
  readonly dropped: Dropped[] = [];
  readonly ended: Ended[] = [];
  readonly updated: string[] = [];
  readonly deleted: string[] = [];
  readonly slots: NewSlots[] = [];
  readonly #current: Map<string, number>;
  readonly #again = new ToldAgain();
  /** Memories that decisions of this batch add, which later ones join. */
  readonly #added = new Map<Decision, string>();

  constructor(current: ReadonlyMap<string, number>) {
    this.#current = new Map(current);
  }

  get saidAgain(): ReadonlyMap<string, number> {
    return this.#again.times;
  }

  collect(result: StreamResult, stream: WritableStream, decision: Decision): void {
    const message = result.batch.pending.find(({ turn }) => turn.messageId === decision.messageId);
    if (!message) throw new Error("a decision about a message of another batch");
    const { extractionId } = message;
    // What vanished since it was looked up (deleted meanwhile) stays deleted.
    const vanished = "memoryId" in decision && !this.#current.has(decision.memoryId);
    if (decision.outcome === "drop") {
      const { sensitive, category } = decision;
      return void this.dropped.push({ extractionId, sensitive, category });
    }
    if (vanished) return void this.dropped.push({ extractionId });
    if (decision.outcome === "forget") return void this.#forget(extractionId, decision.added);
    const memoryId = this.#write({ result, stream, message }, decision);
    if (memoryId === undefined) return void this.dropped.push({ extractionId });
    const { sessionId } = message.ids;
    if (sessionId && decision.outcome !== "delete") this.sessions.push({ memoryId, sessionId });
    this.touched.push({ extractionId, memoryId, outcome: outcomeOf(decision) });
  }

  /** Ends what arrived late by what is known from later, unless that vanished meanwhile. */
  #endByKnown(origin: Origin, memoryId: string, { endedBy }: AddedDecision): void {
    if (!endedBy || !this.#current.has(endedBy.memoryId)) return;
    const { memoryId: by, at, rule } = endedBy;
    this.ended.push({ memoryId, by, at, ...this.#made(origin), rule });
  }

  /** @returns the memory that the decision touched; undefined where it came to nothing. */
  #write(origin: Origin, decision: Exclude<Decision, { outcome: "drop" | "forget" }>): string | undefined {
    switch (decision.outcome) {
      case "add": {
        const memoryId = this.#add(origin, decision);
        this.#endByKnown(origin, memoryId, decision);
        return memoryId;
      }
      case "supersede": {
        const by = this.#add(origin, decision);
        const at = decision.wasWrong ? NEVER : validFromOf(decision.content);
        for (const target of decision.ended) {
          const memoryId = "memoryId" in target ? target.memoryId : this.#added.get(target.added);
          // What vanished since it was looked up has nothing to end.
          if (memoryId === undefined || ("memoryId" in target && !this.#current.has(memoryId))) continue;
          this.ended.push({ memoryId, by, at, ...this.#made(origin), rule: decision.rule });
        }
        this.#endByKnown(origin, by, decision);
        return by;
      }
      case "update": {
        const { memoryId, content } = decision;
        const version = (this.#current.get(memoryId) as number) + 1;
        this.#current.set(memoryId, version);
        this.#again.reword(memoryId, decision.messageId);
        this.updated.push(memoryId);
        if (content.expiresAt) this.prolonged.push({ memoryId, expiresAt: content.expiresAt });
        if (content.reviewAt) this.postponed.push({ memoryId, reviewAt: content.reviewAt });
        this.#addVersion(origin, memoryId, version, content, decision);
        return memoryId;
      }
      case "noop":
        this.sources.push({ memoryId: decision.memoryId, span: decision.source });
        this.#again.tell(decision.memoryId, decision.messageId);
        if (decision.expiresAt) {
          this.prolonged.push({ memoryId: decision.memoryId, expiresAt: decision.expiresAt });
        }
        if (decision.reviewAt) {
          this.postponed.push({ memoryId: decision.memoryId, reviewAt: decision.reviewAt });
        }
        return decision.memoryId;
      case "merge": {
        const memoryId = this.#added.get(decision.into);
        if (memoryId) this.#saidAgainHere(memoryId, decision.source);
        return memoryId;
      }
      case "reword": {
        const memoryId = this.#added.get(decision.added);
        if (memoryId) this.#rewordHere(memoryId, decision.content);
        return memoryId;
      }
      case "delete":
        this.deleted.push(decision.memoryId);
        return decision.memoryId;
    }
  }

  /** What this batch adds was told by another of its messages as well. */
  #saidAgainHere(memoryId: string, span: SourceSpan): void {
    this.sources.push({ memoryId, span });
    const at = this.versions.findIndex((one) => one.memoryId === memoryId);
    const version = this.versions[at];
    if (!version) return;
    const { statement, ...content } = toldTwice(version.content, span);
    const told = { ...content, statement: { ...statement, sources: [...statement.sources, span] } };
    this.versions[at] = { ...version, content: told };
  }

  /** What this batch adds is added in other words, with everything that follows from these. */
  #rewordHere(memoryId: string, content: MemoryContent): void {
    const at = this.versions.findIndex((one) => one.memoryId === memoryId);
    const version = this.versions[at];
    if (!version) return;
    const { sources, entities, relations, valid } = content.statement;
    const all = [...version.content.statement.sources, ...sources];
    const told = { ...content, statement: { ...content.statement, sources: all } };
    this.versions[at] = { ...version, content: told };
    this.sources.push(...sources.map((span) => ({ memoryId, span })));
    replaceOf(this.slots, memoryId, (one) => ({ ...one, slots: content.slots }));
    const mentions = { entities, relations, validFrom: validFromOf(content), validTo: valid.to };
    replaceOf(this.mentions, memoryId, (one) => ({ ...one, ...mentions }));
  }

  #made({ result, message }: Origin): Pick<Ended, "extractor" | "extractionId"> {
    return { extractor: madeBy(result, message), extractionId: message.extractionId };
  }

  /** What this batch adds is deleted again at its end, so that its tombstone keeps it away. */
  #forget(extractionId: string, added: AddedDecision): void {
    const memoryId = this.#added.get(added);
    if (memoryId === undefined) return;
    this.deleted.push(memoryId);
    this.touched.push({ extractionId, memoryId, outcome: "delete" });
  }

  #add(origin: Origin, decision: Extract<Decision, { outcome: "add" | "supersede" }>): string {
    const { result, stream, message } = origin;
    const id = uuidv7();
    this.#added.set(decision, id);
    this.memories.push({
      id,
      projectId: result.batch.projectId,
      streamId: stream.id,
      bucket: stream.bucket,
      apiKeyId: message.apiKeyId,
      ids: message.ids,
      audience: message.audience,
      expiresAt: decision.content.expiresAt,
      isExpiryGiven: decision.content.isExpiryGiven,
      reviewAt: decision.content.reviewAt,
    });
    this.#addVersion(origin, id, 1, decision.content, decision);
    return id;
  }

  #addVersion(
    { result, stream, message }: Origin,
    memoryId: string,
    version: number,
    content: MemoryContent,
    { outcome, rule }: Pick<AddedDecision | UpdateDecision, "outcome" | "rule">,
  ): void {
    const { keyId, bucket } = stream;
    const { embeddingModel } = result;
    const extractor = madeBy(result, message);
    const { extractionId } = message;
    const { sources, entities, relations, valid } = content.statement;
    const { projectId } = result.batch;
    const validFrom = validFromOf(content);
    this.versions.push({
      memoryId,
      version,
      streamId: stream.id,
      bucket,
      keyId,
      content,
      outcome,
      rule,
      extractor,
      embeddingModel,
      extractionId,
    });
    this.sources.push(...sources.map((span) => ({ memoryId, span })));
    this.slots.push({ memoryId, streamId: stream.id, slots: content.slots });
    const told = { entities, relations, validFrom, validTo: valid.to };
    this.mentions.push({ memoryId, projectId, keyId, ...told });
  }
}
