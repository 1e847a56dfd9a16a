import { MnemeError } from "@mneme/core/errors.ts";

/** What an aborted signal means to a caller: its deadline has passed, or nobody waits any more. */
export function abortError(signal: AbortSignal, metadata: Readonly<Record<string, string>> = {}): MnemeError {
  const timedOut = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
  return timedOut
    ? new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "the deadline passed while waiting for a model", {
        metadata,
      })
    : new MnemeError("cancelled", "DEPENDENCY_UNAVAILABLE", "the call to a model was cancelled", {
        metadata,
      });
}
