import { setTimeout as delay } from "node:timers/promises";
import { type EngineTls, STRICT_TLS } from "@mneme/core/engine-tls.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { Client, errors } from "@opensearch-project/opensearch";

export interface IndexClientOptions {
  /** One address or several of the same cluster, e.g. `http://127.0.0.1:9200`. */
  readonly node: string | readonly string[];
  readonly auth?: { readonly username: string; readonly password: string } | undefined;
  /** Of an https address. */
  readonly tls?: EngineTls | undefined;
  /** Deadline of one call with all its retries, milliseconds. */
  readonly timeoutMs?: number;
  /** Further tries after a broken connection or a 502, 503 or 504. */
  readonly retries?: number;
  readonly maxSockets?: number;
}

export interface IndexRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** JSON body. */
  readonly body?: object;
  /** Newline-delimited JSON body, newline at its end included. */
  readonly lines?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly retries?: number;
}

export interface IndexResponse<T> {
  readonly status: number;
  readonly body: T;
}

/** The engine's error in a response body; `reason` is left out on purpose, it may quote a document. */
export interface EngineError {
  readonly error?: { readonly type?: string } | string;
}

/** One keep-alive pool to OpenSearch. */
export interface IndexClient extends AsyncDisposable {
  /**
   * @returns answers below 400, and 400, 404 and 409, which only the caller can judge.
   * @throws MnemeError `unavailable` (no connection, 429, 5xx, refused credentials), `deadline_exceeded`,
   *   `cancelled` (the caller's signal). Neither message nor cause holds request or response bodies.
   */
  send<T>(request: IndexRequest): Promise<IndexResponse<T>>;
}

const JUDGED_BY_CALLER = [400, 404, 409];

/** @param options `timeoutMs` 10,000, `retries` 2 and `maxSockets` 64 unless told. */
export function createIndexClient(options: IndexClientOptions): IndexClient {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const retries = options.retries ?? 2;
  const client = new Client({
    nodes: typeof options.node === "string" ? [options.node] : [...options.node],
    requestTimeout: timeoutMs,
    maxRetries: retries,
    agent: { keepAlive: true, maxSockets: options.maxSockets ?? 64 },
    // Answers are read field by field and never merged into objects, so the scan of every body is waste.
    disablePrototypePoisoningProtection: true,
    ...(options.auth && { auth: options.auth }),
    ssl: secure(options.tls),
  });
  return {
    send: (request) => send(client, request, request.timeoutMs ?? timeoutMs, request.retries ?? retries),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function secure({ ca, cert, key, serverName }: EngineTls = {}) {
  return {
    ...STRICT_TLS,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

async function send<T>(client: Client, request: IndexRequest, timeoutMs: number, retries: number) {
  if (request.signal?.aborted) throw cancelled(request.signal);
  const pending = client.transport.request(
    {
      method: request.method,
      path: request.path,
      ...(request.query && { querystring: { ...request.query } }),
      ...(request.body && { body: request.body }),
      ...(request.lines !== undefined && { bulkBody: request.lines }),
    },
    { requestTimeout: timeoutMs, maxRetries: retries, ignore: JUDGED_BY_CALLER },
  );
  let late = false;
  // Returns nothing: Node would rethrow the rejection of a promise that a listener returns.
  const abort = () => {
    pending.abort();
  };
  const timer = setTimeout(() => {
    late = true;
    abort();
  }, timeoutMs);
  request.signal?.addEventListener("abort", abort, { once: true });
  try {
    const answer = await pending;
    return { status: answer.statusCode ?? 0, body: answer.body as T };
  } catch (error) {
    if (request.signal?.aborted) throw cancelled(request.signal);
    throw late ? deadlineExceeded(timeoutMs) : toMnemeError(error);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", abort);
  }
}

/** The caller's signal as an error: its deadline, or its wish. */
export function cancelled(signal: AbortSignal): MnemeError {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return timedOut
    ? new MnemeError(
        "deadline_exceeded",
        "DEPENDENCY_UNAVAILABLE",
        "the search index did not answer in time",
        {
          metadata: { dependency: "opensearch" },
        },
      )
    : new MnemeError("cancelled", "DEPENDENCY_UNAVAILABLE", "the call to the search index was cancelled", {
        metadata: { dependency: "opensearch" },
      });
}

/** Waits. @throws MnemeError `cancelled` or `deadline_exceeded` by the caller's signal. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal && { signal });
  } catch (error) {
    throw signal?.aborted ? cancelled(signal) : error;
  }
}

/** Waits for shared work, which goes on when this caller leaves. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(cancelled(signal));
  }
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled(signal));
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function deadlineExceeded(timeoutMs: number): MnemeError {
  return new MnemeError(
    "deadline_exceeded",
    "DEPENDENCY_UNAVAILABLE",
    `the search index did not answer in ${timeoutMs} ms`,
    { metadata: { dependency: "opensearch" } },
  );
}

/** The driver's errors carry the request, texts and all; only their names and codes may go on. */
function toMnemeError(error: unknown): MnemeError {
  if (error instanceof errors.TimeoutError) {
    return new MnemeError(
      "deadline_exceeded",
      "DEPENDENCY_UNAVAILABLE",
      "the search index did not answer in time",
      { metadata: { dependency: "opensearch" } },
    );
  }
  if (error instanceof errors.ResponseError) {
    return unavailable(error.statusCode ?? 0, engineErrorType(error.body as EngineError));
  }
  const name = error instanceof Error ? error.name : "unknown error";
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the search index cannot be reached", {
    metadata: { dependency: "opensearch", type: name },
    cause: new Error(name),
  });
}

/** An answer that is no answer: overload, an election, refused credentials. */
export function unavailable(status: number, type: string): MnemeError {
  return new MnemeError(
    "unavailable",
    "DEPENDENCY_UNAVAILABLE",
    `the search index answered ${status} ${type}`,
    {
      metadata: { dependency: "opensearch", status: String(status), type },
    },
  );
}

/** The engine's error type, e.g. `index_not_found_exception`; "unknown" where it names none. */
export function engineErrorType(body: EngineError | undefined | null): string {
  const error = body?.error;
  return typeof error === "object" && error !== null && typeof error.type === "string"
    ? error.type
    : "unknown";
}
