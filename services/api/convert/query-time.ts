import { create } from "@bufbuild/protobuf";
import type { AnchoredTime, QueryTimeKind } from "@mneme/core/search/query-time/read-query-time.ts";
import {
  type QueryTime,
  QueryTimeSchema,
  QueryTimeKind as WireKind,
} from "@mneme/proto/mneme/search/v1/search_pb.js";
import { fromDate } from "./time.ts";

const KINDS: Readonly<Record<QueryTimeKind, WireKind>> = {
  date: WireKind.DATE,
  relative: WireKind.RELATIVE,
  range: WireKind.RANGE,
  event: WireKind.EVENT,
  past: WireKind.PAST,
};

export function fromQueryTime(time: AnchoredTime | undefined): QueryTime | undefined {
  if (!time) return undefined;
  const { kind, span, anchorMemoryId = "", withEnded } = time;
  return create(QueryTimeSchema, {
    kind: KINDS[kind],
    from: fromDate(span.from),
    to: fromDate(span.to),
    anchorMemoryId,
    withEnded,
  });
}
