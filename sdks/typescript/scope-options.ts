import type { CallOptions, WriteOptions } from "./caller.ts";
import type { Times } from "./times.ts";
import type { ContextSectionName } from "./types/context.ts";
import type { Processing } from "./types/extraction.ts";
import type { MemoryKind } from "./types/memory.ts";
import type { Role } from "./types/message.ts";
import type { Freshness, WaitUntil } from "./types/results.ts";
import type { ReviewAction } from "./types/review.ts";
import type { Metadata } from "./types/scope.ts";
import type { Ranking, SearchFilter, SharedLayer } from "./types/search.ts";

/** How to add. */
export interface AddOptions extends WriteOptions {
  /** False stores every message's text as one statement, unchanged: each at most 8 KiB and not blank. */
  readonly infer?: boolean | undefined;
  /**
   * How soon to read them; "now" if unset. "bulk" is for imports and backfills: they may wait a day, and cost less where
   * the project has batches (`settings.models.batch`). What the same person says meanwhile waits behind them.
   */
  readonly processing?: Processing | undefined;
  /** Attached to every memory that comes of these turns. */
  readonly metadata?: Metadata | undefined;
  /** Answer only when the memories are in the record, or findable; at most until the deadline. */
  readonly waitFor?: WaitUntil | undefined;
  /** Of a plain text: who says it; "user" if unset. */
  readonly role?: Role | undefined;
  /** Of a plain text: the speaker's name. */
  readonly name?: string | undefined;
  /** Of a plain text: when it was said. */
  readonly sentAt?: Date | undefined;
}

/** What a search and a context have in common. */
export interface ReadOptions extends CallOptions, Times {
  /**
   * Shared layers to take along, "shared" for all that the call may read: the user's own memories are searched always, and
   * of two layers that tell otherwise the nearer one comes first. If unset, the scope alone is searched, and each of its
   * members restricts.
   */
  readonly layers?: readonly SharedLayer[] | undefined;
  /** At most this many tokens of text over all hits, up to 32,000; 200 if unset. */
  readonly tokenBudget?: number | undefined;
  readonly filter?: SearchFilter | undefined;
  readonly ranking?: Ranking | undefined;
  /** Waits, up to the deadline, until this write can be found. */
  readonly atLeastAsFresh?: Freshness | undefined;
}

/** How to search. */
export interface SearchOptions extends ReadOptions {
  /** At most this many hits, up to 100; 10 if unset. */
  readonly limit?: number | undefined;
  /** Only hits with at least this cosine, -1 to 1. */
  readonly minSimilarity?: number | undefined;
  /** Only hits with at least this score. */
  readonly minScore?: number | undefined;
}

/** Which memories said last. */
export interface MostRecentOptions extends Omit<ReadOptions, "ranking"> {
  /** At most this many tokens of text over all hits, up to 32,000; that if unset. */
  readonly tokenBudget?: number | undefined;
}

/** How to write a context. */
export interface ContextOptions extends ReadOptions {
  /** At most this many tokens for the whole block, 50 to 32,000; 200 if unset. */
  readonly tokenBudget?: number | undefined;
  /** What to write, in this order; a name alone has its default share. All if unset, "recent" only with `mostRecent`. */
  readonly sections?: readonly (ContextSectionName | SectionWish)[] | undefined;
  /** Whose tokenizer counts: a model, e.g. "gpt-5", or an encoding, e.g. "cl100k_base"; "o200k_base" if unset. */
  readonly model?: string | undefined;
  /** Brings so many memories that were said last beside what the query finds, up to 50; of the section "recent" 10 if unset. */
  readonly mostRecent?: number | undefined;
  /** Finds memories of all sessions: the scope's own then only says whose turns are told. */
  readonly allSessions?: boolean | undefined;
}

/** A section of a context with its part of the budget beside those of the others, 1 to 1,000. */
export interface SectionWish {
  readonly name: ContextSectionName;
  readonly share?: number | undefined;
}

/** Which lines of a profile. */
export interface ProfileOptions extends CallOptions, Times {
  /** Only these categories. */
  readonly categories?: readonly string[] | undefined;
  /** At most this many lines, up to 200; 60 if unset. */
  readonly maxLines?: number | undefined;
  /** At most this many tokens of text over all lines, up to 32,000. */
  readonly tokenBudget?: number | undefined;
  /** Whose tokenizer counts: a model, e.g. "gpt-5", or an encoding, e.g. "cl100k_base"; "o200k_base" if unset. */
  readonly model?: string | undefined;
  /** Waits, up to the deadline, until this write can be found. */
  readonly atLeastAsFresh?: Freshness | undefined;
}

/** Which memories to list; `asOf` also lists what was replaced since. */
export interface ListOptions extends CallOptions, Times {
  readonly kinds?: readonly MemoryKind[] | undefined;
  readonly categories?: readonly string[] | undefined;
  /** Replaced and ended ones too. */
  readonly showSuperseded?: boolean | undefined;
  /** Archived ones too. */
  readonly showArchived?: boolean | undefined;
  /** Only those that are to be reviewed before this time; now lists what is due. */
  readonly reviewBefore?: Date | undefined;
  /** Memories a page, up to 250; fewer where they are long. */
  readonly pageSize?: number | undefined;
}

export interface ListReviewsOptions extends CallOptions {
  /** Only those that did this; any if unset. */
  readonly actions?: readonly ReviewAction[] | undefined;
  /** At most 250. */
  readonly pageSize?: number | undefined;
}
