import type { SensitiveKind } from "../extraction/sensitive/sensitive-kind.ts";
import { DEFAULT_LANGUAGE } from "../language/languages.ts";
import type { MemoryKind, MemoryOrigin } from "../memory/memory.ts";
import type { RecipeName } from "../search/recipes.ts";

/**
 * How memories are read out, ranked and kept, as one level sets it. A member that is absent is the next level's: project,
 * tenant, product. Lists are never empty, for an empty one sets nothing.
 */
export interface Settings {
  readonly extraction?: ExtractionSettings;
  readonly ranking?: RankingSettings;
  readonly retention?: RetentionSettings;
  readonly consolidation?: ConsolidationSettings;
  readonly models?: ModelSettings;
  /** Of a project its own, of a tenant that of all its projects together: both hold. */
  readonly budget?: BudgetSettings;
  readonly ageing?: AgeingSettings;
  readonly review?: ReviewSettings;
  readonly graphEnabled?: boolean;
  /** Primary tag of BCP 47, as `isLanguageTag`. */
  readonly language?: string;
}

export interface ExtractionSettings {
  /** Told to a model beside its own prompt. */
  readonly instructions?: string;
  /** What a memory may be sorted into; the extractor's own if absent. */
  readonly categories?: readonly Category[];
  /** Only statements of these are kept. */
  readonly includeCategories?: readonly string[];
  /** Statements of these are dropped. */
  readonly excludeCategories?: readonly string[];
  /** Statements that hold any of this are dropped. */
  readonly excludeSensitive?: readonly SensitiveKind[];
}

export interface Category {
  readonly name: string;
  /** Tells a model what belongs here; may be empty. */
  readonly description: string;
}

export interface RankingSettings {
  readonly recipe?: RecipeName;
  /** Shares of the arms, for `weighted`; one value, set as a whole. */
  readonly weights?: { readonly semantic: number; readonly keyword: number; readonly entity: number };
  readonly recency?: "off" | "exponential" | "linear";
  /** For `linear`: days. */
  readonly maxDays?: number;
  /** For `rrf`. */
  readonly rrfK?: number;
  /** Whether the deployment's reranker reads the best; not if absent. */
  readonly rerank?: boolean;
  /** How many it reads, 2..200; the deployment's if absent. */
  readonly rerankCandidates?: number;
  /** Factors by who vouches for a memory, .5..1.5; one value, set as a whole. An absent one is 1. */
  readonly origins?: Readonly<Partial<Record<MemoryOrigin, number>>>;
}

export interface RetentionSettings {
  /** Days that messages are kept; 0 keeps only their statements. For good if absent. */
  readonly messageDays?: number;
  /** Days after which a new memory expires. Never if absent. */
  readonly memoryDays?: number;
  /** Memories of a person, or of a shared scope, at most. Any number if absent. */
  readonly memoriesPerScope?: number;
  /** Of these categories the newest alone. */
  readonly mostRecent?: readonly { readonly category: string; readonly keep: number }[];
  /** What becomes of those for which there is no room; `archive` if absent. */
  readonly whenFull?: "archive" | "remove";
}

export interface ReviewSettings {
  /** Of a memory the first that fits it holds. */
  readonly rules?: readonly ReviewRule[];
}

/** When memories of a sort are to be looked at again. */
export interface ReviewRule {
  /** Any if absent. */
  readonly kind?: MemoryKind;
  /** By its name, case apart; any if absent. */
  readonly category?: string;
  /** Behind the day that it tells of, where that lies ahead, or else behind its being told, first or again. */
  readonly days: number;
  /** What becomes of one that is due and that nobody confirmed; nothing if absent. */
  readonly whenStale?: "downgrade" | "archive" | "remove";
  /** Of a downgrade: what confidence is multiplied with, between 0 and 1; as `DOWNGRADE`. */
  readonly factor?: number;
  /** Below which it does not fall, 0..1. */
  readonly floor?: number;
  /** What becomes of one that is there; it stays if absent. */
  readonly atFloor?: "archive" | "remove";
}

export interface ConsolidationSettings {
  /** Days after which episodes are told by summaries, 30..90. Never if absent. */
  readonly afterDays?: number;
}

export interface ModelSettings {
  /** The deployment's if absent. */
  readonly extractor?: "embedded" | "model";
  /** One of those that the deployment names; its own if absent. */
  readonly embedder?: string;
  readonly extractorModel?: string;
  /** Decides what new statements mean for what is known; the deployment's if absent. */
  readonly reconcileModel?: string;
  /** Words summaries of episodes; the deployment's if absent. */
  readonly consolidateModel?: string;
  /** New messages that a model reads in one call, 1 to 100; the deployment's if absent. */
  readonly messagesPerCall?: number;
  /** Whether what may wait is read in batches of the model's server; `off` if absent. */
  readonly batch?: "off" | "bulk";
}

/** What calls of models may cost in a month, UTC. */
export interface BudgetSettings {
  /** Millionths of a dollar of what has a price. Unlimited if absent. */
  readonly monthlyMicrodollars?: number;
  /** Tokens read and written. Unlimited if absent. */
  readonly monthlyTokens?: number;
  /** What becomes of what a model is to read then; `queue` if absent. */
  readonly whenSpent?: "embedded" | "queue" | "refuse";
}

/** How memories age. Nothing does where nothing is set. */
export interface AgeingSettings {
  /** Days after which half of a memory's strength is gone, by kind; 0 or absent: it does not fade. */
  readonly semanticHalfLifeDays?: number;
  readonly episodicHalfLifeDays?: number;
  readonly proceduralHalfLifeDays?: number;
  /** Memories weaker than this are archived, 0..1; 0 or absent: none are. */
  readonly archiveBelow?: number;
  /** Days without a message of a person or a search for them after which theirs are archived; 0 or absent: never. */
  readonly archiveInactiveDays?: number;
  /** Whether searches rank by strength; not if absent. */
  readonly rankByStrength?: boolean;
}

/** What holds where nobody sets anything. */
export const PRODUCT_SETTINGS: Settings = {
  ranking: { recipe: "s1", recency: "off" },
  graphEnabled: true,
  language: DEFAULT_LANGUAGE,
};

/** What holds: each member as the first level sets it that does, and the product's where none does. */
export function effectiveSettings(...levels: readonly Settings[]): Settings {
  const lowestFirst = [...levels, PRODUCT_SETTINGS].reverse();
  const group = <K extends Exclude<keyof Settings, "graphEnabled" | "language">>(name: K) => {
    const merged = Object.assign({}, ...lowestFirst.map((level) => level[name])) as Settings[K] & object;
    return Object.keys(merged).length > 0 && { [name]: merged };
  };
  const graphEnabled = levels.find((level) => level.graphEnabled !== undefined)?.graphEnabled ?? true;
  const language = levels.find((level) => level.language !== undefined)?.language ?? DEFAULT_LANGUAGE;
  return {
    ...group("extraction"),
    ...group("ranking"),
    ...group("retention"),
    ...group("consolidation"),
    ...group("models"),
    ...group("budget"),
    ...group("review"),
    ...group("ageing"),
    graphEnabled,
    language,
  };
}
