import type { Analysis } from "@mneme/core/language/languages.ts";
import { STOP_WORDS } from "@mneme/core/language/stop-words.ts";

/** The fields of a document that hold words. */
export type WordField = "window" | "text";

/** Where a field's words lie, by how they are analysed. English is the first that there was. */
export function fieldOf(field: WordField, analysis: Analysis): string {
  return analysis === "en" ? field : `${field}_${analysis}`;
}

/** The analyzer of both fields of an analysis. */
export function analyzerOf(analysis: Analysis): string {
  return analysis === "en" ? "memory_text" : `memory_${analysis}`;
}

const stop = (...tags: string[]) => ({
  type: "stop",
  stopwords: tags.flatMap((tag) => STOP_WORDS[tag] ?? []),
});

/** Of what every engine brings along: no plugin need be installed. */
export const ANALYSIS = {
  char_filter: {
    // "l'avion", "İstanbul'da": two words, and the second is looked for.
    memory_apostrophes: { type: "mapping", mappings: ["'=>\\u0020", "’=>\\u0020"] },
  },
  filter: {
    memory_possessive: { type: "stemmer", language: "possessive_english" },
    memory_stop: stop("en"),
    memory_stop_de: stop("de"),
    memory_stem_de: { type: "stemmer", language: "light_german" },
    memory_stop_es: stop("es"),
    memory_stem_es: { type: "stemmer", language: "spanish" },
    // Of both: "の" is no Chinese, and "的" hardly Japanese.
    memory_stop_cjk: stop("ja", "zh"),
    // Single characters as well, or "猫" would be found nowhere.
    memory_pairs: { type: "cjk_bigram", output_unigrams: true },
  },
  analyzer: {
    memory_text: custom("lowercase", "memory_possessive", "memory_stop", "porter_stem"),
    memory_de: custom("lowercase", "memory_stop_de", "german_normalization", "memory_stem_de"),
    memory_es: custom("lowercase", "memory_stop_es", "memory_stem_es"),
    memory_cjk: custom("cjk_width", "lowercase", "memory_pairs", "memory_stop_cjk"),
    memory_plain: { ...custom("lowercase", "asciifolding"), char_filter: ["memory_apostrophes"] },
  },
};

function custom(...filter: string[]) {
  return { type: "custom", tokenizer: "standard", filter };
}
