/** A range `[start, end)` in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A text in which quotes are found. Models copy almost exactly: case, kinds of quotation marks and dashes, runs of
 * blanks, characters written in two ways, punctuation at the ends and an ellipsis in the middle are forgiven; other
 * words are not, and neither are parts of words.
 */
export class QuotedText {
  readonly #text: string;
  #folded: Folded | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * @param quote must hold three letters or digits, in each part around an ellipsis, or be the whole text.
   * @returns the span it covers, or undefined if it is not there.
   */
  locate(quote: string): Span | undefined {
    this.#folded ??= fold(this.#text);
    const parts = quote.split(/\u2026|\.{3,}/).map((part) => trimEnds(fold(part).text));
    const wanted = parts.filter((part) => part !== "");
    if (!wanted.every(isTelling) && trimEnds(this.#folded.text) !== wanted[0]) return undefined;
    let span: Span | undefined;
    let from = 0;
    for (const part of wanted) {
      const at = indexOfWords(this.#folded.text, part, from);
      if (at < 0) return undefined;
      from = at + part.length;
      const start = span?.start ?? (this.#folded.starts[at] as number);
      span = { start, end: this.#folded.ends[from - 1] as number };
    }
    return span;
  }
}

/** A folded text with, for each of its units, where the source character begins and ends. */
interface Folded {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

function fold(text: string): Folded {
  let folded = "";
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    let plain = foldCharacter(segment);
    if (plain === " " && (folded === "" || folded.endsWith(" "))) plain = "";
    folded += plain;
    for (let i = 0; i < plain.length; i++) {
      starts.push(index);
      ends.push(index + segment.length);
    }
  }
  return { text: folded, starts, ends };
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

function foldCharacter(character: string): string {
  if (/^\s+$/u.test(character)) return " ";
  return character
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u2018\u2019\u201a\u201b\u2032`\u00b4]/g, "'")
    .replace(/[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, "-");
}

/** Blanks and punctuation at a quote's ends are the model's sentence, not the message's. */
function trimEnds(text: string): string {
  return text.replace(/^[\s"'.,;:!?()[\]-]+|[\s"'.,;:!?()[\]-]+$/g, "");
}

function isTelling(part: string): boolean {
  return (part.match(/[\p{L}\p{N}]/gu)?.length ?? 0) >= 3;
}

/** Where `wanted` stands in `text` without cutting a word; scripts without blanks between words cut anywhere. */
function indexOfWords(text: string, wanted: string, from: number): number {
  for (let at = text.indexOf(wanted, from); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const end = at + wanted.length;
    if (!isInsideWord(text, at) && !isInsideWord(text, end)) return at;
  }
  return -1;
}

function isInsideWord(text: string, at: number): boolean {
  return at > 0 && SPACED.test(text[at - 1] ?? "") && SPACED.test(text[at] ?? "");
}

const SPACED =
  /[\p{N}\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}]/u;
