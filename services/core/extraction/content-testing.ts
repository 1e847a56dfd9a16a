import type { MemoryContent } from "./ingest-store.ts";

/** A statement as a user said it in one message, with everything else at its plainest. */
export function contentOf(text: string, messageId: string, saidAt: Date = new Date(0)): MemoryContent {
  return {
    statement: {
      text,
      embeddingText: text,
      kind: "semantic",
      category: "other",
      confidence: 1,
      importance: 0.5,
      origin: "stated",
      entities: [],
      relations: [],
      sources: [{ messageId, start: 0, end: text.length }],
      valid: { from: undefined, to: undefined },
    },
    vector: new Float32Array([1, 0]),
    metadata: {},
    expiresAt: undefined,
    features: {
      window: text,
      speaker: undefined,
      role: "user",
      isQuestion: false,
      hasTime: false,
      saidAt,
    },
    slots: [],
  };
}
