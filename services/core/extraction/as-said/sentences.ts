/** A stretch `[start, end)` of a turn, in UTF-16 code units. */
export interface Sentence {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A longer "sentence" is cut behind a word, or a character where it has no blanks. In UTF-16 code units. */
export const LONGEST = 1_000;

/** What a stop ends no sentence behind: "z. B.", "Dr.", "Sra.", one letter. */
const ABBREVIATED =
  /(?:^|[\s("'„«])(?:\p{L}|dr|prof|hr|fr|st|nr|str|ca|bzw|usw|inkl|evtl|vgl|sr|sra|dra|ud|pág|etc|ej|mr|mrs|no|nº|tel|tlf|mm|yms|esim|vb)\.\s*$/iu;
/** "Am 12. August", "am 3. war ich dort": where the language writes ordinals so. */
const ORDINAL = /(?<!\d)\d{1,2}\.\s*$/u;
const ORDINALS: ReadonlySet<string> = new Set([
  "de",
  "fi",
  "da",
  "nb",
  "no",
  "cs",
  "sk",
  "pl",
  "hu",
  "et",
  "tr",
]);

/** Sentences of a text by the rules of its language, white space trimmed; line breaks end one. */
export function sentencesIn(text: string, tag: string): Sentence[] {
  const found: Sentence[] = [];
  let start = 0;
  let open = "";
  for (const { segment, index } of segmenterOf(tag).segment(text)) {
    if (open === "") start = index;
    open += segment;
    const goesOn = ABBREVIATED.test(open.slice(-12)) || (ORDINALS.has(tag) && ORDINAL.test(open.slice(-5)));
    if (goesOn && !/\n\s*$/.test(segment) && open.length <= LONGEST) continue;
    found.push(...cut(text, start, start + open.length));
    open = "";
  }
  if (open) found.push(...cut(text, start, start + open.length));
  return found;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(tag: string): Intl.Segmenter {
  const known = segmenters.get(tag) ?? new Intl.Segmenter(tag, { granularity: "sentence" });
  segmenters.set(tag, known);
  return known;
}

function cut(text: string, from: number, to: number): Sentence[] {
  const found: Sentence[] = [];
  let start =
    from + (text.slice(from, to).search(/\S/u) < 0 ? to - from : text.slice(from, to).search(/\S/u));
  const end = start + text.slice(start, to).trimEnd().length;
  while (start < end) {
    const stop = end - start <= LONGEST ? end : start + placeToCut(text.slice(start, start + LONGEST));
    found.push({ start, end: stop, text: text.slice(start, stop).trimEnd() });
    start = stop + (/^\s*/u.exec(text.slice(stop, end))?.[0].length ?? 0);
  }
  return found;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
/** A character that is made of several is no longer than this. */
const LONGEST_CHARACTER = 64;

/** Behind the last clause or word; else before the last character that may have been cut. */
function placeToCut(piece: string): number {
  const clause =
    Math.max(...["。", "、", "，", "؛", "،", ";", ","].map((mark) => piece.lastIndexOf(mark))) + 1;
  if (clause > piece.length / 2) return clause;
  const blank = piece.search(/\s\S*$/u);
  if (blank > 0) return blank;
  const tail = piece.length - LONGEST_CHARACTER;
  // From a code unit that begins a character: the second of two would be one by itself.
  const at = /[\udc00-\udfff]/.test(piece[tail] ?? "") ? tail - 1 : tail;
  const last = [...graphemes.segment(piece.slice(at))].at(-1);
  return last && last.index > 0 ? at + last.index : piece.length - 1;
}
