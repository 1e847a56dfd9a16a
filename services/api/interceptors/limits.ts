import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { MnemeError } from "@mneme/core/errors.ts";
import { type StreamLimiter, tooManyStreams } from "@mneme/core/limits/stream-limiter.ts";
import { callOf, remainingMs } from "../call.ts";
import { orAbort, until } from "./stream.ts";

/**
 * Ends a call at its deadline or when its caller hangs up, whether or not the implementation looks at its
 * signal. The implementation's signal fires at the same moment.
 */
export const deadlineInterceptor: Interceptor = (next) => async (request) => {
  const linked = createLinkedAbortController(request.signal);
  const { signal } = linked;
  const timer = setTimeout(
    () => linked.abort(new ConnectError("the deadline passed", Code.DeadlineExceeded)),
    remainingMs(callOf(request.contextValues)),
  );
  // The request's signal fires at the end of every call, however it ended.
  request.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  const response = await orAbort(next({ ...request, signal }), signal);
  return response.stream ? { ...response, message: until(response.message, signal) } : response;
};

/** Whose streams those without credentials are: together they may hold as many as one key. */
const NOBODY = "";

/**
 * Bounds the streams that one API key holds open in this process, and those that all callers without one do; beyond
 * that, those that a key, its project and its tenant hold over all replicas.
 */
export function streamLimitInterceptor(
  maxStreamsPerKey: number,
  streams: Pick<StreamLimiter, "open"> | undefined,
): Interceptor {
  const open = new Map<string, number>();

  return (next) => async (request) => {
    if (!request.stream) return next(request);
    const { caller } = callOf(request.contextValues);
    const key = caller?.apiKeyId ?? NOBODY;
    const count = open.get(key) ?? 0;
    if (count >= maxStreamsPerKey) throw tooManyHere(key, maxStreamsPerKey);
    request.signal.throwIfAborted();
    open.set(key, count + 1);
    const release = () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    };
    request.signal.addEventListener("abort", release, { once: true });
    if (caller && streams) {
      const close = await orAbort(openUntil(request.signal, streams.open(caller)), request.signal);
      request.signal.addEventListener("abort", close, { once: true });
    }
    return next(request);
  };
}

/** A call that is over before its stream is counted must not leave it counted. */
async function openUntil(signal: AbortSignal, opening: Promise<() => void>): Promise<() => void> {
  const close = await opening;
  if (signal.aborted) close();
  return close;
}

function tooManyHere(key: string, limit: number): MnemeError {
  if (key !== NOBODY) return tooManyStreams("api_key", limit);
  return new MnemeError(
    "resource_exhausted",
    "TOO_MANY_STREAMS",
    `callers without an API key hold ${limit} streams open already; come back later`,
    { metadata: { limit: String(limit) }, retryAfterMs: 1000 },
  );
}

/** Ends streams to the client as soon as the process is asked to stop: they resume elsewhere cheaply. */
export function drainInterceptor(draining: AbortSignal): Interceptor {
  return (next) => async (request) => {
    const { methodKind } = request.method;
    if (methodKind !== "server_streaming" && methodKind !== "bidi_streaming") return next(request);
    // Lets go of `draining` when the call ends; AbortSignal.any would stay with it for as long as it lives.
    const { signal } = createLinkedAbortController(request.signal, draining);
    const response = await orAbort(next({ ...request, signal }), signal);
    return response.stream ? { ...response, message: until(response.message, signal) } : response;
  };
}

/** What calls are told while the process stops. */
export function drainingError(): MnemeError {
  return new MnemeError("unavailable", "DRAINING", "the server is shutting down; call again", {
    retryAfterMs: 100,
  });
}
