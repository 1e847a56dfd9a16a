import type { Room } from "../memory/make-room.ts";
import type {
  EntityMention,
  MemoryDraft,
  MemoryKind,
  MessageRole,
  Metadata,
  ReconcileOutcome,
  SourceSpan,
} from "../memory/memory.ts";
import type { ToolCall } from "../memory/message.ts";
import type { IndexedMemory } from "../search/memory-index.ts";
import type { Participant, ScopeIds, SubjectRef } from "../tenancy/scope.ts";
import type { BulkMessages } from "./bulk/bulk-store.ts";
import type { ExtractorVersion, Statement, Turn } from "./extractor.ts";
import type { FailureReason } from "./failure-reason.ts";
import type { Expiry, Lasting } from "./lasting.ts";
import type { BlankedMessage } from "./sensitive/blank-messages.ts";
import type { SensitiveKind } from "./sensitive/sensitive-kind.ts";
import type { CategoryRule } from "./sort-statements.ts";

/** One ingest workflow's share of a tenant. */
export interface IngestTarget {
  readonly tenantId: string;
  readonly bucket: number;
}

/** A message to work: a turn to read, or a finished statement to store as it is. */
export interface PendingMessage {
  readonly turn: Turn;
  readonly extractionId: string;
  /** The key that it came by, as `countedKey`; undefined where nobody's did, or it came before that was kept. */
  readonly apiKeyId: string | undefined;
  /** As `audienceOf`. */
  readonly audience: string;
  readonly ids: ScopeIds;
  /** The extraction's metadata, which every memory of it carries. */
  readonly metadata: Metadata;
  /** Set where it is a finished statement. */
  readonly draft: MemoryDraft | undefined;
  /** What the turn called; absent where nothing. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** Whether it may wait for a batch: it was asked for so, and none has left it out. */
  readonly mayWait?: boolean;
}

/** The next messages of one stream, whose turns have one audience, with what is needed to read them. */
export interface StreamBatch {
  readonly streamId: string;
  /** The turns'; those to another one are another batch. Finished statements have one each. */
  readonly audience: string;
  readonly projectId: string;
  readonly subject: SubjectRef | undefined;
  readonly participants: readonly Participant[];
  /** What was told to this audience before. */
  readonly summary: string;
  /** Up to 10 turns to this audience worked before, oldest first, plus the last 3 of each session in `pending`. */
  readonly context: readonly Turn[];
  /** Oldest first. */
  readonly pending: readonly PendingMessage[];
  /** When all of this was read, or sent to whoever answers: what is deleted since may stand in it. */
  readonly loadedAt: Date;
  /** Tries of its first extraction that have failed; none where absent. */
  readonly attempts?: number;
  /** Set where the messages can't be opened (a value is damaged): reading them fails with it, for all tries. */
  readonly unreadable?: unknown;
}

/** A new version's content. */
export interface MemoryContent extends Expiry {
  readonly statement: Statement;
  readonly vector: Float32Array;
  readonly metadata: Metadata;
  /** When it is to be looked at again; undefined leaves it open. */
  readonly reviewAt?: Date | undefined;
  readonly features: {
    readonly window: string;
    readonly speaker: string | undefined;
    readonly role: Turn["role"] | undefined;
    readonly isQuestion: boolean;
    readonly hasTime: boolean;
    readonly saidAt: Date;
  };
  /** As `slotsOf`: what it is found by when something else is said of the same. */
  readonly slots: readonly string[];
}

/** What to do about one statement, and by which rule. Every decision is traced to the message that led to it. */
export type Decision = { readonly messageId: string } & (
  | {
      readonly outcome: "add";
      readonly content: MemoryContent;
      readonly rule: string;
      /** It arrives late: what is known since then has ended it. */
      readonly endedBy?: Successor;
    }
  | {
      readonly outcome: "update";
      readonly memoryId: string;
      readonly content: MemoryContent;
      readonly rule: string;
    }
  | {
      readonly outcome: "supersede";
      readonly ended: readonly Ended[];
      /** What it ends was a mistake: it was never so. */
      readonly wasWrong?: boolean;
      readonly content: MemoryContent;
      readonly rule: string;
      /** As of what is added. */
      readonly endedBy?: Successor;
    }
  | {
      readonly outcome: "noop";
      readonly rule: string;
      readonly memoryId: string;
      readonly source: SourceSpan;
      /** Until when it is to be known, where it would expire before. */
      readonly expiresAt: Date | undefined;
      /** When it is to be looked at again, where that would be before. */
      readonly reviewAt?: Date | undefined;
    }
  /** The same statement again inside one batch: joins the one that is added. */
  | { readonly outcome: "merge"; readonly into: AddedDecision; readonly source: SourceSpan }
  /** What the same batch adds is told more closely: it is added in these words. */
  | { readonly outcome: "reword"; readonly added: AddedDecision; readonly content: MemoryContent }
  | { readonly outcome: "delete"; readonly memoryId: string; readonly rule: string }
  /** What the same batch adds is asked to be forgotten. */
  | { readonly outcome: "forget"; readonly added: AddedDecision }
  /** Was deleted after it was said, or is of a category, or holds data, that is not kept: it stays away. */
  | ({ readonly outcome: "drop" } & NotKept)
);

/** Why a project does not keep a statement, where that is why: what it holds, or the rule about its category. */
export interface NotKept {
  readonly sensitive?: SensitiveKind;
  readonly category?: CategoryRule;
}

/** A known memory that another one gave way to, since when, and by which rule. */
export interface Successor {
  readonly memoryId: string;
  readonly at: Date;
  readonly rule: string;
}

/** A decision that makes a memory. */
export type AddedDecision = Extract<Decision, { outcome: "add" | "supersede" }>;

/** What a statement ends: a known memory, or one that the same batch adds. */
export type Ended = { readonly memoryId: string } | { readonly added: AddedDecision };

/** Everything that working one stream's batch changes. */
export interface StreamResult {
  readonly batch: StreamBatch;
  readonly decisions: readonly Decision[];
  /** Messages without anything to remember. */
  readonly droppedMessageIds: readonly string[];
  /** Messages that are kept without some of their words, by their ids. */
  readonly blanked: ReadonlyMap<string, BlankedMessage>;
  /** Undefined leaves them as they were. */
  readonly participants: readonly Participant[] | undefined;
  /** Undefined leaves it as it was. */
  readonly summary: string | undefined;
  /** New windows of turns worked before, by message id. */
  readonly windows: ReadonlyMap<string, string>;
  /** How much room the stream's memories have; any if absent. */
  readonly room?: Room | undefined;
  /** Read the turns; `madeBy` says what made a message's memories. */
  readonly extractor: ExtractorVersion;
  readonly embeddingModel: string;
  /** Versions of the known memories that it was decided by, by memory id: of another one the decision may not hold. */
  readonly seen: ReadonlyMap<string, number>;
}

/** A statement as somebody said it. */
export interface SaidStatement {
  readonly streamId: string;
  readonly audience: string;
  readonly text: string;
  readonly saidAt: Date;
  /** How long it is to be known. */
  readonly lasting: Pick<Lasting, "expiresAt" | "atLeast">;
  /** Of a finished statement: since and until when it is given to hold. */
  readonly given: Pick<MemoryDraft, "validFrom" | "validTo"> | undefined;
  /** Of what happens again and again: how long before or behind it an event was told that may be this one. */
  readonly withinMs: number | undefined;
}

/** A memory that is looked for in one stream only, and of one audience. */
export interface StreamMemory {
  readonly streamId: string;
  readonly audience: string;
  readonly memoryId: string;
  /** Also where something else has ended it. */
  readonly withEnded?: boolean;
}

/** What a stream's statements to an audience are about. */
export interface SlotQuery {
  readonly streamId: string;
  readonly audience: string;
  /** As `slotsOf`. */
  readonly slots: readonly string[];
  /** Also what something else has ended. */
  readonly withEnded?: boolean;
}

/** A message that asks for what was said before it. */
export interface LastQuery {
  readonly streamId: string;
  readonly audience: string;
  readonly messageId: string;
}

/** What is known as a memory says it today. */
export interface KnownStatement extends Expiry {
  readonly version: number;
  /** Something else has ended it: nobody repeats or ends it any more, but it can be asked to be forgotten. */
  readonly isOver: boolean;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly speaker: string | undefined;
  readonly role: MessageRole | undefined;
  readonly saidAt: Date;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  readonly metadata: Metadata;
  readonly entities: readonly EntityMention[];
  /** 0..1. */
  readonly confidence: number;
  /** 0..1. */
  readonly importance: number;
  readonly vector: Float32Array;
  /** What made the vector: those of two models can't be compared. */
  readonly embeddingModel: string;
}

/** A known memory with the same statement, or the keyed tombstone of one that was deleted after it was said. */
export type ExactMatch =
  | { readonly type: "memory"; readonly memoryId: string; readonly version: number }
  | { readonly type: "tombstone" };

/** A version as the index counts it. */
export type IndexedRevision = Pick<IndexedMemory, "memoryId" | "version" | "revision">;

export interface PendingIndexing {
  readonly documents: readonly IndexedMemory[];
  /** What has no document: it is archived, or can't be read any more, for its key is gone. */
  readonly unreadable: readonly IndexedRevision[];
  /** What can't be opened though its key is there: nothing can be indexed, and an operator must hear of it. */
  readonly damaged: readonly IndexedRevision[];
  readonly removals: readonly PendingRemoval[];
}

/** A memory that the index is to drop: for good, or until it comes back from the archive. */
export interface PendingRemoval {
  readonly memoryId: string;
  readonly revision: bigint;
  readonly mayReturn: boolean;
}

/** What the index was told. */
export interface Indexed {
  /** With those that it refuses for good: they are not tried again, and not looked for in it. */
  readonly versions: readonly (IndexedRevision & { readonly refused: boolean })[];
  readonly removals: PendingIndexing["removals"];
}

/** What ingest needs of the record. */
export interface IngestStore extends BulkMessages {
  /**
   * The next messages of the target's streams, oldest first: about `limit` in all, a few of each stream at
   * least, and no more than fit into memory together. Streams in `exclude` are left alone. Messages of a fenced person are dropped here and not returned.
   */
  load(
    target: IngestTarget,
    options: { readonly limit: number; readonly exclude: readonly string[] },
    signal?: AbortSignal,
  ): Promise<readonly StreamBatch[]>;
  /** The next messages of one stream. */
  loadStream(
    tenantId: string,
    streamId: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<StreamBatch | undefined>;
  /**
   * The same statement in the same stream to the same audience, one answer a statement, in order: of memories
   * that held when it is said (of a finished statement: since and until the same times; of an event, told `withinMs`
   * of it) and last as long. One that was worded otherwise meanwhile, or has ended, is still known by what it said then.
   */
  findExact(
    tenantId: string,
    statements: readonly SaidStatement[],
    signal?: AbortSignal,
  ): Promise<readonly (ExactMatch | undefined)[]>;
  /**
   * Memories that tell of the same attributes, the newest of each, and those of the stream and audience that the index
   * does not know yet: one list a question, in order.
   */
  findBySlots(
    tenantId: string,
    asked: readonly SlotQuery[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly string[])[]>;
  /**
   * What the last of the person's messages before each of these told that told anything, in the same session and to the
   * same audience, among the last messages; one list a message, in order.
   */
  findLast(
    tenantId: string,
    asked: readonly LastQuery[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly string[])[]>;
  /** What those of these memories tell that are summaries: a list a memory, in order; empty of others. */
  episodesOf(
    tenantId: string,
    memoryIds: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly (readonly string[])[]>;
  /**
   * Current statements, one a memory, in order; undefined where it is gone or another stream's or audience's, or a summary:
   * what that tells stands for it.
   */
  statements(
    tenantId: string,
    memories: readonly StreamMemory[],
    signal?: AbortSignal,
  ): Promise<readonly (KnownStatement | undefined)[]>;
  /**
   * Applies all results in one transaction under the streams' locks. A stream whose messages were worked
   * by somebody else meanwhile changes nothing; a fenced one is dropped.
   *
   * @returns the streams of which nothing was written, for a memory that their decisions name was changed since it was
   *   looked up: they are to be decided anew.
   */
  apply(
    tenantId: string,
    results: readonly StreamResult[],
    signal?: AbortSignal,
  ): Promise<ReadonlySet<string>>;
  /** Counts a failed try on the extraction of the stream's next message. */
  recordFailure(
    tenantId: string,
    batch: Pick<StreamBatch, "streamId" | "pending">,
    reason: FailureReason,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * Sets a stream aside until then, or until what its budget is set to changes: nothing of it is loaded before, and
   * nothing of it was tried.
   */
  hold(
    tenantId: string,
    stream: Pick<StreamBatch, "streamId" | "projectId">,
    until: Date,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * Gives up on an extraction, if the stream's next message belongs to it; what follows it goes on.
   * @returns false where it was another's turn: somebody else gave up on it, or worked it, before.
   */
  giveUp(
    tenantId: string,
    stream: { readonly streamId: string; readonly extractionId: string },
    reason: FailureReason,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** What the index does not know yet, oldest change first. */
  loadUnindexed(target: IngestTarget, limit: number, signal?: AbortSignal): Promise<PendingIndexing>;
  /** Notes what was written and refreshed, and closes extractions that are searchable now. */
  markIndexed(target: IngestTarget, indexed: Indexed, signal?: AbortSignal): Promise<void>;
}

export type { ReconcileOutcome };
