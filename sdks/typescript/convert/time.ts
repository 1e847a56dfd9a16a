import { type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { invalidField } from "../errors/errors.ts";

/** A Date of millisecond precision, or undefined where there is no time. */
export function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}

/** @throws InvalidArgumentError naming the field when the date is not one. */
export function fromDate(date: Date | undefined, field: string): Timestamp | undefined {
  if (date === undefined) return undefined;
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw invalidField(field, "must be a valid Date");
  return timestampFromDate(date);
}
