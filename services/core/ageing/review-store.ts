import type { ArchiveTarget } from "../memory/archive.ts";
import type { MemoryKind } from "../memory/memory.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Reviewable, ReviewDecision } from "./decide-review.ts";

/** A memory whose review is due, as it was read. */
export interface DueMemory extends ArchiveTarget, Reviewable {
  readonly kind: MemoryKind;
  readonly category: string;
  readonly reviewAt: Date;
}

export interface ReviewedMemory {
  readonly memory: DueMemory;
  readonly decision: ReviewDecision;
}

/** By what was done; `left` changed meanwhile. */
export type ReviewCounts = Readonly<Record<ReviewDecision["action"] | "left", number>>;

/** One review that did something. */
export interface MemoryReview {
  readonly id: string;
  readonly memoryId: string;
  readonly action: ReviewDecision["action"];
  readonly dueAt: Date;
  readonly reviewedAt: Date;
  readonly confidenceBefore: number;
  readonly confidenceAfter: number;
  readonly nextReviewAt: Date | undefined;
}

export interface ReviewListing {
  readonly scope: Scope;
  readonly actions: readonly ReviewDecision["action"][];
  /** 1..250. */
  readonly pageSize: number;
  /** Empty for the first page; opaque, bound to the filters. */
  readonly pageToken: string;
}

/** The record as reviews work it, over all projects of a tenant. */
export interface ReviewStore {
  /**
   * Memories that a search may show and whose review is due, in the order of their ids; none of fenced persons, and none
   * that was passed over by the same rules.
   */
  due(
    tenantId: string,
    projectId: string,
    page: {
      readonly now: Date;
      readonly rules: string;
      readonly after: string | undefined;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<readonly DueMemory[]>;
  /** Notes that by these rules nothing is to be done; not of memories that have another version by now. */
  passOver(
    tenantId: string,
    memories: readonly ArchiveTarget[],
    rules: string,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * Does what was decided in one transaction, under the locks of all writers, and notes it. What was changed, told again,
   * used or reviewed since it was read is left alone.
   *
   * @param reviewed a thousand at most.
   */
  apply(
    tenantId: string,
    projectId: string,
    reviewed: readonly ReviewedMemory[],
    signal?: AbortSignal,
  ): Promise<ReviewCounts>;
  /**
   * Removes what is noted of reviews of more than 90 days ago, so many at most.
   * @returns whether there may be more of it.
   */
  forget(tenantId: string, limit: number, signal?: AbortSignal): Promise<boolean>;
}

/** Reads what reviews did. */
export interface ReviewReports {
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(
    tenancy: Tenancy,
    listing: ReviewListing,
    signal?: AbortSignal,
  ): Promise<{ readonly reviews: readonly MemoryReview[]; readonly nextPageToken: string }>;
}
