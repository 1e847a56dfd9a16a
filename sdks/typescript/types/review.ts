/** What a review did: gave the next date alone, made it less sure, archived or removed it. */
export type ReviewAction = "refreshed" | "downgraded" | "archived" | "removed";

/** One review of a memory, and what came of it. */
export interface MemoryReview {
  /** Of one that was removed, too. */
  readonly memoryId: string;
  readonly action: ReviewAction | undefined;
  readonly dueTime: Date | undefined;
  readonly reviewTime: Date | undefined;
  readonly confidenceBefore: number;
  readonly confidenceAfter: number;
  /** Undefined of what was removed. */
  readonly nextReviewTime: Date | undefined;
}
