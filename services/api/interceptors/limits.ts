import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { MnemeError } from "@mneme/core/errors.ts";
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

/** Bounds the streams that one API key holds open at a time, and those that all callers without one do. */
export function streamLimitInterceptor(maxStreamsPerKey: number): Interceptor {
  const open = new Map<string, number>();

  return (next) => async (request) => {
    const key = callOf(request.contextValues).caller?.apiKeyId ?? NOBODY;
    if (!request.stream) return next(request);
    const count = open.get(key) ?? 0;
    if (count >= maxStreamsPerKey) throw tooManyStreams(key, maxStreamsPerKey);
    request.signal.throwIfAborted();
    open.set(key, count + 1);
    const release = () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    };
    request.signal.addEventListener("abort", release, { once: true });
    return next(request);
  };
}

function tooManyStreams(key: string, limit: number): MnemeError {
  const [holder, remedy] =
    key === NOBODY
      ? ["callers without an API key hold", "come back later"]
      : ["this API key holds", "end some first"];
  return new MnemeError(
    "resource_exhausted",
    "TOO_MANY_STREAMS",
    `${holder} ${limit} streams open already; ${remedy}`,
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
