import type { DescService } from "@bufbuild/protobuf";
import { ConnectError, type HandlerContext } from "@connectrpc/connect";
import type { Auditing } from "./audit/auditing.ts";
import { type Deadlines, openCall } from "./call.ts";
import { type Authenticate, requireAdmission } from "./interceptors/authentication.ts";
import { completeFrameError, type Translate } from "./interceptors/errors.ts";
import { drainingError } from "./interceptors/limits.ts";
import type { LimitRate } from "./interceptors/rate-limit.ts";
import type { Telemetry } from "./interceptors/telemetry.ts";

export interface GateOptions {
  readonly telemetry: Telemetry;
  readonly translate: Translate;
  readonly authenticate: Authenticate;
  readonly auditing: Auditing;
  readonly limitRate: LimitRate;
  readonly deadlines: Deadlines;
  /** Fires when the process is asked to stop: from then on calls are turned away. */
  readonly draining: AbortSignal;
  /** Services that need no credentials and answer also while the process stops. */
  readonly open: readonly DescService[];
}

/**
 * What happens once a call's headers are here and before its body is read: the call is opened, counted,
 * authenticated and held to its caller's rates. Somebody without credentials, or over a rate, can't make the server
 * read, inflate or parse a byte, but of what the open services take.
 */
export function createGate(options: GateOptions): (context: HandlerContext) => Promise<void> {
  const { telemetry, translate, authenticate, auditing, limitRate, deadlines, draining } = options;
  const open = new Set(options.open.map((service) => service.typeName));

  return async (context) => {
    const call = openCall(context, deadlines);
    context.responseHeader.set("x-request-id", call.requestId);
    // Of a GET, HTTP lets caches keep what says nothing else.
    if (context.requestMethod === "GET") context.responseHeader.set("cache-control", "no-store");
    telemetry.begin(call);
    context.signal.addEventListener(
      "abort",
      () => {
        const outcome: unknown = context.signal.reason;
        if (outcome instanceof ConnectError) completeFrameError(outcome, translate, call);
        telemetry.end(call, outcome);
        // Of what Connect refused by itself, such as a body that can't be read: its answer is on its way already.
        void auditing.refused(call, outcome);
      },
      { once: true },
    );
    if (open.has(context.service.typeName)) return;
    try {
      if (draining.aborted) throw drainingError();
      const known = await authenticate(context.requestHeader, context.signal);
      call.caller = auditing.begin(call, known.caller);
      // Refusals count too: each is told in the audit.
      await limitRate(call.caller, context.responseHeader, context.signal);
      requireAdmission(known, context.method);
    } catch (error) {
      const failure = translate(error, call, context.signal);
      await auditing.refused(call, failure);
      throw failure;
    }
  };
}
