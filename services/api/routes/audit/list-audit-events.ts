import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListAuditEventsRequest } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromAuditEvent, toAuditFilter } from "../../convert/audit.ts";
import type { RouteDeps } from "../deps.ts";

export function listAuditEvents({ audit }: RouteDeps) {
  return async (request: ListAuditEventsRequest, context: HandlerContext) => {
    const page = await audit.list(
      callerOf(context),
      {
        filter: toAuditFilter(request.filter),
        pageSize: pageSizeOf(request.pageSize),
        pageToken: request.pageToken,
      },
      context.signal,
    );
    return { events: page.events.map(fromAuditEvent), nextPageToken: page.nextPageToken };
  };
}
