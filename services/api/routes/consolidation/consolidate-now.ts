import type { HandlerContext } from "@connectrpc/connect";
import { CONSOLIDATE_NOW, consolidateNow as consolidate } from "@mneme/core/consolidation/consolidate-now.ts";
import {
  type ConsolidateNowRequest,
  ConsolidateNowRequestSchema,
} from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf, callOf } from "../../call.ts";
import { toScope } from "../../convert/scope.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function consolidateNow(
  deps: Pick<
    RouteDeps,
    "consolidations" | "episodes" | "settingsNow" | "embedder" | "viewFor" | "spending" | "tokens"
  >,
) {
  return async (request: ConsolidateNowRequest, context: HandlerContext) => {
    const write = toWriteRequest("ConsolidateNow", ConsolidateNowRequestSchema, request);
    const scope = toScope(request.scope as Scope);
    const { pageToken } = request;
    // Whoever waits less long is answered in their time.
    const ms = Math.min(CONSOLIDATE_NOW.ms, (callOf(context.values).deadlineAt - performance.now()) / 2);
    return consolidate(
      { ...deps, settings: deps.settingsNow },
      callerOf(context),
      { scope, pageToken },
      write,
      {
        limits: { ...CONSOLIDATE_NOW, ms },
        signal: context.signal,
      },
    );
  };
}
