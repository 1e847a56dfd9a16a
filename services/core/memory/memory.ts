import type { Scope } from "../tenancy/scope.ts";
import type { ArchiveReason } from "./archive.ts";

/** What sort of statement: a lasting fact, something that happened, or how a thing is done. */
export type MemoryKind = "semantic" | "episodic" | "procedural";
/** Who vouches for it. */
export type MemoryOrigin = "stated" | "inferred" | "tool";
export type MessageRole = "user" | "assistant" | "system" | "tool";

/** A range of UTF-16 code units, `[start, end)`, of a message's text. */
export interface SourceSpan {
  readonly messageId: string;
  readonly start: number;
  readonly end: number;
}

export interface EntityMention {
  /** As written, e.g. "Tel Aviv". */
  readonly name: string;
  /** person, organization, place, product, event, work, animal, date, other. */
  readonly type: string;
}

/** A typed edge between two mentioned entities, both by name. */
export interface RelationMention {
  readonly source: string;
  /** snake_case, e.g. `lives_in`. */
  readonly type: string;
  readonly target: string;
  /** Told as over: the days between which it was so, as `2019-12-31`, UTC; `to` is the first one behind it. */
  readonly over?: { readonly from?: string; readonly to: string } | undefined;
}

/** When a statement was so in the world: `[from, to)`; undefined means open. */
export interface ValidTime {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

export type MetadataValue = string | number | boolean;
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** What reconciling a statement with what was known decided. */
export type ReconcileOutcome = "add" | "update" | "supersede" | "noop" | "delete";

/** A source with the turn it points into. `text` is empty where messages are not kept. */
export interface MemorySource extends SourceSpan {
  readonly role: MessageRole;
  readonly name: string | undefined;
  readonly text: string;
  readonly sentAt: Date;
  /** When the memory came to rest on it; undefined of what came before that was kept. */
  readonly recordedAt?: Date | undefined;
}

/** One version of a memory as clients see it. */
export interface Memory {
  readonly id: string;
  readonly version: number;
  /** Opaque; changes with every version. */
  readonly etag: string;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly scope: Scope;
  readonly entities: readonly EntityMention[];
  readonly sources: readonly MemorySource[];
  readonly derivedFrom: readonly string[];
  readonly metadata: Metadata;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  readonly recordedFrom: Date;
  readonly recordedTo: Date | undefined;
  readonly replacedBy: string | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
  /** When it is to be looked at again; undefined: never. */
  readonly reviewAt?: Date | undefined;
  readonly extractor: string;
  readonly extractorVersion: string;
  readonly embeddingModel: string;
  readonly extractionId: string | undefined;
  readonly outcome: ReconcileOutcome;
  /** By which rule; undefined of what was written by hand, or before that was kept. */
  readonly rule?: string | undefined;
  /** Set while it is archived: found by no search. */
  readonly archived?: { readonly at: Date; readonly reason: ArchiveReason } | undefined;
}

/** What an application writes itself; unset members take the defaults of the wire contract. */
export interface MemoryDraft {
  readonly text: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly metadata: Metadata;
  readonly validFrom: Date | undefined;
  readonly validTo: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** When it is to be looked at again; by the project's rules if undefined. */
  readonly reviewAt?: Date | undefined;
}
