import type { MemoryDraft } from "./memory.ts";

/** A statement of which nothing is known but its text, and the members that are given. */
export function plainDraft(text: string, members: Partial<MemoryDraft> = {}): MemoryDraft {
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
