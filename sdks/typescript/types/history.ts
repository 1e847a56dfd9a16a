import type { ArchiveReason, Provenance, ReconcileOutcome } from "./memory.ts";
import type { Role } from "./message.ts";

/** What happened to a memory; "ended" where something replaced it. */
export type HistoryEvent =
  | "told"
  | "imported"
  | "said_again"
  | "reworded"
  | "ended"
  | "by_hand"
  | "changed"
  | "archived"
  | "restored"
  | "consolidated";

/** Why a memory came back from the archive. */
export type RestoreReason = "by_hand" | "told_again" | "returned" | "undone";

/** A memory's history, with those that it replaced and was replaced by. */
export interface MemoryHistory {
  /** Oldest first, of at most 50 memories and 200 versions. */
  readonly entries: readonly HistoryEntry[];
  /** The same as English sentences, one a line; days are UTC. */
  readonly story: string;
  /** More memories or versions belong to it than one answer holds. */
  readonly truncated: boolean;
}

/** One step. */
export interface HistoryEntry {
  readonly event: HistoryEvent | undefined;
  readonly memoryId: string;
  /** The version that the step made; of what was said again the one that was current. */
  readonly version: number;
  /** When it was learnt. */
  readonly recordTime: Date | undefined;
  /** Since and until when this version says that it is so. */
  readonly validFrom: Date | undefined;
  readonly validTo: Date | undefined;
  readonly text: string;
  /** Fields that are otherwise than before, e.g. `valid_to`. */
  readonly changedFields: readonly string[];
  /** What it was told by in this step. */
  readonly sources: readonly HistorySource[];
  /** What wrote it, and by which rule. */
  readonly provenance: Provenance | undefined;
  readonly outcome: ReconcileOutcome | undefined;
  /** Of what ended: the memory that replaced it, while that exists. */
  readonly replacedBy: string | undefined;
  /** Of what was told: the memories that it replaced. */
  readonly replaces: readonly string[];
  /** Of "archived". */
  readonly archiveReason: ArchiveReason | undefined;
  /** Of "restored". */
  readonly restoreReason: RestoreReason | undefined;
  /** Of "consolidated": the memories that it tells. */
  readonly madeOf: readonly string[];
}

/** A place in a message. */
export interface HistorySource {
  readonly messageId: string;
  /** UTF-16 code units, `[start, end)`. */
  readonly start: number;
  readonly end: number;
  readonly role: Role | undefined;
  readonly name: string | undefined;
  readonly sentAt: Date | undefined;
  /** What the place says, cut behind 280 characters; empty where messages are not kept. */
  readonly quote: string;
}
