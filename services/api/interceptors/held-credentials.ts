import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { isRetryable } from "@mneme/core/errors.ts";
import { callOf } from "../call.ts";
import { type Authenticate, requireAdmission } from "./authentication.ts";

/** With what it takes until a process knows of a revocation, under a second. */
const LOOK_MS = 300;
/** Rounds of that time: a call is looked at in every third one. */
const ROUNDS = 3;

/** A call under way, or one that ended since the last round. */
interface Held {
  readonly header: Headers;
  readonly method: DescMethod;
  readonly controller: AbortController;
  /** Until it is looked at. */
  rounds: number;
}

/**
 * Ends a call once its credentials would not begin it any more: revoked, expired or suspended. Streams and long unary calls
 * alike: who waits for a write to be found reads once the wait is over. Where the credentials can't be looked up it goes
 * on, for what it reads can't be read either.
 *
 * To stand before the deadline, which ends whatever its signal ends.
 */
export function heldCredentialsInterceptor(authenticate: Authenticate, lookMs = LOOK_MS): Interceptor {
  const held = new Set<Held>();
  // One for all calls: most are over before anybody would look.
  let timer: NodeJS.Timeout | undefined;

  async function look(one: Held): Promise<void> {
    const { header, method, controller } = one;
    // Not again meanwhile.
    one.rounds = Number.POSITIVE_INFINITY;
    try {
      requireAdmission(await authenticate(header, controller.signal), method);
    } catch (error) {
      if (!isRetryable(error)) controller.abort(error);
    }
    one.rounds = ROUNDS;
  }

  function round(): void {
    for (const one of held) {
      one.rounds -= 1;
      if (one.controller.signal.aborted) held.delete(one);
      else if (one.rounds === 0) void look(one);
    }
    if (held.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return (next) => (request) => {
    if (!callOf(request.contextValues).caller) return next(request);
    // The request's signal fires at the end of every call, however it ended.
    const controller = createLinkedAbortController(request.signal);
    held.add({ header: request.header, method: request.method, controller, rounds: ROUNDS });
    timer ??= setInterval(round, lookMs / ROUNDS).unref();
    return next({ ...request, signal: controller.signal });
  };
}
