import { pointsOutside } from "./anaphora.ts";
import { asksYesOrNo, isEcho } from "./answers.ts";
import { isYearly, resolveDates } from "./dates/dates.ts";
import { tenseAt } from "./dates/tense.ts";
import { isForeign } from "./foreign.ts";
import { isCommonWord } from "./fragment-words.ts";
import { type Completion, completion } from "./fragments.ts";
import { type Token, tokenize } from "./language.ts";
import type { Lead } from "./lead.ts";
import { introduces, opensWithName, withNameInFront } from "./openings.ts";
import { finish, image, inOwnWords, type Part, quotation } from "./parts.ts";
import { type Focus, rewritePersons } from "./people/person.ts";
import { type Persons, together } from "./people/persons.ts";
import { asksToLet } from "./people/pronouns.ts";
import type { Segment } from "./segments.ts";
import { standingOrder } from "./standing-orders.ts";
import { unveil } from "./verbatim.ts";

/**
 * Writes one sentence with names for persons and calendar dates for relative ones.
 * @param lead what was said right before.
 */
export function rewrite(
  segment: Segment,
  persons: Persons,
  sentAt: Date,
  focus: Focus,
  lead: Lead | undefined,
): Part {
  if (segment.kind === "image") return image(segment, persons, focus);
  if (segment.quoted) return quotation(segment);
  if (isForeign(segment.text)) return inOwnWords(segment, persons);
  const standing = persons.addressee === THE_ASSISTANT ? standingOrder(segment.text) : undefined;
  if (standing && segment.kind === "statement") {
    const { text, negative } = standing;
    return written({ ...segment, text }, persons, sentAt, focus, lead, { kind: "order", drop: 0, negative });
  }
  return written(segment, persons, sentAt, focus, lead);
}

/** @param given what the sentence is known to be. */
function written(
  segment: Segment,
  persons: Persons,
  sentAt: Date,
  focus: Focus,
  lead: Lead | undefined,
  given?: Completion,
): Part {
  const yearly = isYearly(segment.text) || (lead?.kind === "question" && isYearly(lead.text));
  const asked = lead?.kind === "question" ? lead.text : undefined;
  const dated = resolveDates(segment.text, sentAt, (at) => tenseAt(segment.text, at, asked), yearly);
  const tokens = withNameInFront(tokenize(dated.text));
  const words = tokens.filter((token) => token.pos !== "PUNCT").length;
  const echoes = isEcho(segment.text) ? "thing" : undefined;
  const outside = focus.who === undefined ? (pointsOutside(tokens) ?? echoes) : undefined;
  const base = { outside, words, dates: dated.dates, opensVaguely: false, quoted: false };
  if (segment.kind === "question") {
    const question = rewritePersons(lowerFirst(tokens), persons, BOTH);
    const text = `${persons.speaker} asked ${persons.addressee}: ${unveil(question.text, segment.verbatim)}`;
    return { ...base, text, namesSpeaker: true, phrase: false, outside: undefined, focus: BOTH };
  }
  const whole = opensWithName(tokens) || introduces(tokens, segment, lead);
  const form = given ?? (whole ? WHOLE : reported(completion(tokens), segment, lead));
  const completed = introduces(tokens, segment, lead)
    ? introduction(tokens, persons)
    : complete(tokens, form, persons);
  const result = rewritePersons(completed.tokens, completed.persons, completed.focus ?? focus);
  return {
    ...base,
    outside: outside ?? completed.outside,
    text: unveil(finish(completed.head + result.text), segment.verbatim).replace(/([.!?…]["'])\.$/, "$1"),
    namesSpeaker: (result.namesSpeaker && result.first !== "addressee") || completed.head !== "",
    phrase: form.kind === "phrase",
    opensVaguely: completed.head === "" && VAGUE_OPENING.test(result.text),
    focus: result.focus,
  };
}

/** As `Persons` name one without a name of its own. */
const THE_ASSISTANT = "the assistant";
const WHOLE: Completion = { kind: "whole" };

/** "Maya told Tom to ...", "Maya asked Tom: ...". */
const BOTH: Focus = { who: "addressee", alone: false };

const VAGUE_OPENING =
  /^(?:(?:just|also|sometimes|maybe|honestly|and|but|so|because|yet|if|when|since|after|then|now|still|even|though|although|plus)[, ]+)*(?:it|there|here|they|he|she|this|that|these|those|what|who|how|them|his|her|its|their)\b/i;

/** "Playing chess", asked "What do you do for fun?" and not "What are you doing?" */
const GERUND = /^(?:\w+ly |just )?[a-z]{2,}ing\b/i;
const PROGRESSIVE = /\b\w{2,}ing\b|\bup to\b/i;

/** A list and who is asked what he does give no order; what answers for another has not the speaker as its subject. */
function reported(form: Completion, { listed, text }: Segment, lead: Lead | undefined): Completion {
  const asked = lead?.asksOf;
  if (asked && GERUND.test(text) && !asksYesOrNo(lead.text) && !PROGRESSIVE.test(lead.text))
    return { kind: "phrase" };
  const own = form.kind === "prefix" && /^I\b/.test(form.words);
  const kept = form.kind === "order" ? !listed && asked !== "you" : !own || asked !== "other";
  return kept ? form : { kind: "phrase" };
}

function complete(tokens: readonly Token[], form: Completion, persons: Persons) {
  if (form.kind === "prefix") {
    return {
      head: "",
      outside: form.words === "it" ? ("thing" as const) : undefined,
      tokens: tokenize(`${form.words} ${joined(lowerFirst(tokens))}`),
      persons,
    };
  }
  if (asksToLet(tokens)) {
    const head = `${persons.speaker} told ${persons.addressee} to `;
    return { head, outside: undefined, tokens: lowerFirst(tokens), persons, focus: BOTH };
  }
  if (tokens[0]?.lower === "let" && tokens[1]?.lower === "us") {
    const group = together(persons);
    const head = `${persons.speaker} suggested that ${group} `;
    const focus: Focus = { who: "group", alone: true };
    return { head, outside: undefined, tokens: tokens.slice(2), persons: { ...persons, group }, focus };
  }
  if (form.kind === "order") {
    const spoken = form.negative
      ? tokens.slice(form.drop)
      : tokens.slice(tokens.findIndex((t) => !/^(?:please|just|,)$/.test(t.lower)));
    const rest = lowerFirst(spoken);
    // Whoever else is there: it is memory that is asked.
    const asked = ASKS_TO_FORGET.test(joined(rest)) ? "the assistant" : persons.addressee;
    const head = `${persons.speaker} told ${asked} ${form.negative ? "not to" : "to"} `;
    return { head, outside: undefined, tokens: rest, persons, focus: BOTH };
  }
  return { head: "", outside: undefined, tokens: lowerFirst(tokens), persons, focus: undefined };
}

/** "Forget that I moved to Kyiv", not "forget what you heard". */
const ASKS_TO_FORGET =
  /^(?:forget|delete|erase|unlearn) (?:that I|what I|where I|when I|how I|my|our|everything|the fact)\b(?!.*\byou\b)/iu;

/** "Maya introduced Ida." */
function introduction(tokens: readonly Token[], persons: Persons) {
  const focus: Focus = { who: "speaker", alone: true };
  return {
    head: `${persons.speaker} introduced `,
    outside: undefined,
    tokens: tokens.slice(1),
    persons,
    focus,
  };
}

function joined(tokens: readonly Token[]): string {
  return tokens
    .map((token) => token.space + token.value)
    .join("")
    .trim();
}

/** Names and acronyms keep their capital. */
function lowerFirst(tokens: readonly Token[]): Token[] {
  return tokens.map((token, i) =>
    i === 0 &&
    (token.pos !== "PROPN" || isCommonWord(token.lower)) &&
    /^\p{Lu}(?:\p{Ll}|$)/u.test(token.value) &&
    token.value !== "I"
      ? { ...token, value: token.value.charAt(0).toLowerCase() + token.value.slice(1) }
      : token,
  );
}
