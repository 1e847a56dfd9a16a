import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@mneme/proto/google/rpc/error_details_pb.js";
import isNetworkError from "is-network-error";
import { CancelledError, type ErrorKind, errorOfKind, MnemeError } from "./errors.ts";

const DOMAIN = "mneme";

const KINDS: Readonly<Record<Code, ErrorKind>> = {
  [Code.Canceled]: "cancelled",
  [Code.Unknown]: "internal",
  [Code.InvalidArgument]: "invalid_argument",
  [Code.DeadlineExceeded]: "deadline_exceeded",
  [Code.NotFound]: "not_found",
  [Code.AlreadyExists]: "already_exists",
  [Code.PermissionDenied]: "permission_denied",
  [Code.ResourceExhausted]: "resource_exhausted",
  [Code.FailedPrecondition]: "failed_precondition",
  [Code.Aborted]: "aborted",
  [Code.OutOfRange]: "invalid_argument",
  [Code.Unimplemented]: "unimplemented",
  [Code.Internal]: "internal",
  [Code.Unavailable]: "unavailable",
  [Code.DataLoss]: "internal",
  [Code.Unauthenticated]: "unauthenticated",
};

/** The call that threw. */
export interface FailedCall {
  /** The caller's: only if it was aborted is a cancelled call the caller's doing. */
  readonly signal?: AbortSignal | undefined;
  /** The id that the call was sent with; names it where no answer says another. */
  readonly traceId?: string | undefined;
}

/** Turns whatever a call threw into a MnemeError; a MnemeError stays what it is. */
export function toMnemeError(thrown: unknown, { signal, traceId }: FailedCall = {}): MnemeError {
  if (signal?.aborted) {
    return new CancelledError("the call was cancelled", {
      reason: "CANCELLED",
      cause: signal.reason,
      requestId: traceId,
    });
  }
  if (thrown instanceof MnemeError) return thrown;
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema).find(({ domain }) => domain === DOMAIN);
  const kind = info === undefined ? kindOfForeign(error) : KINDS[error.code];
  return errorOfKind(kind, messageOf(error, kind), {
    cause: thrown,
    reason: info?.reason ?? (kind === "deadline_exceeded" ? "DEADLINE_EXCEEDED" : undefined),
    metadata: info?.metadata,
    fields: error
      .findDetails(BadRequestSchema)
      .flatMap(({ fieldViolations }) =>
        fieldViolations.map(({ field, description }) => ({ field, description })),
      ),
    retryAfterMs: retryAfterMs(error),
    requestId: error.metadata.get("x-request-id") ?? info?.metadata.request_id ?? traceId,
  });
}

/** An error without Mneme's details comes from what lies between: the network, a proxy, this machine. */
function kindOfForeign(error: ConnectError): ErrorKind {
  if (error.isWireError) return KINDS[error.code];
  if (connectionBroke(error)) return "unavailable";
  return KINDS[error.code];
}

function connectionBroke(error: ConnectError): boolean {
  // A stream that is reset although nobody here aborted it: the other side, or the connection, went away.
  if (error.code === Code.Canceled || error.code === Code.Aborted) return true;
  return causes(error).some((cause) => isNetworkError(cause) || hasNetworkCode(cause));
}

function causes(error: Error): Error[] {
  const chain: Error[] = [];
  for (let next: unknown = error; next instanceof Error && !chain.includes(next); next = next.cause) {
    chain.push(next);
  }
  return chain;
}

function hasNetworkCode(error: Error): boolean {
  return "code" in error && /^(E[A-Z]|ERR_HTTP2_|ERR_STREAM_|UND_ERR_)/.test(String(error.code));
}

function messageOf(error: ConnectError, kind: ErrorKind): string {
  if (error.rawMessage !== "") return error.rawMessage;
  return kind.replaceAll("_", " ");
}

function retryAfterMs(error: ConnectError): number | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay !== undefined) return Number(delay.seconds) * 1000 + delay.nanos / 1e6;
  return retryAfterHeaderMs(error.metadata.get("retry-after"));
}

/** Reads Retry-After: seconds, or a date. */
function retryAfterHeaderMs(value: string | null): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
