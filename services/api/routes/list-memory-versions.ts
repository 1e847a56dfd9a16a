import type { HandlerContext } from "@connectrpc/connect";
import { listVersions } from "@mneme/core/memory/list-versions.ts";
import type { ListMemoryVersionsRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { toDate } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

export function listMemoryVersions(deps: RouteDeps) {
  return async (request: ListMemoryVersionsRequest, context: HandlerContext) => {
    const page = await listVersions(
      deps,
      callerOf(context),
      {
        memoryId: request.memoryId,
        pageSize: request.pageSize,
        pageToken: request.pageToken,
        knownAt: toDate(request.knownAt),
      },
      context.signal,
    );
    return { versions: page.memories.map(fromMemory), nextPageToken: page.nextPageToken };
  };
}
