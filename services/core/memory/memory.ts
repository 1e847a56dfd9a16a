/** What sort of statement: a lasting fact, something that happened, or how a thing is done. */
export type MemoryKind = "semantic" | "episodic" | "procedural";
/** Who vouches for it. */
export type MemoryOrigin = "stated" | "inferred" | "tool";
export type MessageRole = "user" | "assistant" | "system" | "tool";

/** A range of UTF-16 code units, `[start, end)`, of a message's text. */
export interface SourceSpan {
  readonly messageId: string;
  readonly start: number;
  readonly end: number;
}

export interface EntityMention {
  /** As written, e.g. "Tel Aviv". */
  readonly name: string;
  /** person, organization, place, product, event, work, animal, date, other. */
  readonly type: string;
}

/** A typed edge between two mentioned entities, both by name. */
export interface RelationMention {
  readonly source: string;
  /** snake_case, e.g. `lives_in`. */
  readonly type: string;
  readonly target: string;
}

/** When a statement was so in the world: `[from, to)`; undefined means open. */
export interface ValidTime {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}
