import type { CallMeter } from "../cost/model-spending.ts";
import type {
  EntityMention,
  MemoryKind,
  MemoryOrigin,
  MessageRole,
  RelationMention,
  SourceSpan,
  ValidTime,
} from "../memory/memory.ts";
import type { BulkReader } from "./bulk/bulk-reader.ts";
import type { KnownAnswers } from "./model-answers.ts";
import type { SensitiveKind } from "./sensitive/sensitive-kind.ts";

/** One turn as received. */
export interface Turn {
  readonly messageId: string;
  /** Turns of one session stand together; undefined means the scope's default conversation. */
  readonly sessionId: string | undefined;
  readonly role: MessageRole;
  /** The speaker's name, if the application gave one. */
  readonly name: string | undefined;
  readonly text: string;
  readonly sentAt: Date;
}

export interface KnownMemory {
  readonly memoryId: string;
  readonly text: string;
}

export interface ExtractionInput {
  /** New turns to extract from, oldest first, of one person. */
  readonly turns: readonly Turn[];
  /** Up to 10 turns before them, oldest first; read, never extracted from again. */
  readonly context: readonly Turn[];
  /** Rolling summary of what came earlier; empty if none. */
  readonly summary: string;
  /** What is already known that lies nearest to the new turns. */
  readonly nearest: readonly KnownMemory[];
  /** What is dropped of what is read: it is not to be told together with anything else. */
  readonly keptOut?: readonly SensitiveKind[] | undefined;
  /** Makes each request to a model. */
  readonly meter?: CallMeter;
  /** What a model answered before: asked the same again, nobody is called. */
  readonly answers?: KnownAnswers | undefined;
}

/** One atomic statement that reads on its own. */
export interface Statement {
  readonly text: string;
  readonly kind: MemoryKind;
  /** One of the project's categories, e.g. `work`, `family`, `health`. */
  readonly category: string;
  /** 0..1: how sure we are that the source says this. */
  readonly confidence: number;
  /** 0..1: how much it will matter later. */
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly entities: readonly EntityMention[];
  readonly relations: readonly RelationMention[];
  /** At least one; the first is the turn that says it. */
  readonly sources: readonly SourceSpan[];
  readonly valid: ValidTime;
  /** When what lies ahead will be over: the day to look whether it came so. */
  readonly passesAt?: Date | undefined;
  /**
   * The text to embed where it differs from `text` (an extractor may embed the evidence with its
   * speaker rather than its own wording).
   */
  readonly embeddingText: string;
}

export interface DroppedTurn {
  readonly messageId: string;
  readonly reason: "small_talk" | "empty" | "not_about_anyone" | "filtered";
}

export interface ExtractionOutput {
  readonly statements: readonly Statement[];
  readonly dropped: readonly DroppedTurn[];
  /** New rolling summary; undefined leaves it as it was. */
  readonly summary: string | undefined;
}

/** Bounds of one try, so that it comes to an end and what it read is kept, however much a person has waiting. */
export interface TryLimits {
  /** More of one person's turns are left for the next try. */
  readonly turns: number;
  /** As many of their characters; a single turn may have more. */
  readonly characters: number;
  /** A try that takes longer has failed: enough for the longest turn there may be, even of a slow model. */
  readonly ms: number;
}

/** Which extractor it was, as provenance says. */
export type ExtractorVersion = Pick<Extractor, "name" | "version">;

/** Reads turns and writes statements. Which one ran, with version, is kept on every memory. */
export interface Extractor {
  /** e.g. `embedded` or the model's name. */
  readonly name: string;
  /** Changes whenever the same input could give another output. */
  readonly version: string;
  /** Whether it reads `ExtractionInput.nearest`; looking that up is spared where it does not. */
  readonly readsNearest?: boolean;
  /**
   * People it may read beside each other because it waits for a model: each one's work is applied as soon as it is
   * read. Unless told they are read one after the other, and applied together.
   */
  readonly concurrency?: number;
  /** What one try takes on of one person; unlimited unless told. */
  readonly most?: TryLimits;
  /** Reads in batches what may wait; undefined where it can't. */
  readonly bulk?: BulkReader;
  /** @throws MnemeError with a `MODEL_*` reason; permanent ones are not retryable. */
  extract(input: ExtractionInput, signal?: AbortSignal): Promise<ExtractionOutput>;
}
