import type { Analysis } from "./languages.ts";

/** Scripts whose words the index's tokenizer leaves in one piece, however long the sentence is. */
const UNCUT = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
/** What lower case makes of the Turkish capital. */
const DOTTED_I = "i\u0307";
/** Cuts those by dictionaries, whichever of them it is. */
const cutter = new Intl.Segmenter("th", { granularity: "word" });

/**
 * A text as the index is given it, and a query as it is asked there. Letters in one form, so that what was typed as a
 * letter and its accent is the same word; blanks between words where the index could not tell them apart.
 *
 * @returns of English the text itself: its fields are as they were.
 */
export function searchable(text: string, analysis: Analysis): string {
  if (analysis === "en") return text;
  return text
    .normalize(analysis === "cjk" ? "NFKC" : "NFC")
    .replaceAll(DOTTED_I, "i")
    .replace(UNCUT, (run) => [...cutter.segment(run)].map(({ segment }) => segment).join(" "));
}
