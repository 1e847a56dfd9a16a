import { create } from "@bufbuild/protobuf";
import type { Direction, Entity, EntityMerge, Relation, RelationEvidence } from "@mneme/core/graph/graph.ts";
import type { GraphQuery } from "@mneme/core/graph/graph-store.ts";
import type { CutBy } from "@mneme/core/graph/read-graph.ts";
import type { MergeRule } from "@mneme/core/graph/same-names.ts";
import {
  EntitySchema,
  RelationSchema,
  Direction as WireDirection,
  MergeRule as WireRule,
} from "@mneme/proto/mneme/graph/v1/graph_pb.js";
import { type GetEntityRequest, Limit } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { toScope } from "./scope.ts";
import { fromDate, toDate } from "./time.ts";

const RULES: Readonly<Record<MergeRule, WireRule>> = {
  name: WireRule.NAME,
  alias: WireRule.ALIAS,
  part: WireRule.PART,
  similar: WireRule.SIMILAR,
  hand: WireRule.HAND,
};

const LIMITS: Readonly<Record<CutBy, Limit>> = {
  entities: Limit.ENTITIES,
  relations: Limit.RELATIONS,
  fan_out: Limit.FAN_OUT,
};

/** What every read of the graph says. */
export function toGraphQuery(request: Pick<GetEntityRequest, "scope" | "asOf" | "knownAt">): GraphQuery {
  return {
    scope: toScope(request.scope as Scope),
    asOf: toDate(request.asOf),
    knownAt: toDate(request.knownAt),
  };
}

export function toDirection(wire: WireDirection): Direction {
  if (wire === WireDirection.OUT) return "out";
  return wire === WireDirection.IN ? "in" : "both";
}

export const fromCut = (cut: CutBy): Limit => LIMITS[cut];

export function fromEntity({ id, name, type, names, merges, memoryIds }: Entity) {
  return create(EntitySchema, {
    entityId: id,
    name,
    type,
    names: names.map((one) => ({ nameId: one.id, name: one.name, type: one.type })),
    merges: merges.map(fromMerge),
    memoryIds: [...memoryIds],
  });
}

function fromMerge({ entityId, otherId, rule, mergedAt, memoryId }: EntityMerge) {
  return {
    nameId: entityId,
    otherNameId: otherId,
    rule: RULES[rule],
    mergeTime: fromDate(mergedAt),
    memoryId: memoryId ?? "",
  };
}

export function fromRelation(relation: Relation) {
  return create(RelationSchema, {
    sourceEntityId: relation.sourceId,
    type: relation.type,
    targetEntityId: relation.targetId,
    ...fromTimes(relation),
    evidence: relation.evidence.map((one) => ({
      memoryId: one.memoryId,
      messageIds: [...one.messageIds],
      ...fromTimes(one),
    })),
  });
}

function fromTimes(told: Pick<RelationEvidence, "validFrom" | "validTo" | "recordedFrom" | "recordedTo">) {
  return {
    validFrom: fromDate(told.validFrom),
    validTo: fromDate(told.validTo),
    recordedFrom: fromDate(told.recordedFrom),
    recordedTo: fromDate(told.recordedTo),
  };
}
