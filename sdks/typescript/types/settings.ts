import type { SensitiveKind } from "./extraction.ts";
import type { MemoryKind } from "./memory.ts";
import type { Ranking } from "./search.ts";

/**
 * How memories are read out, ranked and kept, as one level sets it. What is unset is the next level's: the project's,
 * the tenant's, the product's.
 */
export interface Settings {
  /** What is read out of conversations. */
  readonly extraction?: ExtractionSettings | undefined;
  /** How searches rank where a request does not say. */
  readonly ranking?: Ranking | undefined;
  /** How long things are kept. */
  readonly retention?: RetentionSettings | undefined;
  /** When episodes are told by summaries. */
  readonly consolidation?: ConsolidationSettings | undefined;
  /** Which models work. */
  readonly models?: ModelSettings | undefined;
  /** Whether entities and their relations are kept; true by default. */
  readonly graphEnabled?: boolean | undefined;
  /** What people write in: a primary tag of BCP 47 such as "de"; "en" by default. */
  readonly language?: string | undefined;
  /** What models may cost in a month: a project's own, and a tenant's of all its projects together. Both hold. */
  readonly budget?: BudgetSettings | undefined;
  /** When memories are to be looked at again. */
  readonly review?: ReviewSettings | undefined;
  /** How memories age; nothing is archived unless it is set. */
  readonly ageing?: AgeingSettings | undefined;
}

/** What is read out of conversations. Instructions are for extractors that are models. */
export interface ExtractionSettings {
  /** Told to the model beside its own prompt; at most 4 KiB. */
  readonly instructions?: string | undefined;
  /** What a memory may be sorted into instead of the default categories; at most 64. */
  readonly categories?: readonly Category[] | undefined;
  /** Only statements of these categories are kept; at most 64. */
  readonly includeCategories?: readonly string[] | undefined;
  /** Statements of these categories are dropped before they are stored, and counted; at most 64. */
  readonly excludeCategories?: readonly string[] | undefined;
  /** Statements that hold any of this are dropped before they are stored, and counted by kind. */
  readonly excludeSensitive?: readonly SensitiveKind[] | undefined;
}

/** What memories are sorted into. */
export interface Category {
  /** As it stands on a memory; at most 64 characters. */
  readonly name: string;
  /** Tells a model what belongs here; at most 512 characters. */
  readonly description?: string | undefined;
}

/** How long things are kept. */
export interface RetentionSettings {
  /** Days that messages are kept, 0 to 36,500; 0 keeps only their statements. For good if unset. */
  readonly messageDays?: number | undefined;
  /** Days after which a new memory expires, 1 to 36,500. Never if unset. */
  readonly memoryDays?: number | undefined;
  /** Memories of a person, or of a shared scope, at most, 1 to 10,000: the weakest leave. Any number if unset. */
  readonly memoriesPerScope?: number | undefined;
  /** Of these categories the newest alone. */
  readonly mostRecent?: readonly { readonly category: string; readonly keep: number }[] | undefined;
  /** What becomes of those that leave; "archive" if unset. */
  readonly whenFull?: "archive" | "remove" | undefined;
}

/** When memories are to be looked at again, whether they still are so. */
export interface ReviewSettings {
  /** Of a memory the first that fits it holds; at most 32. */
  readonly rules?: readonly ReviewRule[] | undefined;
}

/** When memories of a sort are to be looked at again. */
export interface ReviewRule {
  /** Any if unset. */
  readonly kind?: MemoryKind | undefined;
  /** Any if unset. */
  readonly category?: string | undefined;
  /** Behind the day that it tells of, where that lies ahead, or else behind its being told; 1 to 36,500. */
  readonly days: number;
  /** What becomes of one that is due and that nobody used, told again or changed; it is listed as due if unset. */
  readonly whenStale?: "downgrade" | "archive" | "remove" | undefined;
  /** Of a downgrade: what confidence is multiplied with, between 0 and 1; 0.5 if unset. */
  readonly factor?: number | undefined;
  /** Of a downgrade: below which confidence does not fall; 0.2 if unset. */
  readonly floor?: number | undefined;
  /** Of a downgrade: what becomes of one at the floor; it stays there if unset. */
  readonly atFloor?: "archive" | "remove" | undefined;
}

/** When episodes are told by summaries. */
export interface ConsolidationSettings {
  /** Days after which what happened is told by summaries, and its own memories are archived, 30 to 90. Never if unset. */
  readonly afterDays?: number | undefined;
}

/** Which models work. */
export interface ModelSettings {
  /** The embedded rules, or the deployment's model; the deployment's choice if unset. */
  readonly extractor?: "embedded" | "model" | undefined;
  /** A model's name at the deployment's server, of those that it allows. */
  readonly extractorModel?: string | undefined;
  /** The same of what decides what a new statement means for what is known. */
  readonly reconcileModel?: string | undefined;
  /** The same of what words summaries of what happened. */
  readonly consolidateModel?: string | undefined;
  /** New messages that a model reads in one call, 1 to 100; the deployment's if unset. */
  readonly messagesPerCall?: number | undefined;
  /** What embeds memories and queries, by one of the names that the deployment offers. */
  readonly embedder?: string | undefined;
  /** Whether what is added with `processing: "bulk"` is read in batches of the model's server; off if unset. */
  readonly batch?: "off" | "bulk" | undefined;
}

/** What calls of models may cost in a month, UTC. */
export interface BudgetSettings {
  /** Millionths of a US dollar. */
  readonly monthlyMicrodollars?: number | undefined;
  /** Tokens read and written. */
  readonly monthlyTokens?: number | undefined;
  /** What becomes of what a model is to read then: the embedded rules read it, it waits, or new adds are refused. */
  readonly whenSpent?: "embedded" | "queue" | "refuse" | undefined;
}

/** How memories age: half lives in days by kind, 0 to 36,500; 0 or unset: what is of the kind does not fade. */
export interface AgeingSettings {
  readonly semanticHalfLifeDays?: number | undefined;
  readonly episodicHalfLifeDays?: number | undefined;
  readonly proceduralHalfLifeDays?: number | undefined;
  /** Memories weaker than this are archived, 0 to 1. */
  readonly archiveBelow?: number | undefined;
  /** Days without a message of a person or a search for them after which their memories are archived. */
  readonly archiveInactiveDays?: number | undefined;
  /** Whether searches rank by strength. */
  readonly rankByStrength?: boolean | undefined;
}

/** What may be used. What is unset is the deployment's default; all levels hold, none instead of another. */
export interface Limits {
  /** Calls a second, averaged; above 0. */
  readonly requestsPerSecond?: number | undefined;
  /** Calls that may come at once after a pause; at least 1. */
  readonly burst?: number | undefined;
  /** Messages taken a day, UTC. */
  readonly messagesPerDay?: number | undefined;
  /** Memories held at a time. */
  readonly memories?: number | undefined;
  /** Tokens that models read and write a month, UTC. */
  readonly modelTokensPerMonth?: number | undefined;
  /** Streams open at a time. */
  readonly streams?: number | undefined;
}

type Cleared<T> = { readonly [Name in keyof T]?: T[Name] | null | undefined };

/** What to set. What is not named stays as it is, null leaves it to the next level, and a list is set as a whole. */
export interface SettingsPatch {
  readonly extraction?: Cleared<ExtractionSettings> | null | undefined;
  readonly ranking?: Cleared<Ranking> | null | undefined;
  readonly retention?: Cleared<RetentionSettings> | null | undefined;
  readonly consolidation?: Cleared<ConsolidationSettings> | null | undefined;
  readonly models?: Cleared<ModelSettings> | null | undefined;
  readonly budget?: Cleared<BudgetSettings> | null | undefined;
  readonly review?: Cleared<ReviewSettings> | null | undefined;
  readonly ageing?: Cleared<AgeingSettings> | null | undefined;
  readonly graphEnabled?: boolean | null | undefined;
  readonly language?: string | null | undefined;
}

/** What to limit. What is not named stays as it is; null leaves it to the deployment. */
export type LimitsPatch = Cleared<Limits>;
