import type { Freshness } from "../types/results.ts";

/** A token, or the result that holds it. */
export function freshnessToWire(freshness: Freshness | undefined): string {
  return typeof freshness === "object" ? freshness.freshnessToken : (freshness ?? "");
}
