import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus } from "@mneme/proto/grpc/health/v1/health_pb.js";
import { ExtractionState } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { HistoryEvent } from "@mneme/proto/mneme/memory/v1/history_pb.js";
import { ArchiveReason, type MemoryDraft } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Message } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { ContextSectionName } from "@mneme/proto/mneme/search/v1/context_pb.js";
import { ProfileGroupName } from "@mneme/proto/mneme/search/v1/profile_pb.js";

import { Layer, LeftOutReason, QueryTimeKind } from "@mneme/proto/mneme/search/v1/search_pb.js";

import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { v7 as uuidv7 } from "uuid";
import { MemoryStore, matches, page } from "./memory-store.ts";
import { etagMismatch, fieldError, wireError } from "./wire-error.ts";

export const KEY = "mneme_test_key";

/** A call as it arrived, for tests to look at. */
export interface SeenCall {
  readonly method: string;
  readonly requestId: string;
  readonly headers: Headers;
}

/**
 * The wire contract over plain maps: enough of Mneme to test a client against, idempotent by request id like the
 * real one. Words of a query are matched whole.
 */
export class MemoryServer {
  readonly calls: SeenCall[] = [];
  /** Keys and tokens that are good. */
  readonly secrets = new Set([KEY]);
  readonly #store = new MemoryStore();
  readonly #answers = new Map<string, unknown>();
  readonly #windows = new Map<
    string,
    { turns: Message[]; taskState: object; count: bigint; version: number }
  >();
  /** Thrown, one a call, before anything is done. */
  readonly failures: Error[] = [];
  /** Thrown, one a stream, after its first message. */
  readonly brokenStreams: Error[] = [];

  get memories() {
    return this.#store.memories;
  }

  /** States that a watched extraction runs through after "queued". */
  set states(states: ExtractionState[]) {
    this.#store.states = states;
  }

  readonly routes = (router: ConnectRouter) => {
    this.#memoryRoutes(router);
    this.#searchRoutes(router);
    this.#extractionRoutes(router);
    this.#sessionRoutes(router);
    router.service(Health, { check: () => ({ status: HealthCheckResponse_ServingStatus.SERVING }) });
  };

  #enter(context: HandlerContext, requestId = "") {
    this.calls.push({ method: context.method.name, requestId, headers: context.requestHeader });
    context.responseHeader.set("x-request-id", `req-${this.calls.length}`);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const [, secret = ""] = context.requestHeader.get("authorization")?.split("Bearer ") ?? [];
    if (!this.secrets.has(secret)) {
      throw wireError("the key is not known", Code.Unauthenticated, "CREDENTIALS_INVALID");
    }
  }

  #once<T>(method: string, requestId: string, work: () => T): T {
    const key = `${method} ${requestId}`;
    if (requestId !== "" && this.#answers.has(key)) return this.#answers.get(key) as T;
    const answer = work();
    this.#answers.set(key, answer);
    return answer;
  }

  #archive(
    { memoryId, etag, requestId }: { memoryId: string; etag: string; requestId: string },
    context: HandlerContext,
    reason: ArchiveReason,
  ) {
    this.#enter(context, requestId);
    return this.#once(context.method.name, requestId, () => {
      const memory = this.#store.archive(memoryId, etag, reason);
      return { memory, freshnessToken: `fresh:${memory.id}` };
    });
  }

  #memoryRoutes(router: ConnectRouter) {
    router.service(MemoryService, {
      addMessages: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("add", request.requestId, () => {
          for (const [index, { text, toolCalls }] of request.messages.entries()) {
            if (text.trim() === "" && toolCalls.length === 0)
              throw fieldError(`messages[${index}].text`, "text must not be empty");
          }
          const messageIds = request.messages.map(() => uuidv7());
          const memories = request.messages.map((message, index) =>
            this.#store.remember(
              { text: message.text, metadata: request.metadata },
              request.scope,
              message,
              messageIds[index],
            ),
          );
          const extractor = request.infer === false ? "import/1" : "test/1";
          const extraction = this.#store.accept(request.scope, memories, request.messages.length, extractor);
          return {
            extractionId: extraction.id,
            freshnessToken: `fresh:${extraction.id}`,
            messageIds,
            extraction,
          };
        });
      },
      importMemories: async (requests, context) => {
        const drafts: MemoryDraft[] = [];
        let scope: Scope | undefined;
        let requestId = "";
        for await (const request of requests) {
          scope ??= request.scope;
          requestId ||= request.requestId;
          if (request.memory) drafts.push(request.memory);
        }
        this.#enter(context, requestId);
        return this.#once("import", requestId, () => {
          const extraction = this.#store.accept(
            scope,
            drafts.map((draft) => this.#store.remember(draft, scope)),
            0,
            "import/1",
          );
          return {
            extractionIds: [extraction.id],
            accepted: drafts.length,
            freshnessToken: `fresh:${extraction.id}`,
          };
        });
      },
      archiveMemory: (request, context) => this.#archive(request, context, ArchiveReason.BY_HAND),
      restoreMemory: (request, context) => this.#archive(request, context, ArchiveReason.UNSPECIFIED),
      getMemory: (request, context) => {
        this.#enter(context);
        return { memory: this.#store.current(request.memoryId, request) };
      },
      listMemories: (request, context) => {
        this.#enter(context);
        const found = this.#store
          .inScope(request.scope, request)
          .filter(({ archiveTime }) => request.showArchived || !archiveTime);
        const { items, nextPageToken } = page(found.reverse(), request);
        return { memories: items, nextPageToken };
      },
      updateMemory: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("update", request.requestId, () => {
          const memory = this.#store.update(request.update);
          return { memory, freshnessToken: `fresh:${memory.id}:${memory.version}` };
        });
      },
      deleteMemory: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("delete", request.requestId, () => {
          this.#store.checkEtag(this.#store.current(request.memoryId), request.etag);
          this.#store.delete(request.memoryId);
          return {};
        });
      },
      deleteAllMemories: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("deleteAll", request.requestId, () => {
          const doomed = this.#store.inScope(request.scope);
          for (const { id } of doomed) this.#store.delete(id);
          return { deleted: doomed.length };
        });
      },
      batchGetMemories: (request, context) => {
        this.#enter(context);
        const found = (id: string) => this.#store.known(id, request);
        return {
          memories: request.memoryIds.flatMap((id) => found(id) ?? []),
          notFound: request.memoryIds.filter((id) => !found(id)),
        };
      },
      batchUpdateMemories: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("batchUpdate", request.requestId, () => ({
          memories: request.updates.map((update) => this.#store.update(update)),
          freshnessToken: "fresh:batch",
        }));
      },
      batchDeleteMemories: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("batchDelete", request.requestId, () => ({
          deleted: request.memoryIds.filter((id) => this.#store.delete(id)).length,
        }));
      },
      getMemoryHistory: (request, context) => {
        this.#enter(context);
        this.#store.current(request.memoryId);
        const entries = (this.memories.get(request.memoryId) ?? []).map((memory, i) => ({
          event: i === 0 ? HistoryEvent.TOLD : HistoryEvent.BY_HAND,
          memoryId: memory.id,
          version: memory.version,
          text: memory.text,
          sources: i === 0 ? memory.sources.map(({ messageId, text }) => ({ messageId, quote: text })) : [],
          provenance: { extractor: "test", rule: i === 0 ? "new" : "" },
        }));
        return { entries, story: entries.map(({ text }) => `It was said: “${text}”.`).join("\n") };
      },
      listMemoryVersions: (request, context) => {
        this.#enter(context);
        this.#store.current(request.memoryId);
        const knownAt = request.knownAt ? timestampMs(request.knownAt) : Number.POSITIVE_INFINITY;
        const versions = [...(this.memories.get(request.memoryId) ?? [])]
          .filter(({ recordedFrom }) => !recordedFrom || timestampMs(recordedFrom) <= knownAt)
          .reverse();
        const { items, nextPageToken } = page(versions, request);
        return { versions: items, nextPageToken };
      },
    });
  }

  #searchRoutes(router: ConnectRouter) {
    router.service(SearchService, {
      search: (request, context) => {
        this.#enter(context);
        const found = this.#store.find(request.scope, request.query);
        return {
          hits: found.slice(0, request.limit || 10).map(({ memory, score }) => ({
            memory,
            score,
            ...(request.layers.includes(Layer.SHARED) && {
              layer: Layer.USER,
              toldBy: "Ada",
              disputedBy: ["another"],
            }),
            tokens: memory.text.split(/\s+/).length,
            parts: {
              similarity: score / 2,
              bm25: score,
              fused: score,
              terms: { semantic: score },
              factors: { recency: 1 },
              ...(request.ranking?.rerank && {
                rerank: { score, rankBefore: 2, rankAfter: 1, latencyMs: 87 },
              }),
            },
          })),
          leftOut: found
            .slice(request.limit || 10)
            .map(({ memory, score }) => ({ memoryId: memory.id, score, reason: 2 })),
          ...(/\bbefore\b/.test(request.query) && {
            time: {
              kind: QueryTimeKind.EVENT,
              to: timestampFromMs(0),
              anchorMemoryId: "moved",
              withEnded: true,
            },
          }),
          degraded: request.atLeastAsFresh === "" ? [] : [{ part: "index", effect: request.atLeastAsFresh }],
          tokens: found.length,
          timings: { embedMs: 1, totalMs: 2 },
        };
      },
      getContext: (request, context) => {
        this.#enter(context);
        const found = this.#store.find(request.scope, request.query);
        return {
          text: found.map(({ memory }, index) => `${memory.text} [${index + 1}]`).join("\n"),
          citations: found.map(({ memory }, index) => ({
            number: index + 1,
            memoryId: memory.id,
            messageIds: memory.sources.map(({ messageId }) => messageId),
            ...(memory.sources[0]?.sentAt ? { saidAt: memory.sources[0].sentAt } : {}),
            section: ContextSectionName.FACTS,
          })),
          tokens: found.length,
          tokenizer: request.model || "o200k_base",
          sections: request.sections.map(({ name, share }) => ({ name, heading: "Heading:", tokens: share })),
          leftOutCounts: request.allSessions
            ? [{ section: ContextSectionName.TURNS, reason: LeftOutReason.BUDGET, count: 3 }]
            : [],
        };
      },
      getProfile: (request, context) => {
        this.#enter(context);
        const lines = this.#store.find(request.scope, request.categories.join(" ")).map(({ memory }) => ({
          text: memory.text,
          kind: memory.kind,
          category: memory.category,
          origin: memory.origin,
          memoryIds: [memory.id],
          messageIds: memory.sources.map(({ messageId }) => messageId),
          ...(memory.validFrom && { since: memory.validFrom, lastSaidAt: memory.validFrom }),
        }));
        return {
          groups: [{ name: ProfileGroupName.PEOPLE, lines }],
          tokens: request.tokenBudget,
          tokenizer: request.model,
          leftOut: { limit: request.maxLines, notRead: 3 },
        };
      },
    });
  }

  #extractionRoutes(router: ConnectRouter) {
    const known = (id: string) => {
      const extraction = this.#store.extractions.get(id);
      if (!extraction) throw wireError("there is no such extraction", Code.NotFound, "EXTRACTION_NOT_FOUND");
      return extraction;
    };
    router.service(ExtractionService, {
      getExtraction: (request, context) => {
        this.#enter(context);
        const extraction = known(request.extractionId);
        this.#store.advance(extraction);
        return { extraction };
      },
      listExtractions: (request, context) => {
        this.#enter(context);
        const all = [...this.#store.extractions.values()].filter(
          ({ state, scope }) =>
            (request.state === 0 || state === request.state) && matches(request.scope, scope),
        );
        const { items, nextPageToken } = page(all.reverse(), request);
        return { extractions: items, nextPageToken };
      },
      retryExtraction: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("retry", request.requestId, () => {
          const extraction = known(request.extractionId);
          if (extraction.state !== ExtractionState.FAILED) {
            throw wireError(
              "only a failed extraction can be retried",
              Code.FailedPrecondition,
              "EXTRACTION_NOT_FAILED",
            );
          }
          extraction.state = ExtractionState.QUEUED;
          return { extraction };
        });
      },
      watchExtraction: async function* (
        this: MemoryServer,
        request: { extractionId: string },
        context: HandlerContext,
      ) {
        this.#enter(context);
        const extraction = known(request.extractionId);
        yield { extraction };
        const broken = this.brokenStreams.shift();
        if (broken !== undefined) throw broken;
        while (this.#store.advance(extraction)) yield { extraction };
      }.bind(this),
    });
  }

  #sessionRoutes(router: ConnectRouter) {
    const answer = (scope: Scope | undefined) => {
      const window = this.#windows.get(scope?.sessionId ?? "");
      if (!window) throw wireError("there is no such session", Code.NotFound, "SESSION_NOT_FOUND");
      const { turns, taskState, count, version } = window;
      const session = { turns, taskState: taskState as never, turnCount: count, etag: String(version) };
      return { session: scope === undefined ? session : { ...session, scope } };
    };
    router.service(SessionService, {
      appendSession: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("append", request.requestId, () => {
          const id = request.scope?.sessionId ?? "";
          const window = this.#windows.get(id) ?? { turns: [], taskState: {}, count: 0n, version: 0 };
          if (request.etag !== "" && request.etag !== String(window.version)) throw etagMismatch();
          window.turns.push(...request.turns);
          window.taskState = request.taskState ?? window.taskState;
          window.count += BigInt(request.turns.length);
          window.version++;
          this.#windows.set(id, window);
          return answer(request.scope);
        });
      },
      getSession: (request, context) => {
        this.#enter(context);
        return answer(request.scope);
      },
      endSession: (request, context) => {
        this.#enter(context, request.requestId);
        this.#windows.delete(request.scope?.sessionId ?? "");
        return {};
      },
    });
  }
}
