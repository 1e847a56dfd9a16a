import type { HandlerContext } from "@connectrpc/connect";
import type { GetExtractionRequest } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { callerOf } from "../call.ts";
import { fromExtraction } from "../convert/extraction.ts";
import type { RouteDeps } from "./deps.ts";

export function getExtraction({ extractions }: RouteDeps) {
  return async ({ extractionId }: GetExtractionRequest, context: HandlerContext) => {
    const extraction = await extractions.get(callerOf(context), extractionId, context.signal);
    return { extraction: fromExtraction(extraction) };
  };
}
