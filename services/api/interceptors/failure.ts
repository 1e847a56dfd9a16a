import { Code, ConnectError } from "@connectrpc/connect";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Call } from "../call.ts";
import { fromMnemeError, malformedRequest, type WireError, type WireReason } from "../convert/error.ts";

/** What a failure looks like from outside, and how loudly an operator is told. A caller's mistakes are not. */
export interface Failure {
  readonly wire: WireError;
  readonly log: "error" | "warn" | undefined;
}

export interface FailureContext {
  readonly call: Pick<Call, "requestId" | "method">;
  /** The call's: tells a call that was given up from one that broke. */
  readonly signal: AbortSignal;
  /** Bytes a message may have, each way. */
  readonly maxRequestBytes: number;
  readonly maxAnswerBytes: number;
}

/**
 * Says what a client is told of whatever was thrown. Only a MnemeError speaks for itself; the frame's own
 * errors may quote the request and are worded anew; everything else is "internal" with the request id.
 */
export function failureOf(error: unknown, context: FailureContext): Failure {
  if (error instanceof MnemeError) return ofDomain(error);
  // Whatever broke after the call was given up broke because of that.
  const cause = context.signal.aborted ? context.signal.reason : error;
  if (cause instanceof MnemeError) return ofDomain(cause);
  if (cause instanceof ConnectError) return ofFrame(cause, context);
  return context.signal.aborted ? hungUp() : internal(context);
}

function ofDomain(error: MnemeError): Failure {
  const partIsDown = error.kind === "unavailable" && error.reason !== "DRAINING";
  return { wire: fromMnemeError(error), log: partIsDown ? "warn" : undefined };
}

function ofFrame(error: ConnectError, context: FailureContext): Failure {
  // A client may reset a stream with any code it likes.
  if (error.rawMessage.startsWith("http/2 stream closed")) return hungUp();
  switch (error.code) {
    case Code.Canceled:
    // Connect's word for a stream that its client destroyed.
    case Code.Aborted:
      return hungUp();
    case Code.DeadlineExceeded:
      return expected(Code.DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed");
    case Code.ResourceExhausted:
      return tooLarge(error, context);
    case Code.Unimplemented:
      return expected(Code.Unimplemented, "UNIMPLEMENTED", "no such procedure, or no such compression");
    case Code.InvalidArgument:
      return malformed("the request does not follow its protocol, or its compression is broken");
    default:
      if (error.rawMessage.startsWith("parse binary")) {
        return malformed(`the body is not a ${context.call.method.input.typeName} in binary Protobuf`);
      }
      if (error.rawMessage === "decompression failed") return malformed("the body cannot be decompressed");
      return internal(context);
  }
}

function hungUp(): Failure {
  return expected(Code.Canceled, "CANCELLED", "the caller hung up");
}

function tooLarge(error: ConnectError, { maxRequestBytes, maxAnswerBytes }: FailureContext): Failure {
  const [limit, message] = error.rawMessage.includes("writeMaxBytes")
    ? [maxAnswerBytes, `the answer is larger than ${maxAnswerBytes} bytes; ask for less at a time`]
    : [maxRequestBytes, `the request is larger than ${maxRequestBytes} bytes; send it in parts`];
  return expected(Code.ResourceExhausted, "MESSAGE_TOO_LARGE", message, { limit_bytes: String(limit) });
}

function malformed(message: string): Failure {
  return { wire: malformedRequest(message), log: undefined };
}

function internal({ call }: FailureContext): Failure {
  const wire = expected(
    Code.Internal,
    "INTERNAL",
    `something broke on our side; the request id ${call.requestId} finds it in our log`,
    { request_id: call.requestId },
  ).wire;
  return { wire, log: "error" };
}

function expected(
  code: Code,
  reason: WireReason,
  message: string,
  metadata: Readonly<Record<string, string>> = {},
): Failure {
  return { wire: { code, reason, message, metadata, fields: [], retryAfterMs: undefined }, log: undefined };
}
