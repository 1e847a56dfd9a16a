import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListExtractionsRequest } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { callerOf } from "../call.ts";
import { fromExtraction, toExtractionState } from "../convert/extraction.ts";
import { toScope } from "../convert/scope.ts";
import type { RouteDeps } from "./deps.ts";

export function listExtractions({ extractions }: RouteDeps) {
  return async (request: ListExtractionsRequest, context: HandlerContext) => {
    const page = await extractions.list(
      callerOf(context),
      {
        scope: request.scope && toScope(request.scope),
        state: toExtractionState(request.state),
        pageSize: pageSizeOf(request.pageSize),
        pageToken: request.pageToken,
      },
      context.signal,
    );
    return { extractions: page.extractions.map(fromExtraction), nextPageToken: page.nextPageToken };
  };
}
