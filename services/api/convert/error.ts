import { Code, ConnectError } from "@connectrpc/connect";
import type { ErrorKind, FieldViolation, MnemeError, Reason } from "@mneme/core/errors.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  QuotaFailureSchema,
  RetryInfoSchema,
} from "@mneme/proto/google/rpc/error_details_pb.js";
import type { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";

/** The domain of every ErrorInfo. */
export const ERROR_DOMAIN = "mneme";

/** Every reason that the contract names: the domain's own, and those that only the frame gives. */
export type WireReason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED">;

/** Everything that a client is told about a failure. */
export interface WireError {
  readonly code: Code;
  readonly reason: WireReason;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;
}

const CODES: Readonly<Record<ErrorKind, Code>> = {
  invalid_argument: Code.InvalidArgument,
  not_found: Code.NotFound,
  already_exists: Code.AlreadyExists,
  failed_precondition: Code.FailedPrecondition,
  aborted: Code.Aborted,
  permission_denied: Code.PermissionDenied,
  unauthenticated: Code.Unauthenticated,
  resource_exhausted: Code.ResourceExhausted,
  unavailable: Code.Unavailable,
  deadline_exceeded: Code.DeadlineExceeded,
  cancelled: Code.Canceled,
};

/** When to ask again, in milliseconds, where the contract promises a hint and the error brings none. */
const RETRY_AFTER_MS: Readonly<Partial<Record<Reason, number>>> = {
  FRESHNESS_TIMEOUT: 500,
  DEPENDENCY_UNAVAILABLE: 1000,
};

/** What a client is told of a domain error; its cause stays here. */
export function fromMnemeError(error: MnemeError): WireError {
  return {
    code: CODES[error.kind],
    reason: error.reason,
    message: error.message,
    metadata: error.metadata,
    fields: error.fields,
    retryAfterMs: error.retryAfterMs ?? RETRY_AFTER_MS[error.reason],
  };
}

/** What a client is told of a request that cannot be read; no field can be named. */
export function malformedRequest(message: string): WireError {
  const wire = { code: Code.InvalidArgument, reason: "REQUEST_MALFORMED", message } as const;
  return { ...wire, metadata: {}, fields: [], retryAfterMs: undefined };
}

/** More violations than this help nobody, and an answer has to fit into a header. */
const MAX_VIOLATIONS = 32;

type Detail = NonNullable<ConstructorParameters<typeof ConnectError>[3]>[number];

/** The details of an error: exactly one ErrorInfo, and the standard message that fits its code. */
export function detailsOf(error: WireError): Detail[] {
  const { code, reason, metadata } = error;
  const details: Detail[] = [
    { desc: ErrorInfoSchema, value: { domain: ERROR_DOMAIN, reason, metadata: { ...metadata } } },
  ];
  if (error.fields.length > 0) {
    const fieldViolations = error.fields.slice(0, MAX_VIOLATIONS).map((field) => ({ reason, ...field }));
    details.push({ desc: BadRequestSchema, value: { fieldViolations } });
  }
  const subject = Object.values(metadata)[0] ?? "";
  if (code === Code.FailedPrecondition) {
    const violations = [{ type: reason, subject, description: error.message }];
    details.push({ desc: PreconditionFailureSchema, value: { violations } });
  }
  if (code === Code.ResourceExhausted) {
    const violations = [{ subject: "request", description: error.message }];
    details.push({ desc: QuotaFailureSchema, value: { violations } });
  }
  if (error.retryAfterMs !== undefined) {
    const seconds = BigInt(Math.trunc(error.retryAfterMs / 1000));
    const nanos = Math.round(error.retryAfterMs % 1000) * 1_000_000;
    details.push({ desc: RetryInfoSchema, value: { retryDelay: { seconds, nanos } } });
  }
  return details;
}

/** The error as connect sends it. `cause` is for the log only and never reaches the wire. */
export function toConnectError(error: WireError, cause?: unknown): ConnectError {
  const header =
    error.retryAfterMs === undefined ? undefined : { "retry-after": secondsOf(error.retryAfterMs) };
  return new ConnectError(error.message, error.code, header, detailsOf(error), cause);
}

/** Of the HTTP header, which knows no fractions; the detail is exact. */
function secondsOf(ms: number): string {
  return String(Math.max(1, Math.ceil(ms / 1_000)));
}

interface ErrorInfo {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** True for an error that has been given its details here. */
export function isComplete(error: ConnectError): boolean {
  return reasonOf(error) !== undefined;
}

/** The reason that an outgoing error carries. */
export function reasonOf(error: ConnectError): string | undefined {
  return infoOf(error)?.reason;
}

/** The ErrorInfo that an outgoing error carries. */
export function infoOf(error: ConnectError): ErrorInfo | undefined {
  for (const detail of error.details) {
    if (!("desc" in detail) || detail.desc.typeName !== ErrorInfoSchema.typeName) continue;
    const { domain, reason, metadata } = detail.value as Partial<ErrorInfo> & { domain?: string };
    if (domain === ERROR_DOMAIN && reason !== undefined) return { reason, metadata: metadata ?? {} };
  }
  return undefined;
}
