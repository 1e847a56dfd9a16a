import type { HandlerContext } from "@connectrpc/connect";
import { invalidField } from "@mneme/core/errors.ts";
import { dayOf, monthOf } from "@mneme/core/limits/exceeded.ts";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListUsageRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { UsagePeriod } from "@mneme/proto/mneme/tenancy/v1/usage_pb.js";
import { callerOf } from "../../call.ts";
import { fromUsage } from "../../convert/usage.ts";
import type { RouteDeps } from "../deps.ts";

export function listUsage({ usage }: Pick<RouteDeps, "usage">) {
  return async (request: ListUsageRequest, context: HandlerContext) => {
    const { projectId, pageSize, pageToken } = request;
    const now = new Date();
    const from = dayIn("from_day", request.fromDay) || monthOf(now);
    const to = dayIn("to_day", request.toDay) || dayOf(now);
    const period = request.period === UsagePeriod.DAY ? ("day" as const) : ("month" as const);
    const asked = { from, to, period, projectId, pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await usage.list(callerOf(context), asked, context.signal);
    return { usage: items.map(fromUsage), nextPageToken };
  };
}

/** The schema lets pass the 31st of every month. @throws MnemeError FIELD_INVALID. */
function dayIn(field: string, day: string): string {
  const date = new Date(`${day || "2000-01-01"}T00:00:00Z`);
  if (day !== "" && (Number.isNaN(date.getTime()) || dayOf(date) !== day))
    throw invalidField(field, "there is no such day");
  return day;
}
