import { create } from "@bufbuild/protobuf";
import type { Extraction, ExtractionState } from "@mneme/core/extraction/extraction.ts";
import { type FailureParts, failureParts, type ModelServer } from "@mneme/core/extraction/failure-reason.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  type ExtractionFailure,
  ExtractionFailureSchema,
} from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { fromDate } from "./time.ts";

/** What happened, and what an operator can do about it. */
interface Explanation {
  readonly what: string;
  readonly cure: string;
}

type Explanations<E> = Readonly<Partial<Record<FailureParts["reason"], E>>>;

/** Of a model's server; settings are the variables that say where and how it is asked. */
const OF_SERVERS: Explanations<(settings: string) => Explanation> = {
  MODEL_CREDENTIALS_REFUSED: (settings) => ({
    what: "refuses the credentials",
    cure: `put ${settings}_API_KEY or what it may use right, restart the worker`,
  }),
  MODEL_NOT_FOUND: (settings) => ({
    what: "knows no such model or address",
    cure: `put ${settings}_MODEL or ${settings}_URL right, restart the worker`,
  }),
  MODEL_REQUEST_REFUSED: (settings) => ({
    what: "refuses the request",
    cure: `see the status in the worker's log, put ${settings}_MODEL, ${settings}_URL or the server's limits right`,
  }),
  MODEL_SERVER_FAILED: () => ({
    what: "failed: it answered with an error, or the connection broke",
    cure: "see the status in the worker's log, mend that server",
  }),
  MODEL_RATE_LIMITED: () => ({
    what: "limits the rate, or its quota is used up",
    cure: "wait, or raise that limit",
  }),
  MODEL_TIMEOUT: (settings) => ({
    what: "did not answer in time",
    cure: `lighten its load, or raise ${settings}_TIMEOUT_MS and restart the worker`,
  }),
  MODEL_OUTPUT_INVALID: (settings) => ({
    what: "gave an answer that cannot be used",
    cure: `make sure that ${settings}_URL is right, or set another ${settings}_MODEL and restart the worker`,
  }),
  MODEL_REFUSED: (settings) => ({
    what: "refused to read these messages",
    cure: `set another ${settings}_MODEL, restart the worker`,
  }),
  EMBEDDING_DIMENSION_MISMATCH: (settings) => ({
    what: `answers with vectors of another length than ${settings}_DIMENSION says`,
    cure: `put ${settings}_DIMENSION right, or ${settings}_MODEL or ${settings}_URL where they name another model than meant, restart the api and the worker`,
  }),
};

const OF_THE_REST: Explanations<Explanation> = {
  MODEL_TIMEOUT: { what: "the embedded model did not answer in time", cure: "lighten the worker's load" },
  EMBEDDING_DIMENSION_MISMATCH: {
    what: "the index is built for another embedding model",
    cure: "restart the worker with that model, or reindex with this one",
  },
  DEPENDENCY_UNAVAILABLE: {
    what: "a part of the system failed",
    cure: "see in the worker's log which, mend it",
  },
};

const UNKNOWN: Explanation = {
  what: "something broke on our side",
  cure: "see the cause in the worker's log",
};

const SERVERS: Readonly<Record<ModelServer, { readonly name: string; readonly settings: string }>> = {
  extractor: { name: "the extractor's model server", settings: "MNEME_EXTRACTOR" },
  embedder: { name: "the embedder's model server", settings: "MNEME_EMBEDDER" },
};

/** Why the last try failed and what to do now, without a word of what was in it. */
export function fromFailure({
  failure,
  state,
}: Pick<Extraction, "failure" | "state">): ExtractionFailure | undefined {
  if (!failure) return undefined;
  const parts = failureParts(failure.reason);
  return create(ExtractionFailureSchema, {
    // The worker may be newer, and know more reasons.
    reason: ErrorReason[parts.reason] ?? ErrorReason.INTERNAL,
    message: sentence(explain(parts), state),
    failTime: fromDate(failure.failedAt),
  });
}

function explain({ reason, server }: FailureParts): Explanation {
  const ofServer = server && OF_SERVERS[reason];
  if (!ofServer) return OF_THE_REST[reason] ?? UNKNOWN;
  const { name, settings } = SERVERS[server];
  const { what, cure } = ofServer(settings);
  return { what: `${name} ${what}`, cure };
}

/** Only what was given up is the operator's to revive; a failure also stays with an extraction that came through. */
function sentence({ what, cure }: Explanation, state: ExtractionState): string {
  if (state === "failed") return `${what}; ${cure}, then RetryExtraction revives it`;
  return state === "queued" || state === "running" ? `${what}; it is tried again` : what;
}
