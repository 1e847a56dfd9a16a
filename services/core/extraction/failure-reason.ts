import { MnemeError, type Reason } from "../errors.ts";

/** What a model's server is asked for; an error of one says which in its metadata, as `server`. */
export type ModelServer = "extractor" | "embedder";

/** Why a try failed, and of which model's server: `MODEL_TIMEOUT:embedder`. Holds nothing of what was read. */
export type FailureReason = Reason | "INTERNAL" | `${Reason}:${ModelServer}`;

/** A failure reason in its parts. */
export interface FailureParts {
  readonly reason: Reason | "INTERNAL";
  /** Undefined: no model's server was asked, or it is not to blame. */
  readonly server: ModelServer | undefined;
}

/** The reason as it is kept and counted. */
export function failureReason(error: unknown): FailureReason {
  if (!(error instanceof MnemeError)) return "INTERNAL";
  const { server } = error.metadata;
  return isModelServer(server) ? `${error.reason}:${server}` : error.reason;
}

/** The parts of what `failureReason` made. */
export function failureParts(failure: FailureReason): FailureParts {
  const [reason, server] = failure.split(":");
  return {
    reason: reason as FailureParts["reason"],
    server: isModelServer(server) ? server : undefined,
  };
}

function isModelServer(server: string | undefined): server is ModelServer {
  return server === "extractor" || server === "embedder";
}
