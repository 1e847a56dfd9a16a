import {
  DirectionSchema,
  MergeRuleSchema,
  type Direction as WireDirection,
  type Entity as WireEntity,
  type Evidence as WireEvidence,
  type Relation as WireRelation,
  type MergeRule as WireRule,
} from "@mneme/proto/mneme/graph/v1/graph_pb.js";
import {
  type FindPathsResponse,
  LimitSchema,
  type ListNeighboursResponse,
  type TraverseResponse,
  type Limit as WireLimit,
} from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import type {
  Direction,
  GraphEntity,
  MergeRule,
  Neighbours,
  Paths,
  Relation,
  Walk,
  WalkLimit,
} from "../types/graph.ts";
import { enumCodec } from "./enum.ts";
import { toDate } from "./time.ts";

const rules = enumCodec<MergeRule, WireRule>(MergeRuleSchema);
const limits = enumCodec<WalkLimit, WireLimit>(LimitSchema);
export const directions = enumCodec<Direction, WireDirection>(DirectionSchema);

export function entityFromWire({ entityId, name, type, names, merges, memoryIds }: WireEntity): GraphEntity {
  return {
    entityId,
    name,
    type,
    names: names.map((one) => ({ nameId: one.nameId, name: one.name, type: one.type })),
    merges: merges.map((merge) => ({
      nameId: merge.nameId,
      otherNameId: merge.otherNameId,
      rule: rules.fromWire(merge.rule),
      mergeTime: toDate(merge.mergeTime),
      memoryId: merge.memoryId || undefined,
    })),
    memoryIds: [...memoryIds],
  };
}

export function relationFromWire(relation: WireRelation): Relation {
  return {
    sourceEntityId: relation.sourceEntityId,
    type: relation.type,
    targetEntityId: relation.targetEntityId,
    ...timesOf(relation),
    evidence: relation.evidence.map((one) => ({
      memoryId: one.memoryId,
      messageIds: [...one.messageIds],
      ...timesOf(one),
    })),
  };
}

function timesOf({ validFrom, validTo, recordedFrom, recordedTo }: WireRelation | WireEvidence) {
  return {
    validFrom: toDate(validFrom),
    validTo: toDate(validTo),
    recordedFrom: toDate(recordedFrom),
    recordedTo: toDate(recordedTo),
  };
}

export function neighboursFromWire({ relations, entities, cut }: ListNeighboursResponse): Neighbours {
  return { relations: relations.map(relationFromWire), entities: entities.map(entityFromWire), cut };
}

export function pathsFromWire({ paths, entities, cut }: FindPathsResponse): Paths {
  return {
    paths: paths.map(({ entityIds, relations }) => ({
      entityIds: [...entityIds],
      relations: relations.map(relationFromWire),
    })),
    entities: entities.map(entityFromWire),
    cut,
  };
}

export function walkFromWire({ reached, relations, limitsMet }: TraverseResponse): Walk {
  return {
    reached: reached.flatMap(({ entity, depth }) =>
      entity ? [{ entity: entityFromWire(entity), depth }] : [],
    ),
    relations: relations.map(relationFromWire),
    limitsMet: limitsMet.flatMap((limit) => limits.fromWire(limit) ?? []),
  };
}
