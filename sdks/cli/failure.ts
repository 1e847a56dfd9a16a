import { type ErrorKind, MnemeError } from "@mneme/sdk";
import { CommanderError } from "commander";

/** A failure as `--json` prints it. */
export interface Failure {
  readonly kind: ErrorKind;
  readonly reason: string | undefined;
  readonly message: string;
  readonly fields: readonly { readonly field: string; readonly description: string }[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
}

/** Something wrong with the command line or a file that it names. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  unimplemented: 1,
  invalid_argument: 2,
  not_found: 3,
  unauthenticated: 4,
  permission_denied: 4,
  failed_precondition: 5,
  aborted: 5,
  already_exists: 5,
  unavailable: 6,
  resource_exhausted: 6,
  deadline_exceeded: 7,
  cancelled: 130,
};

/** What to do, by reason; where none stands here, by kind. */
const ADVICE: Readonly<Record<string, string>> = {
  CREDENTIALS_MISSING: "Set MNEME_API_KEY, or pass --key-file.",
  CREDENTIALS_INVALID:
    "Check MNEME_API_KEY (the operator's: MNEME_OPERATOR_KEY), or the file given to --key-file.",
  PERMISSION_MISSING: "Use a key whose roles have this permission.",
  SUSPENDED:
    "A tenant is resumed by the operator ('mneme admin tenant resume'), a project restored by its tenant's key ('mneme admin project restore').",
  ALREADY_EXISTS: "Choose another name.",
  PROJECT_NOT_FOUND: "'mneme admin project list' shows those that this key reaches.",
  TEAM_NOT_FOUND:
    "'mneme admin team list' shows those there are; 'mneme admin grant create' lets somebody reach one.",
  API_KEY_NOT_FOUND: "'mneme admin key list --ended' shows all that this key reaches.",
  GRANT_NOT_FOUND: "'mneme admin grant list' shows those there are.",
  TENANT_NOT_FOUND: "'mneme admin tenant list' shows those there are.",
  TENANT_KEY_REVOKED:
    "Give its provider access again, or bring a good token: 'mneme admin encryption bring'.",
  BUDGET_EXCEEDED: "'mneme admin settings set budget.monthly_microdollars N' raises it.",
  QUOTA_EXCEEDED: "'mneme admin tenant get' and 'mneme admin project get' show the limits.",
  STATE_CONFLICT: "Look at how it stands, and try again.",
  ETAG_MISMATCH: "Repeat the change with the etag that it has now.",
  REQUEST_ID_REUSED: "Use another --request-id for another request.",
  SESSION_NOT_FOUND: "Appending to it opens a new window.",
  EXTRACTION_NOT_FAILED: "See where it stands with 'mneme extraction get'.",
  SUBJECT_FENCED: "This person is being erased; there is nothing to do.",
  SCOPE_REQUIRED: "Name someone: --user, --agent, --app, --team or --session.",
  FRESHNESS_TIMEOUT: "Ask again, or give it longer with --timeout.",
  MESSAGE_TOO_LARGE: "Send, or ask for, less at a time.",
  BATCH_TOO_LARGE: "Send fewer items at a time.",
  invalid_argument: "Correct it and try again.",
  not_found: "Check the id, and that the key belongs to the same organisation.",
  unavailable: "Check that the server runs ('mneme status'; 'npm start' starts one here) and try again.",
  resource_exhausted: "Wait a little and try again.",
  deadline_exceeded: "Try again, or give it longer with --timeout.",
  internal: "Look for the request in the server's log.",
};

/** Anything thrown, as a failure; the program's own mistakes are internal ones. */
export function toFailure(error: unknown): Failure {
  if (error instanceof MnemeError) {
    const { kind, reason, message, fields, metadata, retryAfterMs, requestId } = error;
    return { kind, reason, message, fields, metadata, retryAfterMs, requestId };
  }
  const message = (error instanceof Error ? error.message : String(error)).replace(/^error: /, "");
  const kind =
    error instanceof UsageError || error instanceof CommanderError ? "invalid_argument" : "internal";
  return {
    kind,
    reason: undefined,
    message,
    fields: [],
    metadata: {},
    retryAfterMs: undefined,
    requestId: undefined,
  };
}

export function exitCodeOf(kind: ErrorKind): number {
  return EXIT_CODES[kind];
}

/** One line: what is wrong, where, why (for programs), and what to do. */
export function sentenceOf(failure: Failure): string {
  if (failure.kind === "cancelled") return "interrupted.";
  const { message, reason, requestId, kind } = failure;
  const fields = failure.fields
    .filter(({ description }) => description !== message)
    .filter(({ field, description }) => !message.includes(field) || !message.includes(description))
    .map(({ field, description }) => `${field}: ${description}`);
  // Without a reason it is the network that failed, and its message names the address at most.
  const lead = kind === "unavailable" && reason === undefined ? "the server does not answer: " : "";
  const what = [lead + message.replace(/[.\s]+$/, ""), ...fields].join("; ");
  const named = [reason, requestId && kind === "internal" ? `request ${requestId}` : undefined].filter(
    Boolean,
  );
  const advice = (reason && ADVICE[reason]) ?? ADVICE[kind];
  return [what, named.length > 0 ? ` (${named.join(", ")})` : "", ".", advice ? ` ${advice}` : ""].join("");
}
