import type { HandlerContext } from "@connectrpc/connect";
import { undoConsolidation as undo } from "@mneme/core/consolidation/read-consolidations.ts";
import {
  type UndoConsolidationRequest,
  UndoConsolidationRequestSchema,
} from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromConsolidation } from "../../convert/consolidation.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function undoConsolidation(deps: Pick<RouteDeps, "consolidations" | "tokens">) {
  return async (request: UndoConsolidationRequest, context: HandlerContext) => {
    const { consolidationId: id, discardChanges } = request;
    const write = toWriteRequest("UndoConsolidation", UndoConsolidationRequestSchema, request);
    const undone = await undo(deps, callerOf(context), { id, discardChanges }, write, context.signal);
    return {
      consolidation: undone.consolidation && fromConsolidation(undone.consolidation),
      freshnessToken: undone.freshnessToken,
    };
  };
}
