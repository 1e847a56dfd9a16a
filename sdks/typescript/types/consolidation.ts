import type { Scope } from "./scope.ts";

/** A summary that was made of what happened. */
export interface Consolidation {
  readonly id: string;
  /** The memory that tells it; gone once it was undone. */
  readonly summaryMemoryId: string;
  /** The memories that it tells, archived; of an undone one those that are still there. */
  readonly episodeMemoryIds: readonly string[];
  readonly state: "active" | "undone" | undefined;
  readonly scope: Scope;
  /** What worded it: `consolidate`, or a model's name with the version of its prompt; and by which rule. */
  readonly extractor: string;
  readonly extractorVersion: string;
  readonly rule: string;
  readonly createTime: Date | undefined;
  readonly undoTime: Date | undefined;
}

/** What consolidating a scope came to. */
export interface ConsolidationCounts {
  /** Episodes that are old enough and were looked at. */
  readonly episodes: number;
  readonly summaries: number;
  /** Episodes that summaries tell now. */
  readonly archived: number;
  /** Summaries that were not made, for an episode was changed meanwhile. */
  readonly changed: number;
  /** Summaries that were not made, for one of the same was undone, or it would say again what was deleted. */
  readonly withheld: number;
  /** Episodes that are old enough and that the call did not come to; 10,000 where there are more. */
  readonly episodesLeft: number;
  /** Goes on with them; undefined where none are left. */
  readonly nextPageToken: string | undefined;
  /** A search with it finds the summaries in the place of what they tell. */
  readonly freshnessToken: string;
}
