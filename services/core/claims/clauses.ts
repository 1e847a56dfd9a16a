import { type Token, tokenize } from "../extraction/embedded/language.ts";
import { SELF } from "./claim.ts";
import { uncontracted } from "./contractions.ts";
import { KIN } from "./lexicon.ts";
import {
  type Clause,
  nameBefore,
  OWNERS,
  PRONOUNS,
  type Subject,
  selfAt,
  subjectOf,
  THIRD,
} from "./subjects.ts";

const CONDITION = new Set(["if", "unless", "suppose", "imagine", "provided", "assuming", "whether", "lest"]);

/** What follows tells why or when, and claims nothing by itself. */
const HANGING = new Set(
  "because since when while after before until although though whereas as so_that once".split(" "),
);

/** What follows tells why: it is so. */
const CAUSE = new Set(["because", "since", "as", "although", "though", "whereas"]);

/**
 * The clauses of one sentence, each with its subject; one that goes on with "and" takes over the subject before it.
 *
 * @param selves names of the person whose memory it is, in small letters.
 */
export function clausesOf(sentence: string, selves: ReadonlySet<string>): Clause[] {
  const words = tokenize(sentence).filter(({ value }) => value.trim() !== "");
  const tokens = uncontracted(words, (token) => token !== undefined && selves.has(token.lower));
  const clauses: Clause[] = [];
  let last: Subject = { owner: "", owned: [] };
  let isUnreal = false;
  for (const part of split(tokens, selves)) {
    const opens = part[0]?.lower ?? "";
    if (CONDITION.has(opens)) isUnreal = true;
    const own = dropOpening(part);
    const at = verbAt(own, selves);
    const behind = at > 0 && HANGING.has(opens) ? nameBefore(own, at, selves) : 0;
    const hangs = CONDITION.has(opens) || (HANGING.has(opens) && behind === 0 && !CAUSE.has(opens));
    if (at < 0) {
      if (own.length > 0 && clauses.length === 0)
        clauses.push({ ...subjectOf([], last, selves), rest: own, isUnreal });
      continue;
    }
    const subject =
      at === 0
        ? clauses.length === 0 && last.owner === ""
          ? unnamed(own)
          : last
        : subjectOf(own.slice(behind || nameBefore(own, at, selves), at), last, selves);
    if (!hangs) last = subject;
    if (hangs && !CONDITION.has(opens)) continue;
    clauses.push({ ...subject, rest: own.slice(at), isUnreal });
  }
  return clauses;
}

/** "Lives in Berlin" is about the person; "turn 16" is an order, or no sentence. */
function unnamed([verb]: readonly Token[]): Subject {
  const isBase = verb !== undefined && verb.lower === verb.lemma && verb.lemma !== "be";
  return { owner: isBase ? "" : SELF, owned: [] };
}

/** Before "and", "but", "because", "if" and the like where a clause of its own begins, and at semicolons. */
function split(tokens: readonly Token[], selves: ReadonlySet<string>): Token[][] {
  const parts: Token[][] = [[]];
  tokens.forEach((token, i) => {
    const inside = parts.at(-1) as Token[];
    const joins = /^(?:and|but|or|so|yet)$/.test(token.lower);
    const begins =
      /^[;:]$/.test(token.value) ||
      (/^[,–-]$/.test(token.value) &&
        (token.value === "," || token.space !== "") &&
        beginsClause(tokens, i + 1, selves)) ||
      (joins && inside.length > 0 && (beginsClause(tokens, i + 1, selves) || isFiniteAt(tokens, i + 1))) ||
      endsHanging(inside, tokens, i, selves) ||
      (inside.length > 0 &&
        (CONDITION.has(token.lower) || (HANGING.has(token.lower) && beginsClause(tokens, i + 1, selves))));
    if (begins) parts.push([]);
    if (!begins || (!joins && !/^[;:,-]$/.test(token.value))) (parts.at(-1) as Token[]).push(token);
  });
  return parts.filter((part) => part.length > 0);
}

/** "Since Ada works at Novartis Ada can't comment": where the main clause begins without a comma. */
function endsHanging(
  inside: readonly Token[],
  tokens: readonly Token[],
  at: number,
  selves: ReadonlySet<string>,
): boolean {
  const opens = inside[0]?.lower ?? "";
  const self = selfAt(tokens, at, selves);
  const isSubject = self > 0 && /^(?:AUX|VERB)$/.test(tokens[at + self]?.pos ?? "");
  const hasVerb = inside.some(({ pos }) => pos === "VERB" || pos === "AUX");
  return isSubject && hasVerb && (HANGING.has(opens) || CONDITION.has(opens));
}

/** "Ada and others". */
function isWithOthers(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.lower === "and" && tokens[at + 1]?.lower === "others";
}

/** A subject with its verb behind it. */
function beginsClause(tokens: readonly Token[], at: number, selves: ReadonlySet<string>): boolean {
  let i = at;
  while (/^(?:and|but|so|then|now|also|that|,)$/.test(tokens[i]?.lower ?? "")) i += 1;
  const first = tokens[i];
  if (!first) return false;
  if (PRONOUNS.has(first.lower)) return true;
  const own = selfAt(tokens, i, selves);
  const self = own > 0 && isWithOthers(tokens, i + own) ? own + 2 : own;
  if (self > 0 && tokens[i + self]?.lower !== "'s")
    return isFiniteAt(tokens, i + self) || isVerb(tokens, i + self) || isThird(tokens[i + self]);
  if (
    self > 0 ||
    OWNERS.has(first.lower) ||
    THIRD.has(first.lower) ||
    first.pos === "PROPN" ||
    first.pos === "DET" ||
    (first.pos === "NOUN" && tokens[at - 1]?.value === ",")
  ) {
    for (let j = i + 1; j < Math.min(tokens.length, i + 8); j += 1) {
      if (/^(?:,|and|or|but)$/.test(tokens[j]?.lower ?? "")) return false;
      if (tokens[j]?.pos === "AUX" || (tokens[j]?.pos === "VERB" && !/ing$/.test(tokens[j]?.lower ?? "")))
        return true;
    }
  }
  return false;
}

function isFiniteAt(tokens: readonly Token[], at: number): boolean {
  let i = at;
  while (tokens[i]?.pos === "ADV") i += 1;
  const token = tokens[i];
  return (
    token !== undefined &&
    (token.pos === "VERB" || token.pos === "AUX") &&
    !/ing$/.test(token.lower) &&
    tokens[i + 1] !== undefined
  );
}

/** "The user reports to Daniel": nobody's name stands before a noun. */
function isThird(token: Token | undefined): boolean {
  return token?.pos === "NOUN" && /[^s]s$/.test(token.lower);
}

/** Words that a lemmatiser takes for nouns where they are verbs. */
const MISTAKEN =
  /^(?:lives?|works?|hates?|loves?|likes?|drinks?|plans?|plays?|moves?|runs?|prefers?|uses?|cooks?|studies|visits?|rents?|speaks?|owns?|wants?|needs?|hopes?|switched|quits?|goes|dreads?|owes?|rows|sings|teaches|smokes?|eats?|bikes|walks|swims)$/;

function isVerb(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at];
  if (!token) return false;
  if (token.lower === "'s") return /^(?:AUX|VERB|PART)$/.test(token.pos) && token.pos !== "PART";
  return token.pos === "VERB" || token.pos === "AUX" || MISTAKEN.test(token.lower);
}

/** Where the verb begins; 0 where the subject is left out. */
function verbAt(tokens: readonly Token[], selves: ReadonlySet<string>): number {
  const self = selfAt(tokens, 0, selves);
  if (self > 0 && tokens[self]?.lower !== "'s") {
    let at = self;
    while (at < tokens.length && /^(?:and|others|,|with)$/.test(tokens[at]?.lower ?? "")) at += 1;
    return at < tokens.length ? at : -1;
  }
  if (PRONOUNS.has(tokens[0]?.lower ?? "")) return tokens.length > 1 ? 1 : -1;
  const verb = tokens.findIndex((token, i) => {
    if (token.lower === "that" || token.lower === "who" || token.lower === "which") return false;
    if (!isVerb(tokens, i)) return false;
    // "The sold car", "Ada's running shoes"; "her work is".
    const before = tokens[i - 1];
    if (
      i > 0 &&
      !KIN.has(before?.lower ?? "") &&
      (before?.pos === "DET" || before?.pos === "ADJ" || before?.pos === "PRON" || before?.lower === "'s") &&
      token.pos !== "AUX"
    )
      return false;
    return true;
  });
  return verb < 0 ? verb : withAdverbs(tokens, verb);
}

/** "Ada's dad no longer smokes", "never smokes": how it is meant stands before the verb. */
function withAdverbs(tokens: readonly Token[], verb: number): number {
  let at = verb;
  while (at > 1 && MEANT.test(tokens[at - 1]?.lower ?? "")) at -= 1;
  return tokens[at]?.lower === "longer" && tokens[at - 1]?.lower === "no" ? at - 1 : at;
}

const MEANT =
  /^(?:never|not|longer|now|recently|finally|just|also|still|always|usually|often|sometimes|already|really)$/;

const OPENING =
  /^(?:and|but|so|or|well|ok|okay|oh|ah|hey|hi|btw|fyi|yeah|yes|yep|no|nope|actually|also|then|now|wait|sorry|correction|update|anyway|honestly|unfortunately|luckily|sadly|finally|apparently|basically|turns|out|,|-|:|that|if|unless|because|since|when|while|after|before|until|although|though|once|as|good|bad|great|big|news|quick|note|just)$/;

function dropOpening(tokens: readonly Token[]): readonly Token[] {
  let i = 0;
  while (
    i < tokens.length &&
    OPENING.test(tokens[i]?.lower ?? "") &&
    !(tokens[i]?.lower === "that" && tokens[i + 1]?.lower === "'s")
  )
    i += 1;
  return tokens.slice(i);
}
