import { MnemeError } from "../errors.ts";
import type { Level, Limit } from "./levels.ts";

/** What can be used up. */
export type Quota = "messages_per_day" | "memories" | "model_tokens_per_month";

const SAID: Readonly<Record<Quota, string>> = {
  messages_per_day: "messages of today",
  memories: "memories it may hold",
  model_tokens_per_month: "models' tokens of this month",
};

/** @param retryAfterMs when another try may be let in. */
export function quotaExceeded(
  quota: Quota,
  { level, most }: Pick<Limit, "level" | "most">,
  retryAfterMs?: number,
): MnemeError {
  const remedy = quota === "memories" ? "delete some, or ask for more" : "wait, or ask for more";
  return new MnemeError(
    "resource_exhausted",
    "QUOTA_EXCEEDED",
    `this ${nameOf(level)} has used up the ${most} ${SAID[quota]}; ${remedy}`,
    {
      metadata: { quota, limit: String(most), scope: level },
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  );
}

/** For people. */
export function nameOf(level: Level): string {
  return level === "api_key" ? "API key" : level;
}

/** `2026-03-01`. */
export function dayOf(now: Date): string {
  return now.toISOString().slice(0, 10);
}

/** The first of it. */
export function monthOf(now: Date): string {
  return `${now.toISOString().slice(0, 7)}-01`;
}

export function untilTomorrow(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1) - now.getTime();
}

export function untilNextMonth(now: Date): number {
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - now.getTime();
}
