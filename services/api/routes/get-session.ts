import type { HandlerContext } from "@connectrpc/connect";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import type { GetSessionRequest } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { callerOf } from "../call.ts";
import { toScope } from "../convert/scope.ts";
import { fromSession } from "../convert/session.ts";
import type { RouteDeps } from "./deps.ts";

export function getSession({ sessions }: RouteDeps) {
  return async ({ scope, lastTurns }: GetSessionRequest, context: HandlerContext) => {
    const caller = callerOf(context);
    const session = await sessions.get(caller, toScope(scope as Scope), lastTurns, context.signal);
    return { session: fromSession(session) };
  };
}
