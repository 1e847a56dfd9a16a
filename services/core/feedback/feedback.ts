/** How good a memory was as an answer. */
export type Rating = "positive" | "negative" | "very_negative";

/** What one giver said last of one memory. */
export interface Feedback {
  readonly memoryId: string;
  readonly rating: Rating;
  /** Empty where nothing was said. */
  readonly comment: string;
  /** The giver's outside id; undefined where it was the application. */
  readonly userId: string | undefined;
  readonly searchId: string | undefined;
  readonly givenAt: Date;
}

/** A search that should have found something. */
export interface Miss {
  readonly id: string;
  readonly query: string;
  /** Empty where nobody said. */
  readonly expectedText: string;
  readonly expectedMemoryId: string | undefined;
  /** Whose memories were searched; undefined where it was nobody's. */
  readonly userId: string | undefined;
  readonly searchId: string | undefined;
  readonly reportedAt: Date;
}

/** Reports that a project keeps; the oldest give way. */
export const MOST_MISSES = 10_000;
