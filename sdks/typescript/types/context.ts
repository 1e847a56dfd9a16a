import type { Degradation, Layer, LeftOut, LeftOutReason, QueryTime } from "./search.ts";

/** What a section of a context tells. */
export type ContextSectionName = "profile" | "facts" | "events" | "procedures" | "turns" | "recent";

/** A block of text for a prompt. */
export interface Context {
  /** Ready to paste; each line ends with its citation, e.g. [1]. */
  readonly text: string;
  readonly citations: readonly Citation[];
  /** Tokens of the text, headings and citations included. */
  readonly tokens: number;
  /** What counted them; "o200k_base (estimate)" where the model's own tokenizer is not known: leave room then. */
  readonly tokenizer: string;
  /** The text as its parts: the sections that have lines. */
  readonly sections: readonly ContextSection[];
  /** Memories that were found but left out, best first, at most 50. */
  readonly leftOut: readonly LeftOut[];
  /** The lines that are left out, counted; those of `leftOut` are among them. */
  readonly leftOutCounts: readonly ContextLeftOut[];
  readonly degraded: readonly Degradation[];
  /** How the time that the query names was understood; unset where it names none. */
  readonly time: QueryTime | undefined;
}

/** A section as its parts. */
export interface ContextSection {
  readonly name: ContextSectionName | undefined;
  readonly heading: string;
  /** Without bullet, date and citation. */
  readonly lines: readonly { readonly text: string; readonly citation: number }[];
  readonly tokens: number;
}

/** How many lines a section leaves out, and why. */
export interface ContextLeftOut {
  readonly section: ContextSectionName | undefined;
  readonly reason: LeftOutReason | undefined;
  readonly count: number;
}

/** What a number in a context stands for. */
export interface Citation {
  readonly number: number;
  readonly section: ContextSectionName | undefined;
  /** Undefined of a turn. */
  readonly memoryId: string | undefined;
  readonly messageIds: readonly string[];
  /** Of a turn of the session's window its number: 1 is the first that was appended. */
  readonly turn: number | undefined;
  /** When its source was said; of a profile's line, when it was said last. */
  readonly saidAt: Date | undefined;
  /** Whose memory it is, where shared layers were taken along. */
  readonly layer: Layer | undefined;
  /** The team that it was told to. */
  readonly teamId: string | undefined;
  /** Who told a shared memory. */
  readonly toldBy: string | undefined;
  /** Ids of memories in which another member tells it otherwise. */
  readonly disputedBy: readonly string[];
  /** Id of the memory of a nearer layer that tells it otherwise. */
  readonly overriddenBy: string | undefined;
}
