import type { HandlerContext } from "@connectrpc/connect";
import { listMemories as list } from "@mneme/core/memory/list-memories.ts";
import type { ListMemoriesRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory, toKind } from "../convert/memory.ts";
import { toScope } from "../convert/scope.ts";
import { toDate, toTimes } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

export function listMemories(deps: RouteDeps) {
  return async (request: ListMemoriesRequest, context: HandlerContext) => {
    const page = await list(
      deps,
      callerOf(context),
      {
        scope: toScope(request.scope as Scope),
        kinds: request.kinds.map(toKind),
        categories: request.categories,
        showSuperseded: request.showSuperseded,
        showArchived: request.showArchived,
        reviewBefore: toDate(request.reviewBefore),
        pageSize: request.pageSize,
        pageToken: request.pageToken,
        ...toTimes(request),
      },
      context.signal,
    );
    return { memories: page.memories.map(fromMemory), nextPageToken: page.nextPageToken };
  };
}
