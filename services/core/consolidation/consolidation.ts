import type { Scope } from "../tenancy/scope.ts";

/** A summary that was made of episodes. */
export interface Consolidation {
  readonly id: string;
  /** The memory that tells it; gone once it was undone. */
  readonly summaryId: string;
  /** By id; of an undone one those that are still there. */
  readonly episodeIds: readonly string[];
  readonly state: "active" | "undone";
  readonly scope: Scope;
  /** What wrote it: the rules, or a model with the version of its prompt; and by which rule. */
  readonly extractor: string;
  readonly extractorVersion: string;
  readonly rule: string;
  readonly createdAt: Date;
  readonly undoneAt: Date | undefined;
}

/** What consolidating came to. Counts only. */
export interface ConsolidationCounts {
  /** Old enough, and looked at. */
  readonly episodes: number;
  readonly summaries: number;
  /** Episodes that summaries tell now. */
  readonly archived: number;
  /** Clusters that changed between being read and being applied: left to the next run. */
  readonly changed: number;
  /** Clusters of which a summary was undone before, or that would say again what was deleted. */
  readonly withheld: number;
}

/** What one call came to. */
export interface ConsolidatedNow extends ConsolidationCounts {
  /** Old enough, behind where it stopped; `MOST_LEFT` where there are more. */
  readonly episodesLeft: number;
  /** Goes on there; empty where none are left. */
  readonly nextPageToken: string;
  /** Up to which revision these buckets have something to be indexed; 0 where there is nothing. */
  readonly written: { readonly revision: string; readonly buckets: readonly number[] };
}

export const MOST_LEFT = 10_000;

export const NOTHING_CONSOLIDATED: ConsolidationCounts = {
  episodes: 0,
  summaries: 0,
  archived: 0,
  changed: 0,
  withheld: 0,
};

export function addCounts(a: ConsolidationCounts, b: ConsolidationCounts): ConsolidationCounts {
  return {
    episodes: a.episodes + b.episodes,
    summaries: a.summaries + b.summaries,
    archived: a.archived + b.archived,
    changed: a.changed + b.changed,
    withheld: a.withheld + b.withheld,
  };
}
