import { sentences, tokenize } from "../extraction/embedded/language.ts";
import { anyCase } from "../language/any-case.ts";
import { aliasesOf } from "./aliases.ts";
import { answered } from "./answers.ts";
import { withoutAsides } from "./asides.ts";
import { type Claim, type Reading, SELF } from "./claim.ts";
import { claimsOf } from "./claims.ts";
import { instructionIn } from "./instructions.ts";
import { restated } from "./restate.ts";
import { signsOf } from "./signs.ts";
import { wordOf } from "./words.ts";

const LED = /^(?<who>[^":]{1,80}?), (?:asked|after saying|replying to)\b[^"]*"[^"]*",? said(?: yes| no)?:? /;
const SAID =
  /^(?<who>(?:(?!\b(?:not|never)\b|n't\b)[^":.!?]){1,60}?) (?:said|says|mentioned|told [^:]{1,40}?|tells [^:]{1,40}?|thinks|believes|reports|claims)(?::| that) /i;
/** "Bob told Ada that he works at Google." */
const TOLD =
  /^(?<who>[\p{Lu}][\p{L} .'-]{0,40}?) (?:told|texted|informed|reminded) (?:the user|[\p{Lu}][\p{L}'-]*) (?:that )?(?=(?:he|she|they|his|her|their)\b)/u;
const THINKS = /^(?<who>[\p{L} .'-]{1,40}?) (?:thinks|believes(?! in\b)|guesses|heard|assumes) /iu;
/** "Not sure this went through: ...". */
const LEAD_IN =
  /^(?:(?:not|un)\s?sure|in case|as (?:i|you|\p{Lu}\p{L}+) (?:said|know|mentioned)|again|once more|reminder|fyi|btw|just so you know|to repeat)\b[^:.,]{0,40}[:,]? (?=\S)/iu;
/** "No, not Tuesday. The meeting is on Wednesday." */
const FIRST_NOT = /^(?:(?:no|nope|wait|sorry|oh|and)[, ]+)*not (?<other>\p{L}+)[.,;!] /iu;
const OPENS = /^(?:actually|honestly|well|hmm+|oh|ah)[,:]? (?=\S)/iu;
/** "Just kidding, I don't have a twin": what was said before was not meant. */
const OPENS_DENIAL =
  /^\W*(?:(?:lol|haha|oh|nah),? )?(?:jk|just kidding|only joking|just joking|(?:i'm |i was )?(?:only |just )?kidding)[,!.:]? (?=[^.!?]{0,60}(?:n't|\bnot|\bno|\bnever)\b)/iu;
/** Behind "sorry" or "wait": it was never so. "I live in Milan now, not Rome" tells that it was. */
const TAKES_BACK =
  /^(?!.*\b(?:now|any ?more|longer|these days|since)\b)(?:\W*(?:oops|whoops|no,? wait|wait,? no|correction)\b|.*,? not \p{L})/iu;
/** What is said so is not meant. */
const JOKES = /\b(?:just kidding|only joking|just joking|jk|i'm (?:only |just )?(?:kidding|joking))\b/iu;
/** Before what nobody means, which the statement made of it leaves out. */
const SCOFFS =
  /^\W*(?:(?:ha(?:ha)*|lol|oh|well)[,!. ]+)*(?:yeah,? (?:sure|right)|sure,? sure|as if|in my dreams)\b/iu;
const CORRECTS =
  /\b(?:actually|correction|i meant|meant to say|sorry|my mistake|mistaken|typo|taking (?:that|it) back|backwards|to correct|scratch that|rather than|instead|turns out|no longer|not \p{L}+)\b/iu;
/** In any language that is common enough: what is stored as it is said may deny as well. */
const NEGATES = new RegExp(
  [
    String.raw`(?<!\p{L})(?:not|never|nobody|nothing|none|neither|nor|without|no|cannot|misdiagnos\p{L}*)(?!\p{L})|n't\b`,
    String.raw`(?<!\p{L})(?:nicht|kein\p{L}*|nie|niemals|nunca|jamás|tampoco|ne|pas|jamais|non|mai|não|niet|geen|inte|ikke|ingen|nie|не|нет|никогда|ei|nem)(?!\p{L})`,
    "ない|ません|なかった|没|不|未|别|안 |않|없|못",
  ].join("|"),
  "iu",
);
const MISTAKE =
  /\b(?:i|we|user|\p{Lu}[\p{L}'-]{0,40}) (?:actually |really )?meant\b|\bmeant to (?:say|write|type)\b|\bcorrection\b|\bto correct\b|(?:\bmy|'s) mistake\b|\bwrong \p{L}+[:,]|\bmistaken\b|\btypo\b|\bautocorrect\b|\bscratch that\b|\bmis(?:spoke|typed|remembered|read|heard|counted)\b|\b(?:mixed|muddled) (?:it |that |them |these |this )?up\b|\b(?:got|had|said|wrote|typed|told (?:you|the assistant|\p{Lu}[\p{L}'-]{0,40})) (?:it |that |this |\p{L}+ (?:\p{L}+ )?)?wrong\b|\bwas wrong about\b|\bsorry,? (?:it's|it is|that's|not)\b/iu;

/** Each is compared with each of another statement; no text that tells something has so many. */
const MOST_CLAIMS = 250;

/**
 * Reads what a statement claims.
 *
 * @param selves names of the person whose memory it is, in small letters, e.g. "the user", "ada".
 */
export function readClaims(text: string, selves: ReadonlySet<string>): Reading {
  const answer = answered(text);
  const led = answer === undefined ? LED.exec(text) : null;
  let plain =
    answer?.plain ??
    (led ? withSubject(text.slice(led[0].length), led[0], selves) : text)
      .replace(OPENS, "")
      .replace(OPENS_DENIAL, "");
  const said = SAID.exec(plain) ?? TOLD.exec(plain) ?? THINKS.exec(plain);
  if (said) plain = plain.slice(said[0].length);
  // "Ada said: Peter said: ..." is told by Peter.
  const cited = SAID.exec(plain);
  if (cited) plain = plain.slice(cited[0].length);
  const who = ((cited ?? said ?? led)?.groups?.who ?? answer?.who)?.toLowerCase();
  const isSelf = who === undefined || selves.has(who);
  plain = withoutAsides(withoutAsides(plain).replace(LEAD_IN, ""));
  const denied = FIRST_NOT.exec(plain)?.groups?.other;
  const not = denied ? tokenize(denied).flatMap((token) => wordOf(token) ?? []) : [];
  const names = nameWords(selves);
  const without = (words: readonly string[]) => words.filter((word) => !names.has(word));
  const withoutNames = (claim: Claim): Claim => ({
    ...claim,
    value: without(claim.value),
    not: without(claim.not),
  });
  const read = sentences(plain.replaceAll(/["“”]/g, "")).map(({ text: sentence }) => {
    const plainly = restated(sentence, selves);
    const claims =
      sentence.endsWith("?") || JOKES.test(sentence)
        ? []
        : claimsOf(plainly, selves)
            .map((claim) => (isSelf ? claim : toldBy(who, claim, selves)))
            .map((claim) => (not.length > 0 ? { ...claim, not: [...claim.not, ...not] } : claim));
    const isObject = ({ value, not }: Claim) => [...value, ...not].some((word) => names.has(word));
    const subjects = claims.flatMap((claim) => (isObject(claim) ? [claim.subject, SELF] : [claim.subject]));
    const words = wordsOf(plainly, selves);
    const wordsSaid = () => (plainly === sentence ? words : wordsOf(sentence, selves));
    return {
      claims: claims.map(withoutNames),
      part: { words, subjects, signs: signsOf(plainly) },
      wordsSaid,
    };
  });
  const claims = read.flatMap((one) => one.claims).slice(0, MOST_CLAIMS);
  return {
    speaker: who === undefined ? undefined : isSelf ? SELF : who,
    claims,
    parts: read.map(({ part }) => part),
    aliases: aliasesOf(plain, selves),
    words: new Set(read.flatMap(({ part }) => [...part.words])),
    wordsSaid: () => new Set(read.flatMap(({ part, wordsSaid }) => [...part.words, ...wordsSaid()])),
    isDenied: claims.some(({ mode }) => mode === "denied" || mode === "ended"),
    names,
    instruction: instructionIn(text),
    negates: NEGATES.test(plain),
    corrects: CORRECTS.test(text),
    admitsMistake: admitsMistake(plain),
  };
}

/** "Oops, it's the 9th", where a day was told. */
const TELLS_IT =
  /^(?:(?:no|oh|ah|oops|whoops|sorry|wait|actually|i mean),? )*(?:it's|it is|its|that's) (?=(?:on |at )?(?:the )?\p{N})/iu;

/** "Ada, after saying "Ada's brother Max works at BMW", said: he's at Audi now": it is he. */
function withSubject(said: string, lead: string, selves: ReadonlySet<string>): string {
  if (TELLS_IT.test(said)) {
    const what = /"(?<what>[^"]{3,60}?) (?:is|was|are) /u.exec(lead)?.groups?.what;
    return what ? said.replace(TELLS_IT, `${what} is `) : said;
  }
  if (!/^(?:he|she)\b/iu.test(said)) return said;
  const self = `(?:${[...selves].map(anyCase).join("|")})`;
  const quoted = new RegExp(
    String.raw`"(?<who>${self}'s \p{Ll}+(?: \p{Lu}[\p{L}-]+)?|\p{Lu}[\p{L}-]+) (?:is|was|has|\p{Ll}+s)\b`,
    "u",
  );
  const who = quoted.exec(lead)?.groups?.who;
  if (who === undefined || selves.has(who.toLowerCase())) return said;
  return said.replace(
    /^(?:he|she)(?:'s(?= (?:now |a |an |at |in |on |the |not |no |\p{Ll}+ing\b)))?(?=['\s])/iu,
    (pronoun) => (pronoun.endsWith("'s") ? `${who} is` : who),
  );
}

/** A reading of a statement with what only the words tell that it was made of: "no wait, ...", "sorry, I meant ...". */
export function asSaid(reading: Reading, said: string): Reading {
  if (reading.unread !== undefined) return reading;
  const admits = admitsMistake(said) || (opensCorrection(said) && TAKES_BACK.test(said));
  if (SCOFFS.test(said)) return unmeant(reading);
  return {
    ...reading,
    admitsMistake: reading.admitsMistake || admits,
    corrects: reading.corrects || admits || opensCorrection(said),
  };
}

function unmeant(reading: Reading): Reading {
  return {
    ...reading,
    claims: reading.claims.map((claim) => ({ ...claim, mode: "unreal" })),
    parts: reading.parts.map((part) => ({ ...part, signs: { ...part.signs, isUnreal: true } })),
  };
}

function opensCorrection(said: string): boolean {
  if (OPENS_DENIAL.test(said)) return true;
  return /^\W*(?:(?:no|oh|ah|hang on|hold on)[,.! ]+)*(?:wait|sorry|oops|whoops|correction|my (?:mistake|bad)|scratch that|i (?:meant|mean))\b/iu.test(
    said,
  );
}

/** Whether what is said takes back what was said before, e.g. "Correction:", "sorry, I meant". */
function admitsMistake(said: string): boolean {
  return MISTAKE.test(said);
}

/** The person as an object tells nothing of its own: "bumped Ada's dose to 40 mg". */
function nameWords(selves: ReadonlySet<string>): ReadonlySet<string> {
  const known = NAME_WORDS.get(selves);
  if (known) return known;
  const words = new Set(
    [...selves].flatMap((name) => tokenize(name)).flatMap((token) => wordOf(token) ?? []),
  );
  NAME_WORDS.set(selves, words);
  return words;
}

const NAME_WORDS = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

/** Content words, but for the names of the person. */
function wordsOf(sentence: string, selves: ReadonlySet<string>): ReadonlySet<string> {
  const words = new Set(tokenize(sentence).flatMap((token) => wordOf(token) ?? []));
  for (const name of selves) for (const part of name.split(" ")) words.delete(part);
  return words;
}

/** What another says of themselves is theirs. */
function toldBy(who: string, claim: Claim, selves: ReadonlySet<string>): Claim {
  const isOwn = claim.subject === SELF || claim.subject === "" || claim.subject.startsWith(`${SELF}/`);
  if (!isOwn || claim.attribute === "*") return claim;
  const named = [...selves].find((name) => who.startsWith(`${name}'s `));
  const teller = named ? `${SELF}/${who.slice(named.length + 3)}` : who;
  return claim.subject === SELF ? { ...claim, subject: teller } : claim;
}
