import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@mneme/proto/google/rpc/error_details_pb.js";

/** The answer to a write over another version than the current one. */
export function etagMismatch() {
  return wireError("it changed since it was read", Code.Aborted, "ETAG_MISMATCH");
}

/** An error as the real server sends it. */
export function wireError(
  message: string,
  code: Code,
  reason: string,
  metadata: Record<string, string> = {},
  retryAfterMs?: number,
): ConnectError {
  const retry =
    retryAfterMs === undefined
      ? []
      : [{ desc: RetryInfoSchema, value: { retryDelay: { seconds: 0n, nanos: retryAfterMs * 1e6 } } }];
  return new ConnectError(message, code, undefined, [
    { desc: ErrorInfoSchema, value: { reason, domain: "mneme", metadata } },
    ...retry,
  ]);
}

/** An error that names one field. */
export function fieldError(field: string, description: string): ConnectError {
  return new ConnectError(`${field}: ${description}`, Code.InvalidArgument, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "FIELD_INVALID", domain: "mneme", metadata: { field } } },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field, description }] } },
  ]);
}
