import type { HandlerContext } from "@connectrpc/connect";
import type { ListMemoryVersionsRequest } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { fromMemory } from "../convert/memory.ts";
import { pageSize } from "../convert/page.ts";
import { toDate } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

export function listMemoryVersions({ memories }: RouteDeps) {
  return async (request: ListMemoryVersionsRequest, context: HandlerContext) => {
    const page = await memories.versions(
      callerOf(context),
      {
        memoryId: request.memoryId,
        pageSize: pageSize(request.pageSize),
        pageToken: request.pageToken,
        knownAt: toDate(request.knownAt),
      },
      context.signal,
    );
    return { versions: page.memories.map(fromMemory), nextPageToken: page.nextPageToken };
  };
}
