import type { TokenCounts } from "@mneme/core/cost/token-counts.ts";
import { MnemeError, type Reason } from "@mneme/core/errors.ts";
import type { ModelServer } from "@mneme/core/extraction/failure-reason.ts";
import OpenAI, { APIConnectionError, APIError } from "openai";
import { abortError } from "../abort.ts";

/** Where an OpenAI-compatible server is. */
export interface OpenAiServer {
  /** With the version path, e.g. `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  /** Local servers often want none. */
  readonly apiKey?: string;
}

export interface CallOptions {
  /** For error metadata. */
  readonly model: string;
  /** For error metadata. */
  readonly server: ModelServer | "reranker";
  /** Whole call, body included, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Never sent again by itself: a server that heard it before the connection broke would do it twice. */
  readonly once?: boolean;
}

/** A client that takes nothing from the environment, logs nothing and leaves retries and deadlines to us. */
export function createOpenAiClient({ baseUrl, apiKey }: OpenAiServer): OpenAI {
  return new OpenAI({
    baseURL: baseUrl,
    apiKey: apiKey || "none",
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    maxRetries: 0,
    // `callModel` sets each call's deadline; this one would not cover the answer's body.
    timeout: 24 * 60 * 60 * 1000,
    // At "debug" it would write whole requests, which are people's words.
    logLevel: "off",
  });
}

/**
 * Runs one request under a deadline. A connection that breaks before an answer is tried once more at once (a
 * kept-alive connection may have been closed meanwhile); anything else is the caller's to repeat.
 *
 * @throws MnemeError whose text and metadata hold nothing the server wrote but a status and an error code:
 *   `cancelled`, and where nothing was sent the metadata's `sent` is `false`; `deadline_exceeded` MODEL_TIMEOUT; `resource_exhausted` MODEL_RATE_LIMITED with `retryAfterMs`;
 *   `unavailable` MODEL_SERVER_FAILED for 408, 409, 5xx and a broken connection; `failed_precondition` for other 4xx,
 *   which another try would not cure: MODEL_CREDENTIALS_REFUSED, MODEL_NOT_FOUND, MODEL_REQUEST_REFUSED.
 *   Where the request never got to a model (nothing listens, 503) it is DEPENDENCY_UNAVAILABLE and the metadata's
 *   `dependency` is `model`: that says nothing about what was asked, so it can be waited out.
 *   An APIError that `keep` accepts is passed on as it is.
 */
export async function callModel<T>(
  { model, server, timeoutMs, signal, once = false }: CallOptions,
  request: (signal: AbortSignal) => Promise<T>,
  keep: (error: APIError) => boolean = () => false,
): Promise<T> {
  const of = { model, server };
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  if (signal?.aborted) throw abortError(signal, { ...of, sent: "false" });
  const attempt = async () => {
    try {
      return await request(either);
    } catch (error) {
      if (signal?.aborted) throw abortError(signal, of);
      if (deadline.aborted) throw abortError(deadline, of);
      throw error;
    }
  };
  try {
    return await attempt().catch((error) => {
      if (isBrokenConnection(error) && !once) return attempt();
      throw error;
    });
  } catch (error) {
    if (error instanceof MnemeError) throw error;
    if (error instanceof APIError && keep(error)) throw error;
    throw toMnemeError(error, of);
  }
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof APIConnectionError;
}

interface Usage {
  readonly prompt_tokens?: unknown;
  readonly prompt_tokens_details?: { readonly cached_tokens?: unknown } | null;
  readonly completion_tokens?: unknown;
  readonly total_tokens?: unknown;
}

/**
 * What the server says it read and wrote for an answer; where it tells the sum alone, all of it is taken for read, and
 * undefined where it tells nothing, or more than any model takes: such a call counts as it was reserved.
 */
export function tokensOf(answer: unknown): TokenCounts | undefined {
  const usage = (answer as { usage?: Usage | null } | undefined)?.usage ?? {};
  const prompt = countOf(usage.prompt_tokens);
  const output = countOf(usage.completion_tokens);
  if (Math.max(prompt, output, countOf(usage.total_tokens)) > MOST_TOKENS) return undefined;
  const read = Math.max(prompt, countOf(usage.total_tokens) - output);
  if (read + output === 0) return undefined;
  const cachedInput = Math.min(read, countOf(usage.prompt_tokens_details?.cached_tokens));
  return { input: read - cachedInput, cachedInput, output };
}

/** No model reads or writes as many in one call. */
const MOST_TOKENS = 20_000_000;

function countOf(tokens: unknown): number {
  return Number.isSafeInteger(tokens) && (tokens as number) > 0 ? (tokens as number) : 0;
}

/** No cause is kept: its message may be the server's answer, or quote the request. */
function toMnemeError(error: unknown, of: Readonly<Record<string, string>>): MnemeError {
  if (error instanceof SyntaxError) {
    return new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", "the model server's answer is not JSON", {
      metadata: of,
    });
  }
  if (!(error instanceof APIError)) {
    return new MnemeError("unavailable", "MODEL_SERVER_FAILED", "the model server's answer broke off", {
      metadata: { ...of, class: error instanceof Error ? error.name : typeof error },
    });
  }
  const metadata = { ...of, ...statusOf(error), ...(isAway(error) && { dependency: "model" }) };
  const wait = retryAfterMs(error.headers);
  const options = wait === undefined ? { metadata } : { metadata, retryAfterMs: wait };
  if (isAway(error)) {
    return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the model server is away", options);
  }
  if (error instanceof APIConnectionError) {
    const text = "the connection to the model server broke";
    return new MnemeError("unavailable", "MODEL_SERVER_FAILED", text, options);
  }
  const status = error.status ?? 0;
  if (status === 429) {
    const text = "the model server asks to slow down";
    return new MnemeError("resource_exhausted", "MODEL_RATE_LIMITED", text, options);
  }
  if (status === 408 || status === 409 || status >= 500) {
    return new MnemeError("unavailable", "MODEL_SERVER_FAILED", "the model server has failed", options);
  }
  const { reason, text } = refusalOf(error);
  return new MnemeError("failed_precondition", reason, text, options);
}

/** Why a server will not answer however often it is asked. */
function refusalOf({ status, code }: APIError): { readonly reason: Reason; readonly text: string } {
  if (status === 401 || status === 402 || status === 403) {
    return { reason: "MODEL_CREDENTIALS_REFUSED", text: "the model server refuses the credentials" };
  }
  // Some servers say 400 for it.
  if (status === 404 || code === "model_not_found") {
    return { reason: "MODEL_NOT_FOUND", text: "the model server knows no such model or address" };
  }
  return { reason: "MODEL_REQUEST_REFUSED", text: "the model server refuses the request" };
}

/** What connecting fails with; a connection that breaks later may well be due to what was sent over it. */
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function isAway(error: APIError): boolean {
  return error.status === 503 || UNREACHABLE.has(String(systemCode(error.cause)));
}

function statusOf(error: APIError): Record<string, string> {
  const code = error.code ?? systemCode(error.cause);
  return {
    ...(error.status ? { status: String(error.status) } : {}),
    // Only what looks like an identifier: a server may put a sentence here.
    ...(typeof code === "string" && /^[\w.-]{1,64}$/.test(code) ? { code } : {}),
  };
}

/** `ECONNREFUSED` and the like, which `fetch` hides under two causes. */
function systemCode(cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined;
  return (cause as NodeJS.ErrnoException).code ?? systemCode(cause.cause);
}

/** Retry-After in seconds or as a date, or the `retry-after-ms` some servers send. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const milliseconds = Number(headers?.get("retry-after-ms") ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const value = headers?.get("retry-after");
  if (!value) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, Math.ceil(wait)) : undefined;
}
