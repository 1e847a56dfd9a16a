import type { MemoryTimes } from "../memory/times.ts";
import type { SharedLayer } from "../search/layers.ts";
import type {
  Degradation,
  LeftOut,
  SearchFilter,
  SearchResult,
  SearchTimings,
} from "../search/search-request.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { RankingSettings } from "../tenancy/settings.ts";
import type { ContextSectionName, SectionWish } from "./sections.ts";
import type { BlockSection, Citation } from "./write-block.ts";

export interface ContextCommand extends MemoryTimes {
  readonly scope: Scope;
  /** As of `SearchCommand`; profile and turns are the scope's own. */
  readonly layers?: readonly SharedLayer[] | undefined;
  readonly query: string;
  /** Of memories; turns are restricted by when they were said alone. */
  readonly filter: SearchFilter;
  /** Unset members take what the project sets. */
  readonly ranking: RankingSettings;
  /** Tokens of the whole block. */
  readonly tokenBudget: number;
  /** Each once, in the order of the text. */
  readonly sections: readonly SectionWish[];
  /** Memories that were said last, for the section `recent`, 1..50. */
  readonly mostRecent: number;
  /** As `tokenizerOf`. */
  readonly model: string;
  /** Memories of all sessions: the scope's session only says whose turns are told. */
  readonly allSessions: boolean;
  /** A freshness token; empty waits for nothing. */
  readonly atLeastAsFresh: string;
  /** Until when to wait for that; some seconds from now if undefined. */
  readonly deadline?: Date | undefined;
}

/** How many lines a section leaves out, and why. */
export interface SectionLeftOut {
  readonly section: ContextSectionName;
  readonly reason: LeftOut["reason"];
  readonly count: number;
}

export interface PromptContext {
  /** Ready to paste; empty when there is nothing to say. */
  readonly text: string;
  readonly citations: readonly Citation[];
  /** Of the whole text, never above the budget. */
  readonly tokens: number;
  /** As `Tokenizer.name`. */
  readonly tokenizer: string;
  /** The text as its parts. */
  readonly sections: readonly BlockSection[];
  /** Found but not told, best first, at most 50. */
  readonly leftOut: readonly LeftOut[];
  /** Those of `leftOut` and all other lines, counted. */
  readonly leftOutCounts: readonly SectionLeftOut[];
  /** Found by the search, and told in whatever section. */
  readonly used: readonly string[];
  readonly degraded: readonly Degradation[];
  /** As of `SearchResult`. */
  readonly time: SearchResult["time"];
  /** Of the search; undefined where none of its sections was asked for. */
  readonly timings: SearchTimings | undefined;
}
