import type { HandlerContext } from "@connectrpc/connect";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import {
  type AppendSessionRequest,
  AppendSessionRequestSchema,
} from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { callerOf } from "../call.ts";
import { toMessages } from "../convert/message.ts";
import { toScope } from "../convert/scope.ts";
import { fromSession, toTaskState } from "../convert/session.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

const DAY_SECONDS = 86_400;

export function appendSession({ sessions }: RouteDeps) {
  return async (request: AppendSessionRequest, context: HandlerContext) => {
    const now = new Date();
    const session = await sessions.append(
      callerOf(context),
      {
        scope: toScope(request.scope as Scope),
        turns: toMessages(request.turns, "turns", now),
        taskState: request.taskState && toTaskState(request.taskState),
        etag: request.etag,
        ttlSeconds: request.ttlSeconds || DAY_SECONDS,
        request: toWriteRequest("AppendSession", AppendSessionRequestSchema, request),
      },
      context.signal,
    );
    return { session: fromSession(session) };
  };
}
