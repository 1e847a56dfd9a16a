import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import { type Call, callOf } from "../call.ts";
import { infoOf, reasonOf } from "../convert/error.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { createLineQuota, type LineQuota } from "./line-quota.ts";
import { onEnd } from "./stream.ts";

export interface TelemetryOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * Counts a call and writes one line about it: ids, codes and durations, never what it carried. Calls without valid
 * credentials share some lines a minute, and so do those over their rate; what goes beyond is written at debug and
 * counted.
 */
export interface Telemetry {
  /** To be called as soon as a call's headers are here. */
  begin(call: Call): void;
  /** To be called once, when its answer is out or it was given up. */
  end(call: Call, outcome: unknown): void;
  /** To be called for a request that is answered without becoming a call. */
  turnAway(refused: Refused): void;
}

/** A request whose path no procedure has, or whose HTTP method or content type none of it takes. */
export interface Refused {
  readonly requestId: string;
  /** Undefined where no procedure has the path, which could say anything and is not told. */
  readonly method: DescMethod | undefined;
  /** With its details. */
  readonly error: ConnectError;
}

/** Enough to see what somebody does wrong; a flood of it must not fill a disk. */
const FLOOD_LINES_A_MINUTE = 100;

export function createTelemetry({ log, metrics }: TelemetryOptions): Telemetry {
  const ofStrangers = createLineQuota(FLOOD_LINES_A_MINUTE);
  const overRate = createLineQuota(FLOOD_LINES_A_MINUTE);
  /** @param quota undefined for calls that come no faster than they are let. */
  const write = (quota: LineQuota | undefined, line: object, message: string) => {
    const isWritten = quota?.take() ?? true;
    if (!isWritten) metrics.unlogged.inc();
    log[isWritten ? "info" : "debug"](line, message);
  };
  return {
    begin(call) {
      metrics.inFlight.inc(labelsOf(call));
    },
    end(call, outcome) {
      const labels = labelsOf(call);
      const { code, reason } = resultOf(call, outcome);
      const elapsed = performance.now() - call.startedAt;
      metrics.inFlight.dec(labels);
      metrics.duration.observe({ ...labels, code }, elapsed / 1000);
      if (reason) metrics.failures.inc({ ...labels, reason });
      const limited = limitedBy(outcome);
      if (limited) metrics.limited.inc(limited);
      for (const part of call.degraded) metrics.degraded.inc({ ...labels, part });
      const isKnown = call.caller !== undefined;
      write(
        reason === "RATE_LIMITED" ? overRate : isKnown ? undefined : ofStrangers,
        {
          request_id: call.requestId,
          ...labels,
          protocol: call.protocol,
          code,
          reason,
          ...(call.degraded.length > 0 && { degraded: call.degraded }),
          duration_ms: Math.round(elapsed * 1000) / 1000,
          tenant_id: call.caller?.tenantId,
          project_id: call.caller?.projectId,
          api_key_id: call.caller?.apiKeyId,
        },
        "call",
      );
    },
    turnAway({ requestId, method, error }) {
      const labels = method ? labelsOf({ method }) : { service: "", method: "" };
      const { code, reason } = failedWith(error);
      metrics.failures.inc({ ...labels, reason });
      write(ofStrangers, { request_id: requestId, ...labels, code, reason }, "turned away");
    },
  };
}

/** Notes that the implementation has answered in full; what follows is only sending it. */
export const answeredInterceptor: Interceptor = (next) => async (request) => {
  const call = callOf(request.contextValues);
  const response = await next(request);
  if (!response.stream) {
    call.answered = true;
    call.degraded = degradedParts(response.message);
    return response;
  }
  const message = onEnd(response.message, (completed) => {
    call.answered = completed;
  });
  return { ...response, message };
};

/** What an answer says that it lacks; most kinds of answer lack nothing. */
function degradedParts(message: object): string[] {
  const { degraded = [] } = message as { readonly degraded?: readonly { readonly part: string }[] };
  return degraded.map(({ part }) => part);
}

function labelsOf({ method }: Pick<Call, "method">): { service: string; method: string } {
  return { service: method.parent.typeName, method: method.name };
}

/**
 * A context ends with an error where the call failed, and with an AbortError both after a full answer
 * and when an HTTP/1.1 client hung up.
 */
function resultOf(call: Call, outcome: unknown): { code: string; reason: string | undefined } {
  if (outcome instanceof ConnectError) {
    if (outcome.code === Code.Canceled && call.answered) return { code: "ok", reason: undefined };
    return failedWith(outcome);
  }
  if (call.answered) return { code: "ok", reason: undefined };
  const hungUp = outcome instanceof DOMException;
  return hungUp ? { code: "canceled", reason: "CANCELLED" } : { code: "internal", reason: "INTERNAL" };
}

/** What is limited, by the error's reason; quotas name themselves. */
const LIMITED: Readonly<Record<string, string>> = {
  RATE_LIMITED: "requests_per_second",
  TOO_MANY_STREAMS: "streams",
};

function limitedBy(outcome: unknown): { limit: string; level: string } | undefined {
  const info = outcome instanceof ConnectError ? infoOf(outcome) : undefined;
  const { quota, scope } = info?.metadata ?? {};
  const limit = quota ?? LIMITED[info?.reason ?? ""];
  return limit && scope ? { limit, level: scope } : undefined;
}

function failedWith(error: ConnectError): { code: string; reason: string } {
  return { code: codeToString(error.code), reason: reasonOf(error) ?? fallbackReason(error.code) };
}

function fallbackReason(code: Code): string {
  return code === Code.DeadlineExceeded
    ? "DEADLINE_EXCEEDED"
    : code === Code.Canceled
      ? "CANCELLED"
      : "INTERNAL";
}
