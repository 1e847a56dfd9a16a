import { type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MemoryTimes } from "@mneme/core/memory/times.ts";

/** Unset stays unset. */
export function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp && timestampDate(timestamp);
}

/** Unset stays unset. */
export function fromDate(date: Date | undefined): Timestamp | undefined {
  return date && timestampFromDate(date);
}

/** Which state of the world and of our knowledge a request asks for. */
export function toTimes({
  asOf,
  knownAt,
}: {
  readonly asOf?: Timestamp | undefined;
  readonly knownAt?: Timestamp | undefined;
}): MemoryTimes {
  return { asOf: toDate(asOf), knownAt: toDate(knownAt) };
}
