import type { Transport } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus } from "@mneme/proto/grpc/health/v1/health_pb.js";
import { Audit } from "./audit.ts";
import { Caller, type CallOptions, type RetryEvent } from "./caller.ts";
import { checkedId, checkedScope } from "./convert/scope.ts";
import { type ApiKeySource, credentialsOf, type UserTokenSource } from "./credentials.ts";
import { invalidField } from "./errors/errors.ts";
import { Extractions } from "./extractions.ts";
import { FeedbackCalls } from "./feedback.ts";
import { Memories } from "./memories.ts";
import { type RetryOptions, retryPolicy } from "./retry.ts";
import { MemoryScope, SessionScope } from "./scope.ts";
import type { Extraction } from "./types/extraction.ts";
import type { Scope, SharedWith } from "./types/scope.ts";
import { UserTokens } from "./user-tokens.ts";
import { type WaitOptions, waitForExtraction } from "./wait-for.ts";

/** How to reach Mneme, and how patiently. */
export interface MnemeOptions {
  /** `http://127.0.0.1:7400` by default. */
  readonly url?: string | undefined;
  /** A key, or how to get the current one; an empty one is refused. */
  readonly apiKey?: ApiKeySource | undefined;
  /**
   * A user's token in place of a key, or how to get one: asked for the first one, for another shortly before that
   * expires, and when the server refuses it.
   */
  readonly token?: UserTokenSource | undefined;
  /** The project's id that a key of the tenant is used for; the tenant's default one if unset. */
  readonly project?: string | undefined;
  /** Deadline of a call with its retries, in milliseconds; 30,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** Deadline of one try, in milliseconds, so that a lost answer leaves time for another; 10,000 by default. */
  readonly attemptTimeoutMs?: number | undefined;
  /** How often to try again; 3 by default. */
  readonly retries?: number | RetryOptions | undefined;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Told before a call is tried again. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Sends requests through this fetch instead. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Sends requests through this Connect transport instead; `url` and `fetch` then mean nothing. */
  readonly transport?: Transport | undefined;
}

/** A transport with what can be said about it. */
export interface Channel {
  readonly transport: Transport;
  /** Whether it can stream a request. */
  readonly streamsRequests: boolean;
  /** Closes its connections. */
  close(): void;
}

/** An extraction by its id, by itself, or by what accepted it. */
export type ExtractionRef = string | { readonly extractionId: string } | { readonly id: string };

/** What the server says of itself. */
export interface ServerStatus {
  readonly serving: boolean;
  /** Round trip of the question, in milliseconds. */
  readonly latencyMs: number;
}

const DEFAULT_URL = "http://127.0.0.1:7400";
/** Waits on this many extractions at a time: each takes a stream. */
const WAITS_AT_A_TIME = 8;

/**
 * The client. Keep one for the life of the process: it keeps its connection. Everything that it throws is a
 * MnemeError.
 */
export class MnemeClient implements AsyncDisposable {
  /** Memories by id. */
  readonly memories: Memories;
  /** The work between accepted adds and their memories. */
  readonly extractions: Extractions;
  /** What people think of answers. */
  readonly feedback: FeedbackCalls;
  /** Tokens by which browsers and end users call by themselves. */
  readonly userTokens: UserTokens;
  /** Who read or changed what. */
  readonly audit: Audit;
  /** Makes the calls of whatever an entry adds. */
  protected readonly caller: Caller;
  readonly #channel: Channel;

  constructor(options: MnemeOptions, open: (url: string) => Channel) {
    this.#channel = options.transport
      ? { transport: options.transport, streamsRequests: true, close: () => undefined }
      : open(checkedUrl(options.url ?? DEFAULT_URL));
    this.caller = new Caller(this.#channel.transport, {
      credentials: credentialsOf(options),
      headers: headersOf(options),
      timeoutMs: options.timeoutMs ?? 30_000,
      attemptTimeoutMs: options.attemptTimeoutMs ?? 10_000,
      retry: retryPolicy(options.retries),
      onRetry: options.onRetry,
      streamsRequests: this.#channel.streamsRequests,
    });
    this.memories = new Memories(this.caller);
    this.extractions = new Extractions(this.caller);
    this.feedback = new FeedbackCalls(this.caller);
    this.audit = new Audit(this.caller);
    this.userTokens = new UserTokens(this.caller);
  }

  /** What is known about a person. */
  user(id: string): MemoryScope {
    return this.scope({ userId: checkedId("userId", id) });
  }

  /** What an agent has learnt. */
  agent(id: string): MemoryScope {
    return this.scope({ agentId: checkedId("agentId", id) });
  }

  /** What belongs to an application. */
  app(id: string): MemoryScope {
    return this.scope({ appId: checkedId("appId", id) });
  }

  /** What is shared with a team. */
  team(id: string): MemoryScope {
    return this.scope({ teamId: checkedId("teamId", id) });
  }

  /** What is shared with the whole project, or with the tenant. */
  shared(sharedWith: SharedWith): MemoryScope {
    return this.scope({ sharedWith });
  }

  /** One conversation. */
  session(id: string): SessionScope {
    return new SessionScope(this.caller, { sessionId: checkedId("sessionId", id) });
  }

  /** Any mix. @throws InvalidArgumentError for an empty id. */
  scope(scope: Scope): MemoryScope {
    return new MemoryScope(this.caller, checkedScope(scope));
  }

  /**
   * Waits until an add's or an import's memories are findable (or `until: "extracted"`: in the record).
   * @throws ExtractionFailedError, DeadlineExceededError, CancelledError, NotFoundError.
   */
  waitFor(extraction: ExtractionRef, options?: WaitOptions): Promise<Extraction>;
  waitFor(
    extractions: { readonly extractionIds: readonly string[] } | readonly ExtractionRef[],
    options?: WaitOptions,
  ): Promise<Extraction[]>;
  async waitFor(
    what: ExtractionRef | readonly ExtractionRef[] | { readonly extractionIds: readonly string[] },
    options: WaitOptions = {},
  ): Promise<Extraction | Extraction[]> {
    if (Array.isArray(what)) return this.#waitForAll(what.map(extractionIdOf), options);
    if (typeof what === "object" && "extractionIds" in what)
      return this.#waitForAll(what.extractionIds, options);
    return waitForExtraction(this.extractions, extractionIdOf(what as ExtractionRef), options);
  }

  async #waitForAll(ids: readonly string[], options: WaitOptions): Promise<Extraction[]> {
    const done: Extraction[] = new Array(ids.length);
    const queue = ids.entries();
    const stop = new AbortController();
    const signal =
      options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
    const work = async () => {
      for (const [index, id] of queue) {
        done[index] = await waitForExtraction(this.extractions, id, { ...options, signal });
      }
    };
    try {
      await Promise.all(Array.from({ length: WAITS_AT_A_TIME }, work));
    } finally {
      stop.abort();
    }
    return done;
  }

  /** Whether the server answers and serves; needs no key. */
  async status(options: CallOptions = {}): Promise<ServerStatus> {
    const health = this.caller.client(Health);
    const start = performance.now();
    const { status } = await this.caller.call(options, (call) => health.check({}, call));
    return {
      serving: status === HealthCheckResponse_ServingStatus.SERVING,
      latencyMs: performance.now() - start,
    };
  }

  /** Closes the connection; calls under way end with an error. */
  close(): void {
    this.#channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/** @throws InvalidArgumentError for an empty project: it would silently mean the default one. */
function headersOf({ headers = {}, project }: MnemeOptions): Readonly<Record<string, string>> {
  if (project === undefined) return headers;
  if (!/^[0-9a-f-]{36}$/i.test(project))
    throw invalidField(
      "project",
      "must be a project's id, not its name: 'mneme admin project list' shows both",
    );
  return { ...headers, "mneme-project": project };
}

function extractionIdOf(ref: ExtractionRef): string {
  if (typeof ref === "string") return ref;
  return "extractionId" in ref ? ref.extractionId : ref.id;
}

function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw invalidField("url", "must be an http or https URL such as http://127.0.0.1:7400");
  }
  return url.replace(/\/+$/, "");
}
