import type { HandlerContext } from "@connectrpc/connect";
import {
  type RetryExtractionRequest,
  RetryExtractionRequestSchema,
} from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { callerOf } from "../call.ts";
import { fromExtraction } from "../convert/extraction.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function retryExtraction({ extractions }: RouteDeps) {
  return async (request: RetryExtractionRequest, context: HandlerContext) => {
    const write = toWriteRequest("RetryExtraction", RetryExtractionRequestSchema, request);
    const caller = callerOf(context);
    const extraction = await extractions.retry(caller, request.extractionId, write, context.signal);
    return { extraction: fromExtraction(extraction) };
  };
}
