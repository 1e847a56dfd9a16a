import type { EntityMention, MemoryOrigin, MessageRole, Metadata } from "../memory/memory.ts";

/** Something that happened, as consolidation reads it: the current version of an episodic memory. */
export interface Episode {
  readonly memoryId: string;
  readonly version: number;
  /** Of its version: grows with whatever is learnt of it, also where that makes no version. */
  readonly revision: string;
  readonly text: string;
  readonly category: string;
  readonly origin: MemoryOrigin;
  readonly confidence: number;
  readonly importance: number;
  /** Who told it: a name in small letters, where one is known. */
  readonly speaker: string | undefined;
  readonly role: MessageRole | undefined;
  readonly entities: readonly EntityMention[];
  readonly metadata: Metadata;
  readonly saidAt: Date;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  readonly expiresAt: Date | undefined;
  /** The turns around its source that keyword search reads; empty where they are not kept. */
  readonly window: string;
  /** Unit vector of the text. */
  readonly vector: Float32Array;
  /** Those of two models can't be compared. */
  readonly embeddingModel: string;
}
