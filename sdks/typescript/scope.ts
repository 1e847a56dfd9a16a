import type { Client } from "@connectrpc/connect";
import { MemoryService, WaitFor } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { type Caller, requestIdOf, type WriteOptions } from "./caller.ts";
import { contextFromWire, sectionsToWire } from "./convert/context.ts";
import { extractionFromWire, processings } from "./convert/extraction.ts";
import { freshnessToWire } from "./convert/freshness.ts";
import { defined, kinds, memoryFromWire } from "./convert/memory.ts";
import { memoryReviewFromWire, reviewActions } from "./convert/memory-review.ts";
import { messageToWire } from "./convert/message.ts";
import { profileFromWire, profileRequest } from "./convert/profile.ts";
import { checkedId, metadataToWire, type ScopeMember, scopeToWire } from "./convert/scope.ts";
import { filterToWire, layers, rankingToWire, searchResultFromWire } from "./convert/search.ts";
import { fromDate } from "./convert/time.ts";
import { Graph } from "./graph.ts";
import { type ImportOptions, importMemories } from "./import.ts";
import { Pages } from "./pages.ts";
import type {
  AddOptions,
  ContextOptions,
  ListOptions,
  ListReviewsOptions,
  MostRecentOptions,
  ProfileOptions,
  ReadOptions,
  SearchOptions,
} from "./scope-options.ts";
import { type AppendOptions, SessionCalls, type WindowOptions } from "./session.ts";
import { timesToWire } from "./times.ts";
import type { Context } from "./types/context.ts";
import type { Memory, MemoryDraft } from "./types/memory.ts";
import type { Message } from "./types/message.ts";
import type { Profile } from "./types/profile.ts";
import type { AddResult, DeleteResult, ImportResult } from "./types/results.ts";
import type { MemoryReview } from "./types/review.ts";
import type { Scope, SharedWith } from "./types/scope.ts";
import type { SearchResult } from "./types/search.ts";
import type { SessionWindow } from "./types/session.ts";

/**
 * Memories of a person, an agent, an application, a team, a session, or of a mix of them. Narrowing makes a new
 * scope and leaves this one as it is: `mneme.agent("support").user("ada")`.
 */
export class MemoryScope {
  readonly scope: Scope;
  /** What the scope's memories mention, and how it hangs together. */
  readonly graph: Graph;
  readonly #caller: Caller;
  readonly #memories: Client<typeof MemoryService>;
  readonly #search: Client<typeof SearchService>;

  constructor(caller: Caller, scope: Scope) {
    this.scope = scope;
    this.graph = new Graph(caller, scope);
    this.#caller = caller;
    this.#memories = caller.client(MemoryService);
    this.#search = caller.client(SearchService);
  }

  user(id: string): MemoryScope {
    return new MemoryScope(this.#caller, this.#with("userId", id));
  }

  agent(id: string): MemoryScope {
    return new MemoryScope(this.#caller, this.#with("agentId", id));
  }

  app(id: string): MemoryScope {
    return new MemoryScope(this.#caller, this.#with("appId", id));
  }

  team(id: string): MemoryScope {
    return new MemoryScope(this.#caller, this.#with("teamId", id));
  }

  /** Shared with the whole project, or with the tenant: a user beside it is who tells it. */
  sharedWith(sharedWith: SharedWith): MemoryScope {
    return new MemoryScope(this.#caller, { ...this.scope, sharedWith });
  }

  /** One conversation: also gives its window, see {@link SessionScope}. */
  session(id: string): SessionScope {
    return new SessionScope(this.#caller, this.#with("sessionId", id));
  }

  #with(member: ScopeMember, id: string): Scope {
    return { ...this.scope, [member]: checkedId(member, id) };
  }

  /**
   * Takes a text, a turn or several turns (oldest first, at most 1,000 and 4 MiB). Once answered they are kept;
   * memories follow: wait with `waitFor` here, with `mneme.waitFor(result)`, or read with `atLeastAsFresh: result`.
   */
  async add(content: string | Message | readonly Message[], options: AddOptions = {}): Promise<AddResult> {
    const request = {
      scope: scopeToWire(this.scope),
      messages: messagesOf(content, options).map((message, i) => messageToWire(message, `messages[${i}]`)),
      requestId: requestIdOf(options),
      metadata: metadataToWire(options.metadata, "metadata"),
      waitFor: WAIT_FOR[options.waitFor ?? "accepted"],
      processing: processings.toWire(options.processing, "processing"),
      ...defined({ infer: options.infer }),
    };
    const waits = options.waitFor !== undefined;
    const response = await this.#caller.call(
      options,
      (call) => this.#memories.addMessages(request, call),
      waits,
    );
    return {
      extractionId: response.extractionId,
      freshnessToken: response.freshnessToken,
      messageIds: [...response.messageIds],
      extraction: response.extraction && extractionFromWire(response.extraction),
      waitExpired: response.waitExpired,
    };
  }

  /**
   * Takes many finished statements as a stream, in parts that are tried again on their own. In browsers, which
   * cannot stream a request, it throws UnimplementedError: use `add(messages, { infer: false })` there.
   */
  import(
    drafts: Iterable<string | MemoryDraft> | AsyncIterable<string | MemoryDraft>,
    options: ImportOptions = {},
  ): Promise<ImportResult> {
    return importMemories(this.#caller, this.scope, drafts, options);
  }

  /** Finds memories and packs the best into a token budget. */
  async search(query: string, options: SearchOptions = {}): Promise<SearchResult> {
    const request = {
      ...readRequest(this.scope, query, options),
      limit: options.limit ?? 0,
      ...defined({ minSimilarity: options.minSimilarity, minScore: options.minScore }),
    };
    const waits = options.atLeastAsFresh !== undefined;
    return searchResultFromWire(
      await this.#caller.call(options, (call) => this.#search.search(request, call), waits),
    );
  }

  /**
   * The memories of the scope that were said last, newest first: `count` of them, up to 100, that pass the filter. What was
   * told again counts as said then; nothing is ranked, so every score is 0.
   */
  async mostRecent(count: number, options: MostRecentOptions = {}): Promise<SearchResult> {
    const asked = { ...readRequest(this.scope, "", options), mostRecent: count };
    const waits = options.atLeastAsFresh !== undefined;
    return searchResultFromWire(
      await this.#caller.call(options, (call) => this.#search.search(asked, call), waits),
    );
  }

  /**
   * Writes a block of text ready for a prompt, inside a token budget, with citations: who it is about, what is known that
   * the query asks for, and the last turns of the scope's session.
   */
  async context(query: string, options: ContextOptions = {}): Promise<Context> {
    const request = {
      ...readRequest(this.scope, query, options),
      sections: sectionsToWire(options.sections),
      model: options.model ?? "",
      mostRecent: options.mostRecent ?? 0,
      allSessions: options.allSessions ?? false,
    };
    const waits = options.atLeastAsFresh !== undefined;
    return contextFromWire(
      await this.#caller.call(options, (call) => this.#search.getContext(request, call), waits),
    );
  }

  /**
   * Who a person is, line by line, each with its sources; the scope names a user. Right as soon as a write is.
   *
   * @throws InvalidArgumentError for a scope without a user.
   */
  async profile(options: ProfileOptions = {}): Promise<Profile> {
    const request = profileRequest(this.scope, options);
    const waits = options.atLeastAsFresh !== undefined;
    return profileFromWire(
      await this.#caller.call(options, (call) => this.#search.getProfile(request, call), waits),
    );
  }

  /** What reviews of the scope's memories did in the last 90 days, newest first. */
  reviews(options: ListReviewsOptions = {}): Pages<MemoryReview> {
    return new Pages(async (pageToken) => {
      const request = {
        scope: scopeToWire(this.scope),
        actions: (options.actions ?? []).map((action, i) => reviewActions.toWire(action, `actions[${i}]`)),
        pageSize: options.pageSize ?? 0,
        pageToken,
      };
      const response = await this.#caller.call(options, (call) =>
        this.#memories.listMemoryReviews(request, call),
      );
      return {
        items: response.reviews.map(memoryReviewFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** The scope's memories, newest first, fetched page by page while they are read. */
  list(options: ListOptions = {}): Pages<Memory> {
    return new Pages(async (pageToken) => {
      const request = {
        scope: scopeToWire(this.scope),
        kinds: (options.kinds ?? []).map((kind, index) => kinds.toWire(kind, `kinds[${index}]`)),
        categories: [...(options.categories ?? [])],
        showSuperseded: options.showSuperseded ?? false,
        showArchived: options.showArchived ?? false,
        pageSize: options.pageSize ?? 0,
        pageToken,
        ...timesToWire(options),
        ...(options.reviewBefore && { reviewBefore: fromDate(options.reviewBefore, "review_before") }),
      };
      const response = await this.#caller.call(options, (call) => this.#memories.listMemories(request, call));
      return {
        items: response.memories.map(memoryFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** Deletes every memory of the scope. This is deletion, not the erasure of a person. */
  async deleteAll(options: WriteOptions = {}): Promise<DeleteResult> {
    const request = { scope: scopeToWire(this.scope), requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) =>
      this.#memories.deleteAllMemories(request, call),
    );
    return { deleted: response.deleted };
  }
}

/** One conversation: its memories, and the window over its last turns. */
export class SessionScope extends MemoryScope {
  readonly #window: SessionCalls;

  constructor(caller: Caller, scope: Scope) {
    super(caller, scope);
    this.#window = new SessionCalls(caller, scope);
  }

  /**
   * Appends at most 100 turns to the window, each at most 3 MiB with its tool calls, and may replace the task's state.
   * Nothing is extracted from it.
   */
  append(turns: string | Message | readonly Message[], options: AppendOptions = {}): Promise<SessionWindow> {
    return this.#window.append(messagesOf(turns, {}), options);
  }

  /** The last turns and the task's state. @throws NotFoundError where there is no live window. */
  window(options: WindowOptions = {}): Promise<SessionWindow> {
    return this.#window.get(options);
  }

  /** Clears the window; memories stay. */
  end(options: WriteOptions = {}): Promise<void> {
    return this.#window.end(options);
  }
}

const WAIT_FOR = {
  accepted: WaitFor.UNSPECIFIED,
  extracted: WaitFor.EXTRACTED,
  searchable: WaitFor.SEARCHABLE,
} as const;

function messagesOf(
  content: string | Message | readonly Message[],
  { role, name, sentAt }: Pick<AddOptions, "role" | "name" | "sentAt">,
): readonly Message[] {
  if (typeof content === "string") return [{ text: content, role, name, sentAt }];
  return Array.isArray(content) ? content : [content as Message];
}

function readRequest(scope: Scope, query: string, options: ReadOptions) {
  const { filter, ranking } = options;
  return {
    scope: scopeToWire(scope),
    query,
    layers: (options.layers ?? []).map((layer, i) => layers.toWire(layer, `layers[${i}]`)),
    tokenBudget: options.tokenBudget ?? 0,
    atLeastAsFresh: freshnessToWire(options.atLeastAsFresh),
    ...defined({
      filter: filter && filterToWire(filter),
      ranking: ranking && rankingToWire(ranking),
    }),
    ...timesToWire(options),
  };
}
