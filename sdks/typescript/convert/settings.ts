import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  BatchChoiceSchema,
  ExtractorChoiceSchema,
  type SettingsSchema,
  WhenFullSchema,
  WhenSpentSchema,
  type AgeingSettings as WireAgeing,
  type BatchChoice as WireBatch,
  type BudgetSettings as WireBudget,
  type ExtractorChoice as WireChoice,
  type ExtractionSettings as WireExtraction,
  type ModelSettings as WireModels,
  type Settings as WireSettings,
  type WhenFull as WireWhenFull,
  type WhenSpent as WireWhenSpent,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { invalidField } from "../errors/errors.ts";
import type { Ranking } from "../types/search.ts";
import type {
  AgeingSettings,
  BudgetSettings,
  ExtractionSettings,
  ModelSettings,
  RetentionSettings,
  Settings,
  SettingsPatch,
} from "../types/settings.ts";
import { enumCodec } from "./enum.ts";
import { sensitiveKinds } from "./extraction.ts";
import { defined } from "./memory.ts";
import { reviewFromWire, reviewToWire } from "./review.ts";
import { recencies, recipes } from "./search.ts";

type SettingsInit = MessageInitShape<typeof SettingsSchema>;
type Group<Name extends keyof SettingsPatch> = NonNullable<SettingsPatch[Name]>;

const whenFull = enumCodec<"archive" | "remove", WireWhenFull>(WhenFullSchema);
const whenSpent = enumCodec<"embedded" | "queue" | "refuse", WireWhenSpent>(WhenSpentSchema);
const batches = enumCodec<"off" | "bulk", WireBatch>(BatchChoiceSchema);
const extractors = enumCodec<"embedded" | "model", WireChoice>(ExtractorChoiceSchema);

/** Settings as they are sent; what is null or undefined is not. */
export function settingsToWire(settings: SettingsPatch | null | undefined): SettingsInit {
  const { extraction, ranking, retention, models, graphEnabled, language, budget, review, ageing } =
    settings ?? {};
  const { consolidation } = settings ?? {};
  return defined({
    extraction: extraction ? extractionToWire(extraction) : undefined,
    ranking: ranking ? rankingSettingsToWire(ranking) : undefined,
    retention: retention ? retentionToWire(retention) : undefined,
    consolidation: consolidation ? withoutNull(consolidation) : undefined,
    models: models ? modelsToWire(models) : undefined,
    budget: budget ? budgetToWire(budget) : undefined,
    review: review ? reviewToWire(review) : undefined,
    ageing: ageing ? withoutNull(ageing) : undefined,
    graphEnabled: graphEnabled ?? undefined,
    language: language ?? undefined,
  });
}

function extractionToWire(extraction: Group<"extraction">): NonNullable<SettingsInit["extraction"]> {
  const { instructions, categories, includeCategories, excludeCategories, excludeSensitive } = extraction;
  return {
    ...withoutNull({ instructions }),
    categories: (categories ?? []).map(({ name, description = "" }) => ({ name, description })),
    includeCategories: [...(includeCategories ?? [])],
    excludeCategories: [...(excludeCategories ?? [])],
    excludeSensitive: (excludeSensitive ?? []).map((kind, i) =>
      sensitiveKinds.toWire(kind, `settings.extraction.exclude_sensitive[${i}]`),
    ),
  };
}

function rankingSettingsToWire(ranking: Group<"ranking">): NonNullable<SettingsInit["ranking"]> {
  const { recipe, recency, maxDays, rrfK, weights, rerank, rerankCandidates, origins } = ranking;
  return {
    recipe: recipes.toWire(recipe ?? undefined, "settings.ranking.recipe"),
    recency: recencies.toWire(recency ?? undefined, "settings.ranking.recency"),
    maxDays: maxDays ?? 0,
    rrfK: rrfK ?? 0,
    rerankCandidates: rerankCandidates ?? 0,
    ...withoutNull({ weights, rerank, origins: origins && defined(origins) }),
  };
}

function retentionToWire({ mostRecent, whenFull: then, ...rest }: Group<"retention">) {
  return {
    ...withoutNull(rest),
    mostRecent: (mostRecent ?? []).map(({ category, keep }) => ({ category, keep })),
    whenFull: whenFull.toWire(then ?? undefined, "settings.retention.when_full"),
  };
}

function modelsToWire({ extractor, batch, ...rest }: Group<"models">): NonNullable<SettingsInit["models"]> {
  return {
    extractor: extractors.toWire(extractor ?? undefined, "settings.models.extractor"),
    batch: batches.toWire(batch ?? undefined, "settings.models.batch"),
    ...withoutNull(rest),
  };
}

function budgetToWire(budget: Group<"budget">): NonNullable<SettingsInit["budget"]> {
  const { monthlyMicrodollars, monthlyTokens } = budget;
  return {
    ...amountOf("monthlyMicrodollars", monthlyMicrodollars),
    ...amountOf("monthlyTokens", monthlyTokens),
    whenSpent: whenSpent.toWire(budget.whenSpent ?? undefined, "settings.budget.when_spent"),
  };
}

function amountOf<Name extends string>(name: Name, amount: number | null | undefined) {
  if (amount === null || amount === undefined) return {};
  if (!Number.isSafeInteger(amount)) throw invalidField(`settings.budget.${name}`, "must be a whole number");
  return { [name]: BigInt(amount) } as { [key in Name]: bigint };
}

type WithoutNull<T> = { [Name in keyof T]?: Exclude<T[Name], null | undefined> };

function withoutNull<T extends object>(members: T): WithoutNull<T> {
  const set = Object.entries(members).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(set) as WithoutNull<T>;
}

/** Only what is set. */
export function settingsFromWire(wire: WireSettings | undefined): Settings {
  if (wire === undefined) return {};
  const { extraction, ranking, retention, models, graphEnabled, language, budget, review, ageing } = wire;
  const { consolidation } = wire;
  return defined({
    extraction: extraction && extractionFromWire(extraction),
    ranking: ranking && rankingFromWire(ranking),
    retention: retention && retentionFromWire(retention),
    consolidation: consolidation && defined({ afterDays: consolidation.afterDays }),
    models: models && modelsFromWire(models),
    budget: budget && budgetFromWire(budget),
    review: review && reviewFromWire(review),
    ageing: ageing && ageingFromWire(ageing),
    graphEnabled,
    language,
  });
}

function extractionFromWire(wire: WireExtraction): ExtractionSettings {
  const { instructions, categories, includeCategories, excludeCategories, excludeSensitive } = wire;
  return defined({
    instructions,
    categories: listed(categories.map(({ name, description }) => ({ name, description }))),
    includeCategories: listed([...includeCategories]),
    excludeCategories: listed([...excludeCategories]),
    excludeSensitive: listed(excludeSensitive.flatMap((kind) => sensitiveKinds.fromWire(kind) ?? [])),
  });
}

function rankingFromWire(wire: NonNullable<WireSettings["ranking"]>): Ranking {
  const { recipe, recency, maxDays, rrfK, weights, rerank, rerankCandidates, origins } = wire;
  const shares = weights && {
    semantic: weights.semantic,
    keyword: weights.keyword,
    entity: weights.entity,
  };
  return defined({
    recipe: recipes.fromWire(recipe),
    recency: recencies.fromWire(recency),
    maxDays: maxDays || undefined,
    rrfK: rrfK || undefined,
    weights: shares,
    rerank,
    rerankCandidates: rerankCandidates || undefined,
    origins: origins && defined({ stated: origins.stated, inferred: origins.inferred, tool: origins.tool }),
  });
}

function retentionFromWire(wire: NonNullable<WireSettings["retention"]>): RetentionSettings {
  const { messageDays, memoryDays, memoriesPerScope, mostRecent } = wire;
  return defined({
    messageDays,
    memoryDays,
    memoriesPerScope,
    mostRecent: listed(mostRecent.map(({ category, keep }) => ({ category, keep }))),
    whenFull: whenFull.fromWire(wire.whenFull),
  });
}

function modelsFromWire(wire: WireModels): ModelSettings {
  const { extractor, extractorModel, reconcileModel, consolidateModel, messagesPerCall, embedder, batch } =
    wire;
  return defined({
    extractor: extractors.fromWire(extractor),
    extractorModel,
    reconcileModel,
    consolidateModel,
    messagesPerCall,
    embedder,
    batch: batches.fromWire(batch),
  });
}

function ageingFromWire(wire: WireAgeing): AgeingSettings {
  const { semanticHalfLifeDays, episodicHalfLifeDays, proceduralHalfLifeDays } = wire;
  const { archiveBelow, archiveInactiveDays, rankByStrength } = wire;
  const halfLives = { semanticHalfLifeDays, episodicHalfLifeDays, proceduralHalfLifeDays };
  return defined({ ...halfLives, archiveBelow, archiveInactiveDays, rankByStrength });
}

function budgetFromWire({ monthlyMicrodollars, monthlyTokens, whenSpent: then }: WireBudget): BudgetSettings {
  return defined({
    monthlyMicrodollars: monthlyMicrodollars === undefined ? undefined : Number(monthlyMicrodollars),
    monthlyTokens: monthlyTokens === undefined ? undefined : Number(monthlyTokens),
    whenSpent: whenSpent.fromWire(then),
  });
}

const listed = <T>(items: readonly T[]) => (items.length > 0 ? items : undefined);
