import type { ConnectError } from "@connectrpc/connect";
import type { RateLimiter, RateState } from "@mneme/core/limits/rate-limiter.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { infoOf } from "../convert/error.ts";
import { orAbort } from "./stream.ts";

/** Counts a call against its caller's rates, and tells in the answer's header how much is left. */
export type LimitRate = (caller: Caller, answer: Headers, signal: AbortSignal) => Promise<void>;

/** Headers of every answer to a caller with a rate, of the tightest of its limits, and of one that a quota refused. */
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
  set(answer, String(burst), String(remaining), String(Math.ceil(resetMs / 1_000)));
}

/** Reasons of refusals whose metadata has the limit of what is used up. */
const QUOTAS: ReadonlySet<string> = new Set(["QUOTA_EXCEEDED", "TOO_MANY_STREAMS"]);

/**
 * Tells of the quota that refused a call, if one did. What its caller's rate has left gives way to that: a client that
 * went by it would be refused again.
 */
export function tellQuota(answer: Headers, refusal: ConnectError): void {
  const info = infoOf(refusal);
  const { limit } = info?.metadata ?? {};
  const reset = refusal.metadata.get("retry-after");
  if (info && QUOTAS.has(info.reason) && limit && reset) set(answer, limit, "0", reset);
}

function set(answer: Headers, limit: string, remaining: string, reset: string): void {
  const [ofLimit, ofRemaining, ofReset] = RATE_HEADERS;
  answer.set(ofLimit, limit);
  answer.set(ofRemaining, remaining);
  answer.set(ofReset, reset);
}
