import type { Layer } from "../tenancy/scope.ts";
import type { ContextSectionName } from "./sections.ts";

/** What a line of a context rests on. */
export interface LineSource {
  /** The memory that says it; undefined of a turn. */
  readonly memoryId: string | undefined;
  /** Messages that say it; empty of a turn that only the session's window holds. */
  readonly messageIds: readonly string[];
  /** Of a turn of the session's window its number: 1 is the first that was appended. */
  readonly turn: number | undefined;
  readonly saidAt: Date;
  /** Of a memory of a shared place, or where shared layers were taken along. */
  readonly shared?: SharedSource | undefined;
}

/** Whose memory a line is, and what others tell of it. */
export interface SharedSource {
  readonly layer: Layer | undefined;
  readonly teamId: string | undefined;
  /** As people call them; undefined of what is one person's, or where nobody knows. */
  readonly toldBy: string | undefined;
  /** Ids of memories in which other members tell it otherwise. */
  readonly disputedBy: readonly string[];
  /** Id of the memory of a nearer layer that tells it otherwise. */
  readonly overriddenBy: string | undefined;
}

/** A line that a context could hold. */
export interface ContextItem {
  readonly section: ContextSectionName;
  /** Without line breaks. */
  readonly text: string;
  /** As the line tells it, e.g. `2026-03-02`. */
  readonly when: string;
  readonly source: LineSource;
  /** Every memory that says it in these words. */
  readonly memoryIds: readonly string[];
  /** What a turn says, without who says it. */
  readonly saying: string;
  /** The lines of a section stand in the order of this. */
  readonly place: number;
  /** False of a turn that was cut: what rests on the rest of it is not told. */
  readonly isWhole: boolean;
}

/** The line as it stands in the text. @param number of its citation. */
export function lineOf({ text, when }: ContextItem, number: number): string {
  return `- ${text} (${when}) [${number}]`;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}
