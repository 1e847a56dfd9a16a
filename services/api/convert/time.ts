import { type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";

/** Unset stays unset. */
export function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp && timestampDate(timestamp);
}

/** Unset stays unset. */
export function fromDate(date: Date | undefined): Timestamp | undefined {
  return date && timestampFromDate(date);
}
