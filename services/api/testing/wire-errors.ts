import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "@mneme/proto/google/rpc/error_details_pb.js";

/** An error as a client read it from the wire. */
export interface ReadError {
  readonly code: string;
  readonly message: string;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  /** Of the fields, in their order. */
  readonly fieldReasons: readonly string[];
  /** Type names of all details, in order. */
  readonly details: readonly string[];
  readonly retryAfterMs: number | undefined;
}

/** What a call failed with. @throws Error when it did not fail, or when there is not exactly one ErrorInfo. */
export async function failureOfCall(call: Promise<unknown> | AsyncIterable<unknown>): Promise<ReadError> {
  try {
    if (Symbol.asyncIterator in call) for await (const _ of call);
    else await call;
  } catch (error) {
    return readError(ConnectError.from(error));
  }
  throw new Error("expected the call to fail");
}

export function readError(error: ConnectError): ReadError {
  const infos = error.findDetails(ErrorInfoSchema);
  const [info] = infos;
  if (infos.length !== 1 || info?.domain !== "mneme") {
    throw new Error(`expected one ErrorInfo of mneme in: ${error.message}`, { cause: error });
  }
  const violations = error.findDetails(BadRequestSchema).flatMap((one) => one.fieldViolations);
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return {
    code: Code[error.code],
    message: error.rawMessage,
    reason: info.reason,
    metadata: info.metadata,
    fields: violations.map(({ field }) => field),
    fieldReasons: violations.map(({ reason }) => reason),
    details: [
      ErrorInfoSchema,
      BadRequestSchema,
      PreconditionFailureSchema,
      QuotaFailureSchema,
      RetryInfoSchema,
    ]
      .filter((schema) => error.findDetails(schema).length > 0)
      .map((schema) => schema.name),
    retryAfterMs: delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  };
}
