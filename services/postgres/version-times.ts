import type { MemoryTimes } from "@mneme/core/memory/times.ts";

/** Of `memories m join memory_versions v`: the version that was known at a moment, which `parameter` holds. */
export function knownThen(parameter: string): string {
  return `(v.recorded_from <= ${parameter} and (v.recorded_to is null or v.recorded_to > ${parameter}))`;
}

/** The version was so at a moment, which `parameter` holds. */
export function validThen(parameter: string): string {
  return `(v.valid_from <= ${parameter} and (v.valid_to is null or v.valid_to > ${parameter}))`;
}

/** What has not ended yet; a plan begins later. */
export const NOT_OVER = "(v.valid_to is null or v.valid_to > now())";

/** Both moments as they stand in the filters of a page token. */
export function timesKey({ asOf, knownAt }: MemoryTimes): readonly (string | null)[] {
  return [asOf?.toISOString() ?? null, knownAt?.toISOString() ?? null];
}
