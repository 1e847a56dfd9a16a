/** How good a memory was as an answer: it helped, it did not, or it is wrong or should not have been shown. */
export type Rating = "positive" | "negative" | "very_negative";

/** What one giver said last of one memory. */
export interface Feedback {
  readonly memoryId: string;
  readonly rating: Rating | undefined;
  /** Empty where nothing was said. */
  readonly comment: string;
  /** Who said it; undefined where it was the application itself. */
  readonly userId: string | undefined;
  /** The `searchId` of the answer that it was a hit of, where the giver named it. */
  readonly searchId: string | undefined;
  readonly giveTime: Date | undefined;
}

/** A search that should have found something. */
export interface Miss {
  readonly id: string;
  readonly query: string;
  /** Empty where nobody said. */
  readonly expectedText: string;
  readonly expectedMemoryId: string | undefined;
  /** Whose memories were searched. */
  readonly userId: string | undefined;
  readonly searchId: string | undefined;
  readonly reportTime: Date | undefined;
}
