import type { HandlerContext } from "@connectrpc/connect";
import { getHistory } from "@mneme/core/memory/history.ts";
import type { GetMemoryHistoryRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromHistory } from "../convert/history.ts";
import type { RouteDeps } from "./deps.ts";

export function getMemoryHistory(deps: RouteDeps) {
  return async ({ memoryId }: GetMemoryHistoryRequest, context: HandlerContext) =>
    fromHistory(await getHistory(deps, callerOf(context), memoryId, context.signal));
}
