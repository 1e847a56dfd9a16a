import type { MemoryKind, MemoryOrigin } from "./memory.ts";

/** What a line of a profile is about. */
export type ProfileGroupName =
  | "identity"
  | "home"
  | "work"
  | "people"
  | "health"
  | "preferences"
  | "routines"
  | "plans"
  | "other";

/** Who a person is, as far as memories tell. */
export interface Profile {
  /** Those that have lines, always in the same order. */
  readonly groups: readonly ProfileGroup[];
  /** Tokens of all lines' texts. */
  readonly tokens: number;
  /** What counted them; "o200k_base (estimate)" where the model's own tokenizer is not known. */
  readonly tokenizer: string;
  /** How much of what is known it does not tell, and why. */
  readonly leftOut: ProfileLeftOut;
}

/** Lines of one sort. */
export interface ProfileGroup {
  readonly name: ProfileGroupName | undefined;
  /** Best first. */
  readonly lines: readonly ProfileLine[];
}

/** One thing that is known of a person. */
export interface ProfileLine {
  readonly text: string;
  readonly kind: MemoryKind | undefined;
  readonly category: string;
  readonly confidence: number;
  readonly origin: MemoryOrigin | undefined;
  /** The memory that says it, and those that say the same to other audiences. */
  readonly memoryIds: readonly string[];
  /** Messages that say it, oldest first. */
  readonly messageIds: readonly string[];
  /** Since when it is so in the world. */
  readonly since: Date | undefined;
  readonly lastSaidAt: Date | undefined;
}

/** How much a profile does not tell. */
export interface ProfileLeftOut {
  /** Lines beyond `maxLines`. */
  readonly limit: number;
  /** Lines that the token budget had no room for. */
  readonly budget: number;
  /** Memories of which a newer one tells otherwise: where somebody lives, works ... is told once. */
  readonly outdated: number;
  /** Memories that were not looked at: others of their category matter more. */
  readonly notRead: number;
}
