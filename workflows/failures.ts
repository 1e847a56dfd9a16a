import { MnemeError } from "@mneme/core/errors.ts";
import { ApplicationFailure, CancelledFailure } from "@temporalio/common";

/** Reason of a failure that is nobody's but ours. */
export const INTERNAL = "INTERNAL";

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
