import type { Role } from "./message.ts";
import type { Metadata, Scope } from "./scope.ts";

/** semantic: a lasting fact. episodic: something that happened. procedural: how a thing is done. */
export type MemoryKind = "semantic" | "episodic" | "procedural";

/** stated: a person said so. inferred: concluded, or said by the agent. tool: a tool's result says so. */
export type MemoryOrigin = "stated" | "inferred" | "tool";

/** What reconciling a statement with what was known decided. */
export type ReconcileOutcome = "add" | "update" | "supersede" | "noop" | "delete";

/**
 * Why a memory is archived: by a call, told by a summary, faded with time, its person inactive for long, its review
 * overdue, or its scope full.
 */
export type ArchiveReason = "by_hand" | "consolidated" | "faded" | "inactive" | "stale" | "full";

/** One self-contained statement. */
export interface Memory {
  readonly id: string;
  /** 1, 2, ...: grows with every change. */
  readonly version: number;
  /** Names this version, also once another one is current; send it back to change only what you have read. */
  readonly etag: string;
  readonly text: string;
  readonly kind: MemoryKind | undefined;
  readonly category: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** 0 to 1. */
  readonly importance: number;
  readonly origin: MemoryOrigin | undefined;
  readonly scope: Scope;
  readonly entities: readonly Entity[];
  /** Where it comes from; the first one is the turn that says it. */
  readonly sources: readonly Source[];
  /** Ids of memories that it rests on. */
  readonly derivedFrom: readonly string[];
  readonly metadata: Metadata;
  /** Since when it is so in the world. */
  readonly validFrom: Date | undefined;
  /** Until when it was so; undefined while it still is. */
  readonly validTo: Date | undefined;
  /** When this version was learnt. */
  readonly recordedFrom: Date | undefined;
  /** When this version ceased to be what is known; undefined on the current one. */
  readonly recordedTo: Date | undefined;
  /** Id of the memory that replaced it, if one did. */
  readonly replacedBy: string | undefined;
  readonly createTime: Date | undefined;
  readonly expireTime: Date | undefined;
  /** When it is to be looked at again, whether it still is so; undefined: never. */
  readonly reviewTime: Date | undefined;
  readonly provenance: Provenance | undefined;
  /** The outcome that made this version. */
  readonly outcome: ReconcileOutcome | undefined;
  /** Since when it is archived: found by no search, context, profile or graph; undefined while it is not. */
  readonly archiveTime: Date | undefined;
  readonly archiveReason: ArchiveReason | undefined;
}

/** Something that a memory mentions. */
export interface Entity {
  readonly name: string;
  /** person, organization, place, product, event, work, animal, date or other. */
  readonly type: string;
}

/** A range of a turn that a memory rests on. */
export interface Source {
  readonly messageId: string;
  /** First UTF-16 code unit. */
  readonly start: number;
  /** One past the last UTF-16 code unit. */
  readonly end: number;
  readonly role: Role | undefined;
  readonly name: string | undefined;
  /** The turn's text; empty where the project keeps no messages. */
  readonly text: string;
  /** When it was said; of an imported statement that does not tell, when it was imported. */
  readonly sentAt: Date | undefined;
}

/** What wrote a memory. */
export interface Provenance {
  /**
   * The extractor's name; "import" of a statement that was stored as it was sent, "api" of a version changed by hand.
   */
  readonly extractor: string;
  /** A model's is that of its prompt. */
  readonly extractorVersion: string;
  readonly embeddingModel: string;
  readonly extractionId: string | undefined;
  /** By which rule reconciling decided, e.g. "slot:lives_in". */
  readonly rule: string | undefined;
}

/** A finished statement that an application writes itself. */
export interface MemoryDraft {
  /** At most 8 KiB. */
  readonly text: string;
  /** "semantic" if unset. */
  readonly kind?: MemoryKind | undefined;
  readonly category?: string | undefined;
  /** 0 to 1; 1 if unset. */
  readonly confidence?: number | undefined;
  /** 0 to 1; 0.5 if unset. */
  readonly importance?: number | undefined;
  /** "stated" if unset. */
  readonly origin?: MemoryOrigin | undefined;
  readonly metadata?: Metadata | undefined;
  /**
   * When it was said, e.g. in the system that it is imported from; now if unset. Searches filter and rank by it, and
   * citations show it.
   */
  readonly saidAt?: Date | undefined;
  /** Since when it is so; `saidAt` if unset. */
  readonly validFrom?: Date | undefined;
  /** Until when it was so; open if unset. */
  readonly validTo?: Date | undefined;
  /** After this time it is no longer returned; never if unset. */
  readonly expireTime?: Date | undefined;
  /** When it is to be looked at again; by the project's rules if unset. */
  readonly reviewTime?: Date | undefined;
}

/**
 * The fields to change; an end of null is cleared. What is not named stays as it is, but a new text brings its own
 * entities. A memory always holds since some time: `validFrom` can be moved, not cleared.
 */
export interface MemoryPatch {
  readonly text?: string;
  readonly kind?: MemoryKind;
  readonly category?: string;
  readonly confidence?: number;
  readonly importance?: number;
  readonly metadata?: Metadata;
  readonly validFrom?: Date;
  readonly validTo?: Date | null;
  readonly expireTime?: Date | null;
  readonly reviewTime?: Date | null;
}

/** A change to one memory of a batch. */
export interface MemoryUpdate {
  readonly id: string;
  readonly patch: MemoryPatch;
  /** Change only this version. */
  readonly etag?: string | undefined;
}
