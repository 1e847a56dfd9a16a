import { DEFAULT_LANGUAGE } from "../language/languages.ts";
import { createAsSaidExtractor } from "./as-said/extractor.ts";
import { createEmbeddedExtractor } from "./embedded/extractor.ts";
import type { Extractor } from "./extractor.ts";

/** What reads without a model, by the primary tag of what people write in: English is understood, others are kept as said. */
export function rulesFor(language: string): Extractor {
  return language === DEFAULT_LANGUAGE ? createEmbeddedExtractor() : createAsSaidExtractor(language);
}
