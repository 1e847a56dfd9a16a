import type { Tenancy } from "../tenancy/caller.ts";
import type { Page, PageAsked } from "../tenancy/page.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { Feedback, Miss, Rating } from "./feedback.ts";

/** What somebody says of a memory. */
export interface GivenFeedback {
  /** Who says it, by its user; undefined, or without one: the application. */
  readonly scope: Scope | undefined;
  readonly memoryId: string;
  /** Undefined takes back what was said. */
  readonly rating: Rating | undefined;
  /** May be empty. */
  readonly comment: string;
  readonly searchId: string | undefined;
}

/** What somebody did not find. */
export interface ReportedMiss {
  readonly scope: Scope;
  readonly query: string;
  /** May be empty. */
  readonly expectedText: string;
  readonly expectedMemoryId: string | undefined;
  readonly searchId: string | undefined;
}

export interface FeedbackListing extends PageAsked {
  /** Of all memories if undefined. */
  readonly memoryId: string | undefined;
}

/** Where it is kept what people say of answers. */
export interface FeedbackStore {
  /**
   * Keeps what a giver says of a memory, in place of what that giver said before.
   *
   * @throws MnemeError MEMORY_NOT_FOUND, also for one that the giver may not see; SUBJECT_FENCED, REQUEST_ID_REUSED.
   */
  give(tenancy: Tenancy, given: GivenFeedback, request: WriteRequest, signal?: AbortSignal): Promise<void>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(tenancy: Tenancy, listing: FeedbackListing, signal?: AbortSignal): Promise<Page<Feedback>>;
  /**
   * Keeps a report, as one of `MOST_MISSES`.
   *
   * @returns its id.
   * @throws MnemeError MEMORY_NOT_FOUND for an expected memory that the scope may not see; SUBJECT_FENCED,
   *   REQUEST_ID_REUSED.
   */
  reportMiss(
    tenancy: Tenancy,
    miss: ReportedMiss,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<string>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  listMisses(tenancy: Tenancy, asked: PageAsked, signal?: AbortSignal): Promise<Page<Miss>>;
}
