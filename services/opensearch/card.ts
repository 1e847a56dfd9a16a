import { createHash } from "node:crypto";
import type { MemoryKind, MemoryOrigin, MessageRole } from "@mneme/core/memory/memory.ts";
import type { Candidate, IndexedMemory } from "@mneme/core/search/memory-index.ts";

/** What a hit says of itself; the arms add the scores. */
export type Card = Omit<Candidate, "cosine" | "bm25" | "entity" | "rare" | "valid">;

/**
 * What fusion needs of a document, its id included, packed into one binary doc value. Reading ten doc
 * values a hit costs a tenth of a search more, and reading `_id` costs as much as the search itself: stored
 * fields are decompressed in blocks, and recent documents keep their whole body there until a merge drops
 * it. Little endian:
 * 0 layout, 1 kind, 2 origin, 3 role, 4 flags (1 question, 2 time, 4 window), 5 confidence f32, 9 importance f32,
 * 13 said at f64 (milliseconds since 1970), 21 version u32, 25 mark of the embedding model, 29 length of the
 * memory id, the memory id, the speaker (both UTF-8; no speaker: empty).
 */
const LAYOUT = 2;
const MODEL_AT = 25;
const MODEL_BYTES = 4;
const FIXED_BYTES = 30;
const QUESTION = 1;
const TIME = 2;
const WINDOW = 4;
// Order is the encoding: append only.
const KINDS: readonly MemoryKind[] = ["semantic", "episodic", "procedural"];
const ORIGINS: readonly MemoryOrigin[] = ["stated", "inferred", "tool"];
const ROLES: readonly MessageRole[] = ["user", "assistant", "system", "tool"];
const NO_ROLE = 255;

export function encodeCard(memory: IndexedMemory): Buffer {
  const speaker = Buffer.from(memory.speaker ?? "", "utf8");
  const memoryId = Buffer.from(memory.memoryId, "utf8");
  const card = Buffer.alloc(FIXED_BYTES + memoryId.length + speaker.length);
  card.writeUInt8(LAYOUT, 0);
  card.writeUInt8(KINDS.indexOf(memory.kind), 1);
  card.writeUInt8(ORIGINS.indexOf(memory.origin), 2);
  card.writeUInt8(memory.role === undefined ? NO_ROLE : ROLES.indexOf(memory.role), 3);
  const hasWindow = memory.window !== memory.text;
  card.writeUInt8(
    (memory.isQuestion ? QUESTION : 0) | (memory.hasTime ? TIME : 0) | (hasWindow ? WINDOW : 0),
    4,
  );
  card.writeFloatLE(memory.confidence, 5);
  card.writeFloatLE(memory.importance, 9);
  card.writeDoubleLE(memory.saidAt.getTime(), 13);
  card.writeUInt32LE(memory.version, 21);
  modelMark(memory.embeddingModel).copy(card, MODEL_AT);
  card.writeUInt8(memoryId.length, FIXED_BYTES - 1);
  memoryId.copy(card, FIXED_BYTES);
  speaker.copy(card, FIXED_BYTES + memoryId.length);
  return card;
}

/** @returns undefined for a layout this process does not know. */
export function decodeCard(card: Buffer): Card | undefined {
  if (card.length < FIXED_BYTES || card.readUInt8(0) !== LAYOUT) return undefined;
  const kind = KINDS[card.readUInt8(1)];
  const origin = ORIGINS[card.readUInt8(2)];
  if (kind === undefined || origin === undefined) return undefined;
  const flags = card.readUInt8(4);
  const speakerAt = FIXED_BYTES + card.readUInt8(FIXED_BYTES - 1);
  return {
    memoryId: card.toString("utf8", FIXED_BYTES, speakerAt),
    version: card.readUInt32LE(21),
    kind,
    origin,
    role: ROLES[card.readUInt8(3)],
    isQuestion: (flags & QUESTION) !== 0,
    hasTime: (flags & TIME) !== 0,
    hasWindow: (flags & WINDOW) !== 0,
    confidence: decimal(card.readFloatLE(5)),
    importance: decimal(card.readFloatLE(9)),
    saidAt: new Date(card.readDoubleLE(13)),
    speaker: card.length > speakerAt ? card.toString("utf8", speakerAt) : undefined,
  };
}

/** Stands for a model in every card: enough to tell models apart, in four bytes a hit. */
export function modelMark(model: string): Buffer {
  return createHash("sha256").update(model).digest().subarray(0, MODEL_BYTES);
}

/** Whether the document's vector was made by the model of this mark. The card must be one that can be read. */
export function isOfModel(card: Buffer, mark: Buffer): boolean {
  return card.compare(mark, 0, MODEL_BYTES, MODEL_AT, MODEL_AT + MODEL_BYTES) === 0;
}

/** Back to the decimal of a share: .9 went in and .8999999761581421 would come out. */
function decimal(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}
