import type { HandlerContext } from "@connectrpc/connect";
import { getContext as write } from "@mneme/core/context/get-context.ts";
import { countedFor } from "@mneme/core/cost/counted-embedder.ts";
import type { GetContextRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { answerBy, callerOf, callOf } from "../call.ts";
import { fromContext, toContextCommand } from "../convert/context.ts";
import type { RouteDeps } from "./deps.ts";

export function getContext(deps: RouteDeps) {
  return async (request: GetContextRequest, context: HandlerContext) => {
    const command = toContextCommand(request, answerBy(callOf(context.values)));
    const caller = callerOf(context);
    const block = await write(countedFor(deps, caller), caller, command, context.signal);
    deps.uses.note(caller.tenantId, block.used);
    return fromContext(block);
  };
}
