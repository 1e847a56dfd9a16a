import { create } from "@bufbuild/protobuf";
import type { Placement } from "@mneme/core/tenancy/placement.ts";
import {
  PlacementSchema,
  type Placement as WirePlacement,
} from "@mneme/proto/mneme/operator/v1/placement_pb.js";
import { fromDate } from "./time.ts";

export function fromPlacement(
  { tenantId, pool, movingTo }: Placement,
  changedAt: Date | undefined,
): WirePlacement {
  return create(PlacementSchema, {
    tenantId,
    pool,
    movingTo: movingTo ?? "",
    updateTime: fromDate(changedAt),
  });
}
