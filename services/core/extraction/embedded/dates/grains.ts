import { DAY_MS } from "../../../time/day.ts";
import type { ResolvedDate } from "./phrases.ts";

const DAYS = { day: 1, weekend: 2, week: 7 } as const;

/** The first moment behind a time, UTC. */
export function endOf({ grain, start }: Pick<ResolvedDate, "grain" | "start">): Date {
  if (grain === "month") return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1));
  if (grain === "year") return new Date(Date.UTC(start.getUTCFullYear() + 1, 0, 1));
  return new Date(start.getTime() + DAYS[grain] * DAY_MS);
}
