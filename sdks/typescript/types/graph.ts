/** Somebody or something that memories mention, under all the names that were found to be one. */
export interface GraphEntity {
  /** Any of its names' ids finds it too. */
  readonly entityId: string;
  /** The fullest of its names. */
  readonly name: string;
  /** person, organization, place, product, event, work, animal, date or other. */
  readonly type: string;
  /** At least one, `name` first. */
  readonly names: readonly EntityName[];
  /** What made its names one. */
  readonly merges: readonly EntityMerge[];
  /** Memories that mention it, newest first, at most 10. */
  readonly memoryIds: readonly string[];
}

export interface EntityName {
  readonly nameId: string;
  readonly name: string;
  readonly type: string;
}

/** How two names were found to be one. */
export type MergeRule = "name" | "alias" | "part" | "similar" | "hand";

export interface EntityMerge {
  readonly nameId: string;
  readonly otherNameId: string;
  /** Undefined for one that a newer server has. */
  readonly rule: MergeRule | undefined;
  readonly mergeTime: Date | undefined;
  /** Of an alias, the memory that tells it. */
  readonly memoryId: string | undefined;
}

/** Since and until when something is so, and is known. */
interface RelationTimes {
  readonly validFrom: Date | undefined;
  readonly validTo: Date | undefined;
  readonly recordedFrom: Date | undefined;
  readonly recordedTo: Date | undefined;
}

/** A typed relation of two entities. */
export interface Relation extends RelationTimes {
  readonly sourceEntityId: string;
  /** snake_case, e.g. works_at. */
  readonly type: string;
  readonly targetEntityId: string;
  /** The memories that tell it, newest first, at most 10. */
  readonly evidence: readonly RelationEvidence[];
}

/** A memory that tells a relation. */
export interface RelationEvidence extends RelationTimes {
  readonly memoryId: string;
  /** The messages that it comes from: the first, and the newest that say it again. */
  readonly messageIds: readonly string[];
}

export interface Neighbours {
  /** Newest first. */
  readonly relations: readonly Relation[];
  /** The other ends, and the entity itself. */
  readonly entities: readonly GraphEntity[];
  /** There is more. */
  readonly cut: boolean;
}

export interface Paths {
  /** Shortest first. */
  readonly paths: readonly {
    /** From the first to the last. */
    readonly entityIds: readonly string[];
    /** Between each and the next, one fewer. */
    readonly relations: readonly Relation[];
  }[];
  readonly entities: readonly GraphEntity[];
  /** Not every relation was looked at. */
  readonly cut: boolean;
}

/** What kept something out of a walk. */
export type WalkLimit = "entities" | "relations" | "fan_out";

export interface Walk {
  /** Nearest first. */
  readonly reached: readonly { readonly entity: GraphEntity; readonly depth: number }[];
  readonly relations: readonly Relation[];
  readonly limitsMet: readonly WalkLimit[];
}

/** Which way relations are followed. */
export type Direction = "out" | "in" | "both";
