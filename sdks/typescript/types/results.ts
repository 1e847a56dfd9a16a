import type { Extraction } from "./extraction.ts";
import type { Memory } from "./memory.ts";

/** What an add may wait for before it answers: in the record, or findable. */
export type WaitUntil = "extracted" | "searchable";

/** An accepted add: its messages are kept, its memories follow. */
export interface AddResult {
  readonly extractionId: string;
  /** Pass it (or this object) as `atLeastAsFresh` to read your own write. */
  readonly freshnessToken: string;
  /** One id a message, in order. */
  readonly messageIds: readonly string[];
  readonly extraction: Extraction | undefined;
  /**
   * True if `waitFor` was not reached before the deadline, or the extraction waits for a budget or a batch
   * (`extraction.waiting`): then it is answered at once. The work goes on.
   */
  readonly waitExpired: boolean;
}

/** An accepted import. */
export interface ImportResult {
  readonly extractionIds: readonly string[];
  readonly accepted: number;
  /** Covers the last part; wait for all with `waitFor(result)`. */
  readonly freshnessToken: string;
}

/** A changed memory. */
export interface UpdateResult {
  /** As it is now. */
  readonly memory: Memory;
  readonly freshnessToken: string;
}

/** A batch of changes, all of which were made. */
export interface BatchUpdateResult {
  /** As they are now, in the order sent: the first ones that 3 MiB hold. The others are changed as well. */
  readonly memories: readonly Memory[];
  readonly freshnessToken: string;
}

/** Memories in the order asked for, and the ids for which there is nothing. */
export interface BatchGetResult {
  readonly memories: readonly Memory[];
  readonly notFound: readonly string[];
}

/** How many memories a deletion removed. */
export interface DeleteResult {
  readonly deleted: number;
}

/** A write's token, or any result that carries one. */
export type Freshness = string | { readonly freshnessToken: string };
