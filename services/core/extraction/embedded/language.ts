import model from "wink-eng-lite-web-model";
import winkNLP, { type ItsFunction, type PartOfSpeech } from "wink-nlp";

/** One token of a sentence. */
export interface Token {
  readonly value: string;
  readonly lower: string;
  readonly pos: PartOfSpeech;
  readonly lemma: string;
  /** White space in front of it. */
  readonly space: string;
}

/** A stretch `[start, end)` of a text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

type Nlp = ReturnType<typeof winkNLP>;
/** The typings ask for a wrong third parameter of `its.lemma`. */
type ItsString = ItsFunction<string>;

let meta: unknown;
/** Of each loading the model makes its rules a text, of the text of the loading before: longer and longer. */
const MODEL: typeof model = {
  ...model,
  metaCER: () => {
    meta ??= (model as { metaCER(): unknown }).metaCER();
    return meta;
  },
};

/**
 * UTF-16 code units that one tagger reads. It keeps each word that it does not know, whosever it is, so that another
 * takes its place in time: nobody's words stay for good, and a process does not grow with all that it ever reads.
 */
export const TAGGER_LASTS = 2_000_000;

let loaded: Nlp | undefined;
let read = 0;

/** The model takes some 100 ms to load, so it waits for the first use. */
function nlp(): Nlp {
  if (read > TAGGER_LASTS) loaded = undefined;
  if (!loaded) read = 0;
  loaded ??= winkNLP(MODEL, ["sbd", "pos"]);
  return loaded;
}

/** So that the first turn's time is its own: a machine that has much else to do may load for seconds. */
export function loadTagger(): void {
  nlp();
}

/** Tokens with parts of speech; straight apostrophes are expected. */
export function tokenize(text: string): Token[] {
  const tagger = nlp();
  read += text.length;
  const { its } = tagger;
  const tokens = tagger.readDoc(text).tokens();
  const values = tokens.out(its.value as ItsString);
  const parts = tokens.out(its.pos as ItsString);
  const lemmas = tokens.out(its.lemma as unknown as ItsString);
  // "So do I." ends with a pronoun, not with an abbreviation.
  if (/^I[.]$/i.test(values.at(-1) ?? "")) {
    values.splice(-1, 1, (values.at(-1) ?? "").charAt(0), ".");
    parts.splice(-1, 1, "PRON", "PUNCT");
    lemmas.splice(-1, 1, "i", ".");
  }
  values.forEach((value, i) => {
    const lemma = STATING.get(value.toLowerCase());
    if (lemma === undefined || parts[i] !== "NOUN" || !isVerbThere(values, parts, i)) return;
    parts.splice(i, 1, "VERB");
    lemmas.splice(i, 1, lemma);
  });
  let cursor = 0;
  return values.map((value, index) => {
    const at = text.indexOf(value, cursor);
    const space = at > cursor ? " " : "";
    if (at >= 0) cursor = at + value.length;
    return {
      value,
      lower: value.toLowerCase(),
      pos: (parts[index] ?? "X") as PartOfSpeech,
      lemma: lemmas[index] ?? value.toLowerCase(),
      space,
    };
  });
}

/** What the tagger takes for nouns wherever it stands, by their lemmas as verbs. */
const STATING = new Map([
  ["lives", "live"],
  ["works", "work"],
  ["studies", "study"],
  ["plays", "play"],
  ["runs", "run"],
  ["rides", "ride"],
]);

/** "My mum lives in Leeds": behind somebody, and in front of where, when or how. */
function isVerbThere(values: readonly string[], parts: readonly string[], at: number): boolean {
  const before = values[at - 1] ?? "";
  const isSomebody = /^(?:NOUN|PROPN)$/.test(parts[at - 1] ?? "") && !/[^s]s$/.test(before);
  return isSomebody && /^(?:ADP|ADV|DET|PRON|PROPN|NUM)$/.test(parts[at + 1] ?? "");
}

/** A longer "sentence" is no sentence: it is cut, where it can be behind a clause or word. In UTF-16 code units. */
export const LONGEST_SENTENCE = 1000;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
const ABBREVIATION =
  /(?:^|[\s(])(?:dr|mr|mrs|ms|st|prof|jr|sr|vs|e\.g|i\.e|etc|approx|no|mt|ave|p\.m|a\.m|u\.s|[a-z])\.\s*$/i;

/**
 * Sentences of a text, white space trimmed; line breaks end a sentence.
 * @param whole stretches, in order, that no sentence ends within.
 */
export function sentences(text: string, whole: readonly { start: number; end: number }[] = []): Stretch[] {
  const found: Stretch[] = [];
  const pieces = [...segmenter.segment(text)].flatMap(inSmallLetters);
  let start = 0;
  let open = "";
  let next = 0;
  for (const [i, { segment, index }] of pieces.entries()) {
    if (open === "") start = index;
    open += segment;
    const end = index + segment.trimEnd().length;
    while ((whole[next]?.end ?? end) < end) next += 1;
    const stretch = whole[next];
    const within = stretch !== undefined && stretch.start < end && end < stretch.end;
    // What never ends is cut anyway; reading it again with each piece would take quadratic time.
    const may = open.length <= LONGEST_SENTENCE && !/\n\s*$/.test(segment);
    if (may && (within || goesOn(open, pieces[i + 1]?.segment ?? ""))) continue;
    push(found, text, start, start + open.length);
    open = "";
  }
  if (open) push(found, text, start, start + open.length);
  return found;
}

/** "no. she's ill. is there a vet?": who writes no capitals ends sentences all the same. */
const SMALL_OPENING = /(?<=[\p{Ll}\d)"']{2})\.\s+(?=\p{Ll})/gu;
const SHORTENED =
  /(?:^|[^\p{L}])(?:\p{L}|inc|ltd|corp|co|dept|est|min|max|vol|fig|hrs?|mins?|secs?|tel|incl|excl|resp|usw|bzw|ca|evtl|ggf|inkl|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|okt|dez)$/iu;

function inSmallLetters({ segment, index }: { segment: string; index: number }) {
  const pieces: { segment: string; index: number }[] = [];
  let from = 0;
  for (const { index: stop, 0: end } of segment.matchAll(SMALL_OPENING)) {
    const before = segment.slice(from, stop);
    const shortened = SHORTENED.test(before) || ABBREVIATION.test(`${before}.`) || ORDINAL.test(`${before}.`);
    if (shortened && !/^\s*no$/i.test(before)) continue;
    const to = stop + end.length;
    pieces.push({ segment: segment.slice(from, to), index: index + from });
    from = to;
  }
  pieces.push({ segment: segment.slice(from), index: index + from });
  return pieces;
}

/** "Am 12. August": German writes the stop. */
const ORDINAL = /(?<!\bI )\b(?:am|vom|zum|bis|ab|seit|den|dem|der) \d{1,2}\.\s*$/i;
const MONTH =
  /^(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|jan|feb|apr|aug|sept?|okt|nov|dez)\b/i;

/** A list's number, an ordinal, an abbreviation, or a quotation inside a sentence: `"Me first!" and ran`. */
function goesOn(open: string, next: string): boolean {
  if (/^\s*\d{1,2}[.)]\s*$/.test(open)) return true;
  if (ORDINAL.test(open) && MONTH.test(next)) return true;
  if (/["”'’]\s*$/.test(open)) return /^\p{Ll}/u.test(next);
  // "No." alone is an answer.
  return ABBREVIATION.test(open) && !/\bi\.\s*$|^\s*no\.\s*$/i.test(open);
}

function push(found: Stretch[], text: string, from: number, to: number): void {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start] ?? "")) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? "")) end -= 1;
  while (end - start > LONGEST_SENTENCE) {
    const cut = start + cutOf(text.slice(start, start + LONGEST_SENTENCE + 1));
    found.push({ start, end: cut, text: text.slice(start, cut) });
    start = /\s/.test(text[cut] ?? "") ? cut + 1 : cut;
  }
  if (end > start) found.push({ start, end, text: text.slice(start, end) });
}

const CLAUSE_END = /[,;:](?=\s)|[，、；：]|\s(?=(?:and|but|so|because|then) )/g;

/** Where a sentence that is too long is cut: behind a clause, a word, a code point, the first of them that it has. */
function cutOf(text: string): number {
  const clause = [...text.matchAll(CLAUSE_END)].at(-1);
  const clauseEnd = clause ? clause.index + clause[0].trim().length : 0;
  if (clauseEnd > text.length / 2 && clauseEnd < text.length) return clauseEnd;
  const blank = text.search(/\s\S*$/);
  if (blank > 0) return blank;
  return /[\ud800-\udbff]/.test(text[text.length - 2] ?? "") ? text.length - 2 : text.length - 1;
}

/** With a capital in front. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
