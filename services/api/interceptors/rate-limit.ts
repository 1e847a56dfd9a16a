import type { RateLimiter, RateState } from "@mneme/core/limits/rate-limiter.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { orAbort } from "./stream.ts";

/** Counts a call against its caller's rates, and tells in the answer's header how much is left. */
export type LimitRate = (caller: Caller, answer: Headers, signal: AbortSignal) => Promise<void>;

/** Headers of every answer to a caller with a rate, of the tightest of its limits. */
export const RATE_HEADERS = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] as const;

/** @throws MnemeError RATE_LIMITED, DEPENDENCY_UNAVAILABLE. */
export function createLimitRate(rates: Pick<RateLimiter, "admit"> | undefined): LimitRate {
  return async (caller, answer, signal) => {
    const admitting = rates?.admit(caller);
    if (!admitting) return;
    const { state, refusal } = await orAbort(admitting, signal);
    tell(answer, state);
    if (refusal) throw refusal;
  };
}

function tell(answer: Headers, { burst, remaining, resetMs }: RateState): void {
  const [limit, left, reset] = RATE_HEADERS;
  answer.set(limit, String(burst));
  answer.set(left, String(remaining));
  answer.set(reset, String(Math.ceil(resetMs / 1_000)));
}
