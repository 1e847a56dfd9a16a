import { MnemeError } from "@mneme/core/errors.ts";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";

/** Reason of a failure that is nobody's but ours. */
export const INTERNAL = "INTERNAL";

/** What is waited for while it is away: its absence says nothing about the message that was being worked. */
const AWAITED = new Set(["postgres", "opensearch", "model"]);

/** True while an engine or a model's server is away; such a try does not count. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof MnemeError &&
    error.reason === "DEPENDENCY_UNAVAILABLE" &&
    error.kind !== "cancelled" &&
    AWAITED.has(error.metadata.dependency ?? "")
  );
}

/** A reason of `errors.proto`, or INTERNAL; never the error's own words. */
export function reasonOf(error: unknown): string {
  return error instanceof MnemeError ? error.reason : INTERNAL;
}

/**
 * The failure as a history may hold it: a reason and a fixed sentence. What the error says may quote a
 * person, so neither message, cause nor stack go along.
 */
export function toHistoryFailure(error: unknown): Error {
  if (error instanceof CancelledFailure) return error;
  if (error instanceof ApplicationFailure) return error;
  const reason = reasonOf(error);
  return ApplicationFailure.create({ type: reason, message: `the activity failed: ${reason}` });
}
