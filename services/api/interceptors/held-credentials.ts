import type { Interceptor } from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { isRetryable } from "@mneme/core/errors.ts";
import { callOf } from "../call.ts";
import { type Authenticate, requireAdmission } from "./authentication.ts";
import { orAbort, until } from "./stream.ts";

/** With what it takes until a process knows of a revocation, under a second. */
const LOOK_MS = 300;

/**
 * Ends a stream once its credentials would not open it any more: revoked, expired or suspended. Where they can't be looked
 * up it goes on, for what it reads can't be read either.
 */
export function heldCredentialsInterceptor(authenticate: Authenticate, lookMs = LOOK_MS): Interceptor {
  return (next) => async (request) => {
    if (!request.stream || !callOf(request.contextValues).caller) return next(request);
    const linked = createLinkedAbortController(request.signal);
    const { signal } = linked;
    const look = async () => {
      try {
        requireAdmission(await authenticate(request.header, signal), request.method);
      } catch (error) {
        if (!isRetryable(error)) linked.abort(error);
      }
      if (!signal.aborted) timer = setTimeout(look, lookMs).unref();
    };
    let timer = setTimeout(look, lookMs).unref();
    // The request's signal fires at the end of every call, however it ended.
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    const response = await orAbort(next({ ...request, signal }), signal);
    return response.stream ? { ...response, message: until(response.message, signal) } : response;
  };
}
