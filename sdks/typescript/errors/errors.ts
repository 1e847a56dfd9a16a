import type { Extraction } from "../types/extraction.ts";
import type { Reason } from "./reason.ts";

/** The kinds of failure; each has a class of its own. */
export type ErrorKind =
  | "invalid_argument"
  | "not_found"
  | "already_exists"
  | "failed_precondition"
  | "aborted"
  | "permission_denied"
  | "unauthenticated"
  | "resource_exhausted"
  | "unavailable"
  | "deadline_exceeded"
  | "cancelled"
  | "unimplemented"
  | "internal";

/** What is wrong with one field of a request. */
export interface FieldViolation {
  /** Path in the request, e.g. `messages[3].text`. */
  readonly field: string;
  readonly description: string;
}

/** What an error knows beside its kind and message. */
export interface MnemeErrorDetails extends ErrorOptions {
  /** Undefined where the failure did not come from Mneme itself, e.g. the network. */
  readonly reason?: Reason | undefined;
  /** Ids, limits and field names that belong to the reason. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly fields?: readonly FieldViolation[] | undefined;
  /** When another try may succeed, in milliseconds, if the server said so. */
  readonly retryAfterMs?: number | undefined;
  /** Names the request in the server's log, if it got there. */
  readonly requestId?: string | undefined;
}

/** Base of everything that the SDK throws. */
export class MnemeError extends Error {
  override readonly name: string = "MnemeError";
  readonly kind: ErrorKind;
  readonly reason: Reason | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(kind: ErrorKind, message: string, details: MnemeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.reason = details.reason;
    this.metadata = details.metadata ?? {};
    this.fields = details.fields ?? [];
    this.retryAfterMs = details.retryAfterMs;
    this.requestId = details.requestId;
  }
}

/** A field is missing, malformed or out of range: see `fields`. */
export class InvalidArgumentError extends MnemeError {
  override readonly name = "InvalidArgumentError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("invalid_argument", message, details);
  }
}

/** There is no such thing for these credentials. */
export class NotFoundError extends MnemeError {
  override readonly name = "NotFoundError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("not_found", message, details);
  }
}

/** It exists already. */
export class AlreadyExistsError extends MnemeError {
  override readonly name = "AlreadyExistsError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("already_exists", message, details);
  }
}

/** Not in this state: another try changes nothing. */
export class FailedPreconditionError extends MnemeError {
  override readonly name: string = "FailedPreconditionError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("failed_precondition", message, details);
  }
}

/** It changed since it was read: read it again, then write. */
export class AbortedError extends MnemeError {
  override readonly name = "AbortedError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("aborted", message, details);
  }
}

/** The credentials lack a permission: see `metadata.permission`. */
export class PermissionDeniedError extends MnemeError {
  override readonly name = "PermissionDeniedError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("permission_denied", message, details);
  }
}

/** No credentials, or not valid ones. */
export class UnauthenticatedError extends MnemeError {
  override readonly name = "UnauthenticatedError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("unauthenticated", message, details);
  }
}

/** Too much, or too often: see `retryAfterMs`. */
export class ResourceExhaustedError extends MnemeError {
  override readonly name = "ResourceExhaustedError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("resource_exhausted", message, details);
  }
}

/** The server, or a part of it, does not answer. */
export class UnavailableError extends MnemeError {
  override readonly name = "UnavailableError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("unavailable", message, details);
  }
}

/** Not done in time. A write may have been done nevertheless; the same `requestId` makes it once. */
export class DeadlineExceededError extends MnemeError {
  override readonly name = "DeadlineExceededError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("deadline_exceeded", message, details);
  }
}

/** Cancelled by the caller's signal; its reason is the `cause`. */
export class CancelledError extends MnemeError {
  override readonly name = "CancelledError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("cancelled", message, details);
  }
}

/** The server, or this build of the SDK, cannot do this. */
export class UnimplementedError extends MnemeError {
  override readonly name = "UnimplementedError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("unimplemented", message, details);
  }
}

/** Something broke on the server's side; `requestId` finds it in its log. */
export class InternalError extends MnemeError {
  override readonly name = "InternalError";
  constructor(message: string, details?: MnemeErrorDetails) {
    super("internal", message, details);
  }
}

/** An extraction that was waited for failed or was dropped; `mneme.extractions.retry` revives a failed one. */
export class ExtractionFailedError extends FailedPreconditionError {
  override readonly name = "ExtractionFailedError";
  readonly extraction: Extraction;

  constructor(extraction: Extraction) {
    const dropped = extraction.state === "dropped";
    const why = dropped ? "its person is being erased" : (extraction.failure?.message ?? "all tries failed");
    super(`extraction ${extraction.id} ${dropped ? "was dropped" : "failed"}: ${why}`, {
      reason: dropped ? "SUBJECT_FENCED" : extraction.failure?.reason,
      metadata: { extraction_id: extraction.id },
    });
    this.extraction = extraction;
  }
}

const CLASSES = {
  invalid_argument: InvalidArgumentError,
  not_found: NotFoundError,
  already_exists: AlreadyExistsError,
  failed_precondition: FailedPreconditionError,
  aborted: AbortedError,
  permission_denied: PermissionDeniedError,
  unauthenticated: UnauthenticatedError,
  resource_exhausted: ResourceExhaustedError,
  unavailable: UnavailableError,
  deadline_exceeded: DeadlineExceededError,
  cancelled: CancelledError,
  unimplemented: UnimplementedError,
  internal: InternalError,
} as const satisfies Record<ErrorKind, new (message: string, details?: MnemeErrorDetails) => MnemeError>;

/** An error of the kind's own class. */
export function errorOfKind(kind: ErrorKind, message: string, details?: MnemeErrorDetails): MnemeError {
  return new CLASSES[kind](message, details);
}

/** A field that cannot be sent, found before sending it. */
export function invalidField(field: string, description: string): InvalidArgumentError {
  return new InvalidArgumentError(`${field}: ${description}`, {
    reason: "FIELD_INVALID",
    metadata: { field },
    fields: [{ field, description }],
  });
}
