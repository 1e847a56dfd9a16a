import { create } from "@bufbuild/protobuf";
import type { Placement } from "@mneme/core/tenancy/placement.ts";
import {
  PlacementSchema,
  type Placement as WirePlacement,
} from "@mneme/proto/mneme/operator/v1/placement_pb.js";
import { fromDate } from "./time.ts";

export function fromPlacement(
  { tenantId, pool, movingTo, wanted }: Placement,
  changedAt: Date | undefined,
): WirePlacement {
  // A move under way is ended first; one that has still to begin is told of already.
  const goesTo = movingTo ?? (wanted === pool ? undefined : wanted);
  return create(PlacementSchema, {
    tenantId,
    pool,
    movingTo: goesTo ?? "",
    updateTime: fromDate(changedAt),
  });
}
