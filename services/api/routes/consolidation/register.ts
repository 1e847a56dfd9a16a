import { ConsolidationService } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { consolidateNow } from "./consolidate-now.ts";
import { getConsolidation } from "./get-consolidation.ts";
import { listConsolidations } from "./list-consolidations.ts";
import { undoConsolidation } from "./undo-consolidation.ts";

export function consolidationService(deps: RouteDeps) {
  return serve(ConsolidationService, {
    listConsolidations: listConsolidations(deps),
    getConsolidation: getConsolidation(deps),
    undoConsolidation: undoConsolidation(deps),
    consolidateNow: consolidateNow(deps),
  });
}
