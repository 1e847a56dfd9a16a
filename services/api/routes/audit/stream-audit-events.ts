import type { HandlerContext } from "@connectrpc/connect";
import { streamEvents } from "@mneme/core/audit/stream-events.ts";
import { createTrailGrowth } from "@mneme/core/audit/trail-growth.ts";
import type { StreamAuditEventsRequest } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromAuditEvent } from "../../convert/audit.ts";
import type { RouteDeps } from "../deps.ts";

export function streamAuditEvents({ audit }: RouteDeps) {
  const deps = { audit, growth: createTrailGrowth({ audit }) };
  return async function* ({ afterSequence, untilNow }: StreamAuditEventsRequest, context: HandlerContext) {
    const from = { after: Number(afterSequence), untilNow };
    for await (const event of streamEvents(deps, callerOf(context), from, context.signal)) {
      yield { event: fromAuditEvent(event) };
    }
  };
}
