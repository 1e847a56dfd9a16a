import {
  ConsolidationStateSchema,
  type Consolidation as WireConsolidation,
  type ConsolidationState as WireState,
} from "@mneme/proto/mneme/consolidation/v1/consolidation_pb.js";
import type { Consolidation } from "../types/consolidation.ts";
import { enumCodec } from "./enum.ts";
import { scopeFromWire } from "./scope.ts";
import { toDate } from "./time.ts";

const states = enumCodec<"active" | "undone", WireState>(ConsolidationStateSchema);

export function consolidationFromWire(wire: WireConsolidation): Consolidation {
  return {
    id: wire.id,
    summaryMemoryId: wire.summaryMemoryId,
    episodeMemoryIds: [...wire.episodeMemoryIds],
    state: states.fromWire(wire.state),
    scope: scopeFromWire(wire.scope),
    extractor: wire.extractor,
    extractorVersion: wire.extractorVersion,
    rule: wire.rule,
    createTime: toDate(wire.createTime),
    undoTime: toDate(wire.undoTime),
  };
}
