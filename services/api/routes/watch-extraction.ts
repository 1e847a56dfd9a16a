import type { HandlerContext } from "@connectrpc/connect";
import { watchExtraction as watch } from "@mneme/core/extraction/watch-extraction.ts";
import type { WatchExtractionRequest } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { callerOf } from "../call.ts";
import { fromExtraction } from "../convert/extraction.ts";
import type { RouteDeps } from "./deps.ts";

export function watchExtraction(deps: RouteDeps) {
  return async function* ({ extractionId }: WatchExtractionRequest, context: HandlerContext) {
    for await (const extraction of watch(deps, callerOf(context), extractionId, context.signal)) {
      yield { extraction: fromExtraction(extraction) };
    }
  };
}
