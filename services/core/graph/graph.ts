import type { ScopeIds } from "../tenancy/scope.ts";
import type { MergeRule } from "./same-names.ts";

/** Who looks at the graph, and of what time. Nothing is seen but through memories that such a reader may read. */
export interface Reading {
  readonly ids: ScopeIds;
  /** What was true then (valid time); undefined means now. */
  readonly asOf: Date | undefined;
  /** What was known then (record time); undefined means what is known now. */
  readonly knownAt: Date | undefined;
}

/** One of the names that an entity goes by. */
export interface EntityName {
  /** Of the name alone. */
  readonly id: string;
  /** As the newest memories write it. */
  readonly name: string;
  readonly type: string;
}

/** Two of an entity's names that were found to be one. */
export interface EntityMerge {
  readonly id: string;
  readonly entityId: string;
  readonly otherId: string;
  readonly rule: MergeRule;
  readonly mergedAt: Date;
  /** Of an alias, the memory that tells it. */
  readonly memoryId: string | undefined;
}

/** Somebody or something that memories mention, under all its names. */
export interface Entity extends EntityName {
  /** The smallest id among its names; any of them finds it. */
  readonly id: string;
  /** At least one; the one that it is called by first. */
  readonly names: readonly EntityName[];
  readonly merges: readonly EntityMerge[];
  /** The newest memories that mention it, newest first. */
  readonly memoryIds: readonly string[];
}

/** A memory that tells a relation. */
export interface RelationEvidence {
  readonly memoryId: string;
  /** The messages that it comes from, as far as they are known. */
  readonly messageIds: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  readonly recordedFrom: Date;
  readonly recordedTo: Date | undefined;
}

/** What one memory tells of two names. */
export interface Edge extends Omit<RelationEvidence, "messageIds"> {
  readonly id: string;
  readonly sourceId: string;
  /** snake_case, e.g. `lives_in`. */
  readonly type: string;
  readonly targetId: string;
}

/** A typed relation of two entities, with all that tells it. */
export interface Relation {
  readonly sourceId: string;
  readonly type: string;
  readonly targetId: string;
  /** Since when the oldest of its evidence holds, and until when the last; undefined is open. */
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  readonly recordedFrom: Date;
  readonly recordedTo: Date | undefined;
  /** Newest first; of very much the newest. */
  readonly evidence: readonly RelationEvidence[];
}

export type Direction = "out" | "in" | "both";
