import type { FailureReason } from "../extraction/failure-reason.ts";
import type { SaidStatement, StreamBatch } from "../extraction/ingest-store.ts";
import type { Room } from "../memory/make-room.ts";
import type { Participant } from "../tenancy/scope.ts";
import type { SpansByMessage } from "./beside-deleted.ts";
import type { ReplayPlan, ReplaySpent, ReplayState } from "./replay.ts";
import type { LiveMemory, StreamReport } from "./report-on.ts";
import type { ShadowMemory } from "./shadow-memory.ts";
import type { ShadowChanges } from "./shadow-stream.ts";

/** What a replay knows of a stream beside its memories. */
export interface ShadowNotes {
  readonly participants: readonly Participant[];
  /** By audience. */
  readonly summaries: Readonly<Record<string, string>>;
}

/** A stream as far as it is read. */
export interface OpenedStream {
  readonly streamId: string;
  /** Positions in the stream. */
  readonly through: bigint;
  readonly upto: bigint;
  /** Undefined where there are none yet, or words in them may be gone. */
  readonly notes: ShadowNotes | undefined;
  readonly memories: readonly ShadowMemory[];
  readonly deleted: SpansByMessage;
}

/** The next messages of a stream, with where each stands. */
export interface ReplayBatch {
  /** Without participants and summary: those of the shadow hold. */
  readonly batch: StreamBatch;
  readonly positions: ReadonlyMap<string, bigint>;
  /** When the last of them came. */
  readonly receivedAt: Date;
}

/** A step that a stream is read on. */
export interface ReadStep {
  /** How far it was read before: where somebody else has read it meanwhile, or something was deleted, nothing is kept. */
  readonly from: bigint;
  readonly through: bigint;
  readonly changes: ShadowChanges;
  readonly notes: ShadowNotes;
  /** Messages that it read. */
  readonly messageIds: readonly string[];
  /** Messages whose words it saw beside. */
  readonly contextIds: readonly string[];
  /** Whether it began with notes, and with how many places of deleted memories: where either is otherwise, words are gone. */
  readonly hadNotes: boolean;
  readonly deletedSpans: number;
  readonly spent: ReplaySpent;
  readonly extractor: string;
  readonly reconciler: string;
}

/** What a promotion of a stream came to. */
export type Promoted =
  | "promoted"
  /** More was said meanwhile, or failed before and did not again: it is to be read on first. */
  | "behind"
  /** The person is being erased, or the replay is not promoted any more. */
  | "gone";

/** What working replays needs of the record. Whoever is being erased is in none of its answers. */
export interface ReplayWork {
  /** Undefined where there is no such replay any more. */
  plan(tenantId: string, replayId: string, signal?: AbortSignal): Promise<ReplayPlan | undefined>;
  /**
   * Chooses some streams of a replay that is queued, which runs once all are looked at.
   *
   * @returns whether there are more.
   */
  choose(plan: ReplayPlan, signal?: AbortSignal): Promise<boolean>;
  /** Streams that are still to be read. */
  waiting(plan: ReplayPlan, limit: number, signal?: AbortSignal): Promise<readonly string[]>;
  /** Undefined where the stream is not to be replayed any more. */
  open(plan: ReplayPlan, streamId: string, signal?: AbortSignal): Promise<OpenedStream | undefined>;
  /**
   * Undefined where all is read.
   *
   * @param limit messages; with `oneAdd` only those that came together.
   */
  next(
    plan: ReplayPlan,
    stream: Pick<OpenedStream, "streamId" | "upto"> & { readonly after: bigint },
    bounds: { readonly limit: number; readonly oneAdd: boolean },
    signal?: AbortSignal,
  ): Promise<ReplayBatch | undefined>;
  /** Which of these were deleted after they were said. */
  deletedWords(
    tenantId: string,
    said: readonly SaidStatement[],
    signal?: AbortSignal,
  ): Promise<readonly boolean[]>;
  /**
   * @returns false where the stream is not to be read on from there: the person is fenced, somebody else read it, or words
   *   that were read are deleted meanwhile.
   */
  keep(plan: ReplayPlan, streamId: string, step: ReadStep, signal?: AbortSignal): Promise<boolean>;
  /** Memories of the record that the messages which were read told, and those they may not be taken for. */
  live(
    plan: ReplayPlan,
    stream: Pick<OpenedStream, "streamId" | "through" | "deleted">,
    signal?: AbortSignal,
  ): Promise<readonly LiveMemory[]>;
  /** Closes a stream with what was found, unless somebody else has read it on from `through`. */
  finish(
    plan: ReplayPlan,
    stream: Pick<OpenedStream, "streamId" | "through">,
    report: StreamReport,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Counts what reading took where what was read is not kept: it failed, was cancelled, or somebody else read it. */
  noteSpent(plan: ReplayPlan, spent: ReplaySpent): Promise<void>;
  /** Counts a failed try. A stream is given up after a few, or at once where another would fail as well. */
  fail(
    plan: ReplayPlan,
    streamId: string,
    failure: { readonly reason: FailureReason; readonly isFinal: boolean },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Gives up all streams that are still to be read, or promoted where that was begun. */
  giveUp(plan: ReplayPlan, reason: FailureReason, signal?: AbortSignal): Promise<void>;
  /** Counts a step that failed as a whole. The replay fails after a few, or at once where another would fail as well. */
  failWhole(
    plan: ReplayPlan,
    failure: { readonly reason: FailureReason; readonly isFinal: boolean },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Brings the totals up to date, and changes the state unless somebody else has. */
  settle(
    plan: ReplayPlan,
    change: { readonly to: ReplayState; readonly waitingUntil?: Date | undefined },
    signal?: AbortSignal,
  ): Promise<void>;
  /** Streams that are still to be promoted. */
  promotable(plan: ReplayPlan, limit: number, signal?: AbortSignal): Promise<readonly string[]>;
  /** Compares anew under the stream's lock, applies what is found, and makes room where there is too much then. */
  promote(
    plan: ReplayPlan,
    stream: { readonly streamId: string; readonly room: Room | undefined },
    signal?: AbortSignal,
  ): Promise<Promoted>;
  /** What the index has not seen yet of the persons whose memories were promoted. */
  written(
    plan: ReplayPlan,
    signal?: AbortSignal,
  ): Promise<{ readonly revision: string; readonly buckets: readonly number[] }>;
  /** Lets a stream be read on to what was said last; from its beginning where something before was not read. */
  extend(plan: ReplayPlan, streamId: string, signal?: AbortSignal): Promise<void>;
  /** Removes some of what is left of a replay that has ended. @returns whether there is more. */
  clear(plan: ReplayPlan, limit: number, signal?: AbortSignal): Promise<boolean>;
}
