import type { MemoryDraft } from "./memory.ts";

/** A finished statement with every member at its default but those given. */
export function draftOf(text: string, members: Partial<MemoryDraft> = {}): MemoryDraft {
  return {
    text,
    kind: "semantic",
    category: "other",
    confidence: 1,
    importance: 0.5,
    origin: "stated",
    metadata: {},
    validFrom: undefined,
    validTo: undefined,
    expiresAt: undefined,
    ...members,
  };
}
