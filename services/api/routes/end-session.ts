import type { HandlerContext } from "@connectrpc/connect";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import {
  type EndSessionRequest,
  EndSessionRequestSchema,
} from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { callerOf } from "../call.ts";
import { toScope } from "../convert/scope.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function endSession({ sessions }: RouteDeps) {
  return async (request: EndSessionRequest, context: HandlerContext) => {
    const write = toWriteRequest("EndSession", EndSessionRequestSchema, request);
    await sessions.end(callerOf(context), toScope(request.scope as Scope), write, context.signal);
    return {};
  };
}
