import type { MemoryKind } from "../memory/memory.ts";

/** In the order of the default. */
export const CONTEXT_SECTIONS = ["profile", "facts", "events", "procedures", "turns", "recent"] as const;
export type ContextSectionName = (typeof CONTEXT_SECTIONS)[number];

export const HEADINGS: Readonly<Record<ContextSectionName, string>> = {
  profile: "Who this is about:",
  facts: "Known facts:",
  events: "What happened:",
  procedures: "How things are done:",
  turns: "Last turns:",
  recent: "Said last:",
};

export const SECTION_OF: Readonly<Record<MemoryKind, ContextSectionName>> = {
  semantic: "facts",
  episodic: "events",
  procedural: "procedures",
};

/** A section that is asked for. */
export interface SectionWish {
  readonly section: ContextSectionName;
  /** Its part of the budget, beside those of the others; above 0. */
  readonly share: number;
}

/** What the question asks for has most of it, by rule of thumb: who it is about and what was just said go with it. */
export const DEFAULT_SHARES: Readonly<Record<ContextSectionName, number>> = {
  profile: 15,
  facts: 40,
  events: 20,
  procedures: 10,
  turns: 15,
  recent: 20,
};

/** Kinds of memories that the sections hold which a search fills; none where it fills none. */
export function kindsOf(wishes: readonly SectionWish[]): MemoryKind[] {
  const wanted = new Set(wishes.map(({ section }) => section));
  return (Object.keys(SECTION_OF) as MemoryKind[]).filter((kind) => wanted.has(SECTION_OF[kind]));
}
