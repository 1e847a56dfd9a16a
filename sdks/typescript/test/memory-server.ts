import { create, type MessageShape } from "@bufbuild/protobuf";
import { timestampFromDate, timestampNow } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@mneme/proto/google/rpc/error_details_pb.js";
import { Health, HealthCheckResponse_ServingStatus } from "@mneme/proto/grpc/health/v1/health_pb.js";
import { type ExtractionSchema, ExtractionState } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import {
  type MemoryDraft,
  MemorySchema,
  type Memory as WireMemory,
} from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import { MemoryService, type MemoryUpdate } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Message } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { v7 as uuidv7 } from "uuid";

export const KEY = "mneme_test_key";

type WireExtraction = MessageShape<typeof ExtractionSchema>;

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
  readonly memories = new Map<string, WireMemory[]>();
  readonly extractions = new Map<string, WireExtraction>();
  readonly #answers = new Map<string, unknown>();
  readonly #windows = new Map<
    string,
    { turns: Message[]; taskState: object; count: bigint; version: number }
  >();
  /** Thrown, one a call, before anything is done. */
  readonly failures: Error[] = [];
  /** States that a watched extraction runs through after "queued". */
  states: ExtractionState[] = [
    ExtractionState.RUNNING,
    ExtractionState.EXTRACTED,
    ExtractionState.SEARCHABLE,
  ];
  /** Thrown, one a stream, after its first message. */
  readonly brokenStreams: Error[] = [];

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
    if (context.requestHeader.get("authorization") !== `Bearer ${KEY}`) {
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

  #memoryRoutes(router: ConnectRouter) {
    router.service(MemoryService, {
      addMessages: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("add", request.requestId, () => {
          for (const [index, { text }] of request.messages.entries()) {
            if (text.trim() === "") throw fieldError(`messages[${index}].text`, "text must not be empty");
          }
          const messageIds = request.messages.map(() => uuidv7());
          const memories = request.messages.map((message, index) =>
            this.#store(
              { text: message.text, metadata: request.metadata },
              request.scope,
              message,
              messageIds[index],
            ),
          );
          const extraction = this.#extraction(request.scope, memories, request.messages.length);
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
          const extraction = this.#extraction(
            scope,
            drafts.map((draft) => this.#store(draft, scope)),
            0,
          );
          return {
            extractionIds: [extraction.id],
            accepted: drafts.length,
            freshnessToken: `fresh:${extraction.id}`,
          };
        });
      },
      getMemory: (request, context) => {
        this.#enter(context);
        return { memory: this.#current(request.memoryId) };
      },
      listMemories: (request, context) => {
        this.#enter(context);
        const { items, nextPageToken } = page(this.#inScope(request.scope).reverse(), request);
        return { memories: items, nextPageToken };
      },
      updateMemory: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("update", request.requestId, () => {
          const memory = this.#update(request.update);
          return { memory, freshnessToken: `fresh:${memory.id}:${memory.version}` };
        });
      },
      deleteMemory: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("delete", request.requestId, () => {
          this.#checkEtag(this.#current(request.memoryId), request.etag);
          this.memories.delete(request.memoryId);
          return {};
        });
      },
      deleteAllMemories: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("deleteAll", request.requestId, () => {
          const doomed = this.#inScope(request.scope);
          for (const { id } of doomed) this.memories.delete(id);
          return { deleted: doomed.length };
        });
      },
      batchGetMemories: (request, context) => {
        this.#enter(context);
        return {
          memories: request.memoryIds.flatMap((id) => this.memories.get(id)?.at(-1) ?? []),
          notFound: request.memoryIds.filter((id) => !this.memories.has(id)),
        };
      },
      batchUpdateMemories: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("batchUpdate", request.requestId, () => ({
          memories: request.updates.map((update) => this.#update(update)),
          freshnessToken: "fresh:batch",
        }));
      },
      batchDeleteMemories: (request, context) => {
        this.#enter(context, request.requestId);
        return this.#once("batchDelete", request.requestId, () => ({
          deleted: request.memoryIds.filter((id) => this.memories.delete(id)).length,
        }));
      },
      listMemoryVersions: (request, context) => {
        this.#enter(context);
        this.#current(request.memoryId);
        const versions = [...(this.memories.get(request.memoryId) ?? [])].reverse();
        const { items, nextPageToken } = page(versions, request);
        return { versions: items, nextPageToken };
      },
    });
  }

  #searchRoutes(router: ConnectRouter) {
    router.service(SearchService, {
      search: (request, context) => {
        this.#enter(context);
        const found = this.#find(request.scope, request.query);
        return {
          hits: found.slice(0, request.limit || 10).map(({ memory, score }) => ({
            memory,
            score,
            tokens: memory.text.split(/\s+/).length,
            parts: {
              similarity: score / 2,
              bm25: score,
              fused: score,
              terms: { semantic: score },
              factors: { recency: 1 },
            },
          })),
          leftOut: found
            .slice(request.limit || 10)
            .map(({ memory, score }) => ({ memoryId: memory.id, score, reason: 2 })),
          degraded: request.atLeastAsFresh === "" ? [] : [{ part: "index", effect: request.atLeastAsFresh }],
          tokens: found.length,
          timings: { embedMs: 1, totalMs: 2 },
        };
      },
      getContext: (request, context) => {
        this.#enter(context);
        const found = this.#find(request.scope, request.query);
        return {
          text: found.map(({ memory }, index) => `${memory.text} [${index + 1}]`).join("\n"),
          citations: found.map(({ memory }, index) => ({
            number: index + 1,
            memoryId: memory.id,
            messageIds: memory.sources.map(({ messageId }) => messageId),
            ...(memory.sources[0]?.sentAt ? { saidAt: memory.sources[0].sentAt } : {}),
          })),
          tokens: found.length,
        };
      },
    });
  }

  #extractionRoutes(router: ConnectRouter) {
    const known = (id: string) => {
      const extraction = this.extractions.get(id);
      if (!extraction) throw wireError("there is no such extraction", Code.NotFound, "EXTRACTION_NOT_FOUND");
      return extraction;
    };
    router.service(ExtractionService, {
      getExtraction: (request, context) => {
        this.#enter(context);
        const extraction = known(request.extractionId);
        this.#advance(extraction);
        return { extraction };
      },
      listExtractions: (request, context) => {
        this.#enter(context);
        const all = [...this.extractions.values()].filter(
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
        while (this.#advance(extraction)) yield { extraction };
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

  #advance(extraction: WireExtraction): boolean {
    const next = this.states[this.states.indexOf(extraction.state) + 1];
    if (next === undefined) return false;
    extraction.state = next;
    return true;
  }

  #extraction(scope: Scope | undefined, memories: WireMemory[], messageCount: number): WireExtraction {
    const extraction = {
      $typeName: "mneme.extraction.v1.Extraction",
      id: uuidv7(),
      state: ExtractionState.QUEUED,
      scope,
      messageCount,
      memoryIds: memories.map(({ id }) => id),
      attempts: 0,
      extractor: "test@1",
      createTime: timestampNow(),
    } as WireExtraction;
    this.extractions.set(extraction.id, extraction);
    return extraction;
  }

  #store(
    draft: Pick<MemoryDraft, "text" | "metadata"> & Partial<MemoryDraft>,
    scope: Scope | undefined,
    message?: Message,
    messageId = "",
  ): WireMemory {
    const sentAt = message?.sentAt ?? timestampNow();
    const memory = create(MemorySchema, {
      id: uuidv7(),
      version: 1,
      etag: "v1",
      text: draft.text,
      kind: draft.kind || 1,
      category: draft.category || "other",
      confidence: draft.confidence ?? 1,
      importance: draft.importance ?? 0.5,
      origin: 1,
      metadata: draft.metadata,
      createTime: timestampFromDate(new Date()),
      validFrom: draft.validFrom ?? sentAt,
      sources: message
        ? [
            {
              messageId,
              start: 0,
              end: message.text.length,
              role: message.role,
              name: message.name,
              text: message.text,
              sentAt,
            },
          ]
        : [],
      ...(scope === undefined ? {} : { scope }),
    });
    this.memories.set(memory.id, [memory]);
    return memory;
  }

  #current(id: string): WireMemory {
    const memory = this.memories.get(id)?.at(-1);
    if (!memory)
      throw wireError("there is no such memory", Code.NotFound, "MEMORY_NOT_FOUND", { memory_id: id });
    return memory;
  }

  #checkEtag(memory: WireMemory, etag: string) {
    if (etag !== "" && etag !== memory.etag) throw etagMismatch();
  }

  #update(update: MemoryUpdate | undefined): WireMemory {
    const old = this.#current(update?.memoryId ?? "");
    this.#checkEtag(old, update?.etag ?? "");
    const next = create(MemorySchema, { ...old, version: old.version + 1, etag: `v${old.version + 1}` });
    for (const path of update?.updateMask?.paths ?? []) {
      const name = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      Object.assign(next, { [name]: update?.memory?.[name as keyof MemoryDraft] });
    }
    this.memories.get(next.id)?.push(next);
    return next;
  }

  #inScope(scope: Scope | undefined): WireMemory[] {
    return [...this.memories.values()]
      .flatMap((versions) => versions.at(-1) ?? [])
      .filter((m) => matches(scope, m.scope));
  }

  #find(scope: Scope | undefined, query: string) {
    const words = new Set(query.toLowerCase().match(/\w+/g));
    return this.#inScope(scope)
      .map((memory) => ({
        memory,
        score: (memory.text.toLowerCase().match(/\w+/g) ?? []).filter((word) => words.has(word)).length,
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
  }
}

function matches(wanted: Scope | undefined, scope: Scope | undefined): boolean {
  const members = ["userId", "agentId", "appId", "teamId", "sessionId"] as const;
  return members.every((member) => !wanted?.[member] || wanted[member] === scope?.[member]);
}

function page<T>(items: readonly T[], request: { pageSize: number; pageToken: string }) {
  const from = Number(request.pageToken || 0);
  const to = from + (request.pageSize || 50);
  return { items: items.slice(from, to), nextPageToken: to < items.length ? String(to) : "" };
}

function etagMismatch() {
  return wireError("it changed since it was read", Code.Aborted, "ETAG_MISMATCH");
}

/** An error as the real server sends it. */
export function wireError(
  message: string,
  code: Code,
  reason: string,
  metadata: Record<string, string> = {},
  retryAfterMs?: number,
): ConnectError {
  const retry =
    retryAfterMs === undefined
      ? []
      : [{ desc: RetryInfoSchema, value: { retryDelay: { seconds: 0n, nanos: retryAfterMs * 1e6 } } }];
  return new ConnectError(message, code, undefined, [
    { desc: ErrorInfoSchema, value: { reason, domain: "mneme", metadata } },
    ...retry,
  ]);
}

function fieldError(field: string, description: string): ConnectError {
  return new ConnectError(`${field}: ${description}`, Code.InvalidArgument, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "FIELD_INVALID", domain: "mneme", metadata: { field } } },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field, description }] } },
  ]);
}
