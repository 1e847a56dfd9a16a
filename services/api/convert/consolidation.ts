import { create } from "@bufbuild/protobuf";
import type { Consolidation } from "@mneme/core/consolidation/consolidation.ts";
import {
  ConsolidationSchema,
  ConsolidationState,
} from "@mneme/proto/mneme/consolidation/v1/consolidation_pb.js";
import { fromScope } from "./scope.ts";
import { fromDate } from "./time.ts";

const STATES: Readonly<Record<Consolidation["state"], ConsolidationState>> = {
  active: ConsolidationState.ACTIVE,
  undone: ConsolidationState.UNDONE,
};

export function fromConsolidation(one: Consolidation) {
  const { id, summaryId, episodeIds, state, scope, extractor, extractorVersion, rule } = one;
  return create(ConsolidationSchema, {
    id,
    summaryMemoryId: summaryId,
    episodeMemoryIds: [...episodeIds],
    state: STATES[state],
    scope: fromScope(scope),
    extractor,
    extractorVersion,
    rule,
    createTime: fromDate(one.createdAt),
    undoTime: fromDate(one.undoneAt),
  });
}
