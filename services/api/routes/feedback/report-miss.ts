import type { HandlerContext } from "@connectrpc/connect";
import {
  type ReportMissRequest,
  ReportMissRequestSchema,
} from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../../call.ts";
import { toScope } from "../../convert/scope.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function reportMiss({ feedback }: RouteDeps) {
  return async (request: ReportMissRequest, context: HandlerContext) => {
    const { query, expectedText, expectedMemoryId, searchId } = request;
    const missId = await feedback.reportMiss(
      callerOf(context),
      {
        scope: toScope(request.scope as Scope),
        query,
        expectedText,
        expectedMemoryId: expectedMemoryId || undefined,
        searchId: searchId || undefined,
      },
      toWriteRequest("ReportMiss", ReportMissRequestSchema, request),
      context.signal,
    );
    return { missId };
  };
}
