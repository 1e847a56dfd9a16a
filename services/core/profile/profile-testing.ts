import type { ProfileMemory } from "./profile.ts";

const SAID = new Date("2026-03-01T10:00:00Z");

/** A memory of a profile, said once. */
export function profileMemory(id: string, text: string, members: Partial<ProfileMemory> = {}): ProfileMemory {
  return {
    id,
    text,
    kind: "semantic",
    category: "other",
    confidence: 0.9,
    importance: 0.5,
    origin: "stated",
    metadata: {},
    validFrom: SAID,
    sources: [{ messageId: `m-${id}`, sentAt: SAID }],
    slots: [],
    ...members,
  };
}
