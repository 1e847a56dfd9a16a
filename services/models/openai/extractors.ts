import type { Extractor } from "@mneme/core/extraction/extractor.ts";
import { folded } from "@mneme/core/extraction/sort-statements.ts";
import type { ExtractionSettings, Settings } from "@mneme/core/tenancy/settings.ts";
import { LRUCache } from "lru-cache";
import type { Completer } from "./completion.ts";
import { createCompleter, createOpenAiExtractor, type OpenAiExtractorOptions } from "./extractor.ts";
import { DEFAULT_CATEGORIES, type ReadingRules } from "./prompt.ts";

export interface OpenAiExtractorsOptions extends Omit<OpenAiExtractorOptions, "rules"> {
  /** Models of the server that projects may name; one that names another is read by `model`. */
  readonly projectModels: readonly string[];
}

/** Ways of reading that are remembered: a prompt each. */
const MOST_REMEMBERED = 1_000;

/** Extractors behind one server, each with the model and the rules that a project sets. */
export function createOpenAiExtractors(options: OpenAiExtractorsOptions): (settings: Settings) => Extractor {
  const completers = new Map<string, Completer>();
  const known = new LRUCache<string, Extractor>({ max: MOST_REMEMBERED });
  return ({ models, extraction }) => {
    const named = models?.extractorModel;
    const model = named !== undefined && options.projectModels.includes(named) ? named : options.model;
    const rules = rulesOf(extraction);
    const maxMessages = models?.messagesPerCall ?? options.maxMessages;
    const slot = JSON.stringify([model, rules, maxMessages]);
    const before = known.get(slot);
    if (before) return before;
    const ofModel = { ...options, model, rules, ...(maxMessages !== undefined && { maxMessages }) };
    const completer = completers.get(model) ?? createCompleter(ofModel);
    completers.set(model, completer);
    const extractor = createOpenAiExtractor(ofModel, completer);
    known.set(slot, extractor);
    return extractor;
  };
}

function rulesOf({
  instructions,
  categories,
  includeCategories,
  excludeCategories = [],
  excludeSensitive,
}: ExtractionSettings = {}): ReadingRules {
  const names = categories?.map(({ name }) => name) ?? DEFAULT_CATEGORIES;
  const included = includeCategories && new Set(includeCategories.map(folded));
  const missed = included ? names.filter((name) => !included.has(folded(name))) : [];
  return {
    categories,
    instructions,
    notKept: [...new Set([...missed, ...excludeCategories])],
    sensitive: excludeSensitive,
  };
}
