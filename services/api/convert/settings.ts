import { create } from "@bufbuild/protobuf";
import { invalidField } from "@mneme/core/errors.ts";
import { isLanguageTag } from "@mneme/core/language/languages.ts";
import type {
  AgeingSettings,
  BudgetSettings,
  ConsolidationSettings,
  ExtractionSettings,
  ModelSettings,
  Settings,
} from "@mneme/core/tenancy/settings.ts";
import {
  BatchChoice,
  ExtractorChoice,
  SettingsSchema,
  WhenSpent,
  type AgeingSettings as WireAgeing,
  type Settings as WireSettings,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { keyOf } from "./enum-table.ts";
import { present } from "./present.ts";
import { fromRanking, toRanking } from "./ranking.ts";
import { fromRetention, toRetention } from "./retention.ts";
import { fromReview, toReview } from "./review.ts";
import { fromSensitiveKinds, toSensitiveKinds } from "./sensitive-kind.ts";

const EXTRACTORS: Readonly<Record<NonNullable<ModelSettings["extractor"]>, ExtractorChoice>> = {
  embedded: ExtractorChoice.EMBEDDED,
  model: ExtractorChoice.MODEL,
};

const BATCHES: Readonly<Record<NonNullable<ModelSettings["batch"]>, BatchChoice>> = {
  off: BatchChoice.OFF,
  bulk: BatchChoice.BULK,
};

const WHEN_SPENT: Readonly<Record<NonNullable<BudgetSettings["whenSpent"]>, WhenSpent>> = {
  embedded: WhenSpent.EMBEDDED,
  queue: WhenSpent.QUEUE,
  refuse: WhenSpent.REFUSE,
};

/**
 * What a message sets; its members that are unset, or groups that set nothing, are left out.
 *
 * @throws MnemeError FIELD_INVALID for two categories of one name, and a language that there is not.
 */
export function toSettings(wire: WireSettings | undefined): Settings {
  return present({
    extraction: group(wire?.extraction, toExtraction),
    ranking: group(wire?.ranking, toRanking),
    retention: group(wire?.retention, toRetention),
    models: group(wire?.models, toModels),
    consolidation: group(wire?.consolidation, ({ afterDays }): ConsolidationSettings => {
      return present({ afterDays });
    }),
    budget: group(wire?.budget, ({ monthlyMicrodollars, monthlyTokens, whenSpent }): BudgetSettings => {
      return present({
        monthlyMicrodollars: numberOf(monthlyMicrodollars),
        monthlyTokens: numberOf(monthlyTokens),
        whenSpent: keyOf(WHEN_SPENT, whenSpent),
      });
    }),
    review: group(wire?.review, toReview),
    ageing: group(wire?.ageing, toAgeing),
    graphEnabled: wire?.graphEnabled,
    language: wire?.language === undefined ? undefined : languageTag(wire.language),
  });
}

/** Within its bounds every amount is a safe integer. */
const numberOf = (amount: bigint | undefined) => (amount === undefined ? undefined : Number(amount));

export function fromSettings({
  extraction,
  ranking,
  retention,
  models,
  budget,
  review,
  ageing,
  consolidation,
  graphEnabled,
  language,
}: Settings): WireSettings {
  return create(SettingsSchema, {
    ...(extraction && {
      extraction: {
        ...extraction,
        categories: (extraction.categories ?? []).map((category) => ({ ...category })),
        includeCategories: [...(extraction.includeCategories ?? [])],
        excludeCategories: [...(extraction.excludeCategories ?? [])],
        excludeSensitive: fromSensitiveKinds(extraction.excludeSensitive ?? []),
      },
    }),
    ...(ranking && { ranking: fromRanking(ranking) }),
    ...(retention && { retention: fromRetention(retention) }),
    ...(models && {
      models: present({
        ...models,
        extractor: models.extractor && EXTRACTORS[models.extractor],
        batch: models.batch && BATCHES[models.batch],
      }),
    }),
    ...(budget && {
      budget: present({
        monthlyMicrodollars: bigintOf(budget.monthlyMicrodollars),
        monthlyTokens: bigintOf(budget.monthlyTokens),
        whenSpent: budget.whenSpent && WHEN_SPENT[budget.whenSpent],
      }),
    }),
    ...(review && { review: fromReview(review) }),
    ...(ageing && { ageing }),
    ...(consolidation && { consolidation }),
    ...(graphEnabled !== undefined && { graphEnabled }),
    ...(language !== undefined && { language }),
  });
}

const bigintOf = (amount: number | undefined) => (amount === undefined ? undefined : BigInt(amount));

function toModels(wire: NonNullable<WireSettings["models"]>): ModelSettings {
  const { extractor, extractorModel, reconcileModel, consolidateModel, messagesPerCall, embedder, batch } =
    wire;
  return present({
    extractor: keyOf(EXTRACTORS, extractor),
    extractorModel,
    reconcileModel,
    consolidateModel,
    messagesPerCall,
    embedder,
    batch: keyOf(BATCHES, batch),
  });
}

function toAgeing(wire: WireAgeing): AgeingSettings {
  const { semanticHalfLifeDays, episodicHalfLifeDays, proceduralHalfLifeDays } = wire;
  const { archiveBelow, archiveInactiveDays, rankByStrength } = wire;
  const halfLives = { semanticHalfLifeDays, episodicHalfLifeDays, proceduralHalfLifeDays };
  return present({ ...halfLives, archiveBelow, archiveInactiveDays, rankByStrength });
}

function toExtraction(wire: NonNullable<WireSettings["extraction"]>): ExtractionSettings {
  const categories = wire.categories.map(({ name, description }) => ({ name, description }));
  if (new Set(categories.map(({ name }) => name)).size < categories.length) {
    throw invalidField("settings.extraction.categories", "two have the same name; name each once");
  }
  return present({
    instructions: wire.instructions,
    categories: listed(categories),
    includeCategories: listed(wire.includeCategories),
    excludeCategories: listed(wire.excludeCategories),
    excludeSensitive: listed(toSensitiveKinds(wire.excludeSensitive)),
  });
}

function languageTag(tag: string): string {
  if (isLanguageTag(tag)) return tag;
  throw invalidField(
    "settings.language",
    'no language has this tag; give a primary tag of BCP 47 such as "de"',
  );
}

/** A group that sets nothing is none. */
function group<W, T extends object>(wire: W | undefined, convert: (wire: W) => T): T | undefined {
  if (wire === undefined) return undefined;
  const converted = convert(wire);
  return Object.keys(converted).length > 0 ? converted : undefined;
}

const listed = <T>(items: readonly T[]) => (items.length > 0 ? items : undefined);
