/**
 * What went wrong, in the domain's own terms. Each kind maps to one wire code and each reason to one
 * `mneme.errors.v1.ErrorReason`; `metadata` holds ids, limits and field names, never a person's text.
 */
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
  | "cancelled";

export type Reason =
  | "FIELD_INVALID"
  | "REQUEST_ID_REUSED"
  | "PAGE_TOKEN_INVALID"
  | "FRESHNESS_TOKEN_INVALID"
  | "ETAG_MISMATCH"
  | "MEMORY_NOT_FOUND"
  | "EXTRACTION_NOT_FOUND"
  | "SESSION_NOT_FOUND"
  | "SESSION_ENDED"
  | "SCOPE_REQUIRED"
  | "SUBJECT_FENCED"
  | "EXTRACTION_NOT_FAILED"
  | "BATCH_TOO_LARGE"
  | "MESSAGE_TOO_LARGE"
  | "CREDENTIALS_MISSING"
  | "CREDENTIALS_INVALID"
  | "PERMISSION_MISSING"
  | "FRESHNESS_TIMEOUT"
  | "DEPENDENCY_UNAVAILABLE"
  | "MODEL_OUTPUT_INVALID"
  | "MODEL_REFUSED"
  | "MODEL_RATE_LIMITED"
  | "MODEL_TIMEOUT"
  | "MODEL_CREDENTIALS_REFUSED"
  | "MODEL_NOT_FOUND"
  | "MODEL_REQUEST_REFUSED"
  | "MODEL_SERVER_FAILED"
  | "EMBEDDING_DIMENSION_MISMATCH"
  | "TOO_MANY_STREAMS"
  | "DRAINING"
  | "PROJECT_NOT_FOUND"
  | "TEAM_NOT_FOUND"
  | "GRANT_NOT_FOUND"
  | "API_KEY_NOT_FOUND"
  | "TENANT_NOT_FOUND"
  | "ALREADY_EXISTS"
  | "SUSPENDED"
  | "USER_TOKEN_SCOPE"
  | "RATE_LIMITED"
  | "QUOTA_EXCEEDED"
  | "TENANT_KEY_REVOKED"
  | "REPLAY_NOT_FOUND"
  | "STATE_CONFLICT"
  | "ALREADY_RUNNING"
  | "ENTITY_NOT_FOUND"
  | "BUDGET_EXCEEDED"
  | "CONSOLIDATION_NOT_FOUND"
  | "SENSITIVE_EXCLUDED";

export interface FieldViolation {
  /** Path in the request, e.g. `messages[3].text`. */
  readonly field: string;
  /** What is wrong and what to do; never echoes the value. */
  readonly description: string;
  /** Where it is not the error's. */
  readonly reason?: Reason;
}

export interface MnemeErrorOptions extends ErrorOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fields?: readonly FieldViolation[];
  /** When a retry may succeed, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The one error class that may reach a client; any other Error becomes "internal" with a request id. */
export class MnemeError extends Error {
  override readonly name = "MnemeError";
  readonly kind: ErrorKind;
  readonly reason: Reason;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fields: readonly FieldViolation[];
  readonly retryAfterMs: number | undefined;

  constructor(kind: ErrorKind, reason: Reason, message: string, options: MnemeErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.reason = reason;
    this.metadata = options.metadata ?? {};
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A request field that cannot be accepted. */
export function invalidField(field: string, description: string, reason: Reason = "FIELD_INVALID") {
  return new MnemeError("invalid_argument", reason, `${field}: ${description}`, {
    metadata: { field },
    fields: [{ field, description }],
  });
}

/** True for failures that another attempt may cure. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof MnemeError)) return true;
  return (
    error.kind === "unavailable" ||
    error.kind === "deadline_exceeded" ||
    error.kind === "resource_exhausted" ||
    error.kind === "aborted"
  );
}
