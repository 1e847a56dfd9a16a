import type { Client } from "@connectrpc/connect";
import { FeedbackService } from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "./caller.ts";
import { feedbackFromWire, missFromWire, ratings } from "./convert/feedback.ts";
import { scopeToWire } from "./convert/scope.ts";
import { Pages } from "./pages.ts";
import type { Feedback, Miss, Rating } from "./types/feedback.ts";
import type { Scope } from "./types/scope.ts";

/** What to say with a rating. */
export interface FeedbackOptions extends WriteOptions {
  /** Who says it, by its user; the application itself if unset. With a user's token it is that user. */
  readonly scope?: Scope | undefined;
  /** Why; at most 4 KiB. */
  readonly comment?: string | undefined;
  /** The `searchId` of the answer that the memory was a hit of. */
  readonly searchId?: string | undefined;
}

/** What should have been found. */
export interface MissOptions extends WriteOptions {
  /** In words; at most 4 KiB. */
  readonly expectedText?: string | undefined;
  readonly expectedMemoryId?: string | undefined;
  /** The `searchId` of the answer that lacked it. */
  readonly searchId?: string | undefined;
}

/** Which feedback to list. */
export interface ListFeedbackOptions extends CallOptions {
  /** Only of this memory. */
  readonly memoryId?: string | undefined;
  /** A page, up to 250. */
  readonly pageSize?: number | undefined;
}

/** What people think of what was found, and of what was not. */
export class FeedbackCalls {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof FeedbackService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(FeedbackService);
  }

  /**
   * Rates a memory, in place of what the giver said of it before; "none" takes that back. It moves the ranking within
   * bounds, and fades.
   *
   * @throws NotFoundError, also for a memory that the giver may not see.
   */
  async give(memoryId: string, rating: Rating | "none", options: FeedbackOptions = {}): Promise<void> {
    const { scope, comment = "", searchId = "" } = options;
    const request = {
      ...(scope && { scope: scopeToWire(scope) }),
      memoryId,
      rating: ratings.toWire(rating, "rating"),
      comment,
      searchId,
      requestId: requestIdOf(options),
    };
    await this.#caller.call(options, (call) => this.#rpc.giveFeedback(request, call));
  }

  /** What was said of the project's memories, newest first. */
  list(options: ListFeedbackOptions = {}): Pages<Feedback> {
    const { memoryId = "", pageSize = 0 } = options;
    return new Pages(async (pageToken) => {
      const request = { memoryId, pageSize, pageToken };
      const response = await this.#caller.call(options, (call) => this.#rpc.listFeedback(request, call));
      return {
        items: response.feedback.map(feedbackFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** Reports that a search in a scope should have found something. @returns the report's id. */
  async reportMiss(scope: Scope, query: string, options: MissOptions = {}): Promise<string> {
    const { expectedText = "", expectedMemoryId = "", searchId = "" } = options;
    const request = {
      scope: scopeToWire(scope),
      query,
      expectedText,
      expectedMemoryId,
      searchId,
      requestId: requestIdOf(options),
    };
    return (await this.#caller.call(options, (call) => this.#rpc.reportMiss(request, call))).missId;
  }

  /** The project's reported misses, newest first; they are kept for 90 days. */
  misses(options: CallOptions & { readonly pageSize?: number | undefined } = {}): Pages<Miss> {
    return new Pages(async (pageToken) => {
      const request = { pageSize: options.pageSize ?? 0, pageToken };
      const response = await this.#caller.call(options, (call) => this.#rpc.listMisses(request, call));
      return {
        items: response.misses.map(missFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }
}
