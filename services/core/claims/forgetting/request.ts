import { sentences, tokenize } from "../../extraction/embedded/language.ts";
import type { Reading } from "../claim.ts";
import { classOf, isAkin, isKind } from "../classes.ts";
import { FORMS } from "../lexicon.ts";
import { wordOf } from "../words.ts";
import { ASKS, beside, ownerAsked, tellsOf } from "./asked-of.ts";

/** What a statement asks to be forgotten. */
export type ForgetRequest =
  /** What was said just before. */
  | { readonly what: "last" }
  /** The statement itself ("off the record: ..."), or an offer that is taken back ("ah, forget it"). */
  | { readonly what: "this" }
  /**
   * `topic`: everything that is about it; otherwise only what says so. `isSure`: memory itself is spoken of, so that
   * even where nothing is found the request was one; "remove the comma" may be about anything.
   */
  | { readonly what: "topic" | "statement"; readonly about: string; readonly isSure: boolean };

/** Characters: what is longer tells something, whatever it asks beside it. */
const LONGEST = 4_000;
const HEARER = String.raw`(?:you|the assistant|the other person|the others)`;
const KEEP = String.raw`(?:remember|store|save|keep|record|note|memori[sz]e|retain|log|hold on to|hang on to|mention|bring up)`;
const FORGET = String.raw`(?:forgets?|un-?learn|un-?remember|disremember)`;
const REMOVE = String.raw`(?:delete|remove|erase|wipe(?: out)?|drop|discard|clear(?: out)?|purge|scrub|expunge|bin|get rid of|scratch|scrap|strike|take(?= .{1,60}? (?:out of|off) (?:your|its|the assistant's|the other person's) (?:memor(?:y|ies)|notes?|records?|lists?|database|profile|files?)\b)|lose(?= the (?:info|information|data|details?|bit|part|stuff)\b| (?:that|this|it|them) (?:from|out of) )|take out|throw (?:out|away)|undo)`;
const NOT_KEEP = String.raw`(?:stop (?:remembering|storing|saving|keeping|recording)|(?:do not|don't|not(?: to)?|never|no longer) (?:please )?(?:ever )?${KEEP}|(?:do not|don't|does not|doesn't|did not|didn't) want ${HEARER} to (?:ever )?(?:${KEEP}|know)|(?:would|'d) (?:much )?(?:rather|prefer (?:it )?if) ${HEARER} (?:did not|didn't) ${KEEP}|(?:need|has|have) (?:not |n't )?to ${KEEP} no(?:thing)?)`;
const MEMORIES = String.raw`(?:your|its|the assistant's|the other person's) (?:memor(?:y|ies)|notes?|records?|database|profile|files?)`;
const POLITE = String.raw`(?:please|kindly|just|actually|also|then|hey|ok(?:ay)?|hm+|oh|ah|well|maybe|perhaps|on second thoughts?,?|(?:can|could|would|will|may|might|should) ${HEARER}|${HEARER} (?:can|could|should|may|must|shall|have to|has to|need to|needs to|might as well)|would ${HEARER} (?:be so kind (?:as to|and)|mind)|be so kind (?:as to|and)|feel free to|go ahead and|(?:the user|\p{L}[\p{L}'-]*)(?: and others)? ?(?:'d like|'d prefer|would like|would prefer|want|wants|wanted|need|needs|ask|asks|asked|beg|begs)(?: for| that)? ${HEARER}|(?:the user|\p{L}[\p{L}'-]*)(?: am|'m| is| are|'re) (?:asking|begging|telling) ${HEARER}|(?:the user|\p{L}[\p{L}'-]*)(?: wish(?:es)?) ${HEARER} would|to|make sure (?:to|that)|pretend (?:that )?(?:the user|\p{L}[\p{L}'-]*) never (?:said|mentioned|told)(?: ${HEARER})?)`;
const OPENING = String.raw`(?:^(?:(?:the user|i|we|\p{Lu}\p{L}+)(?: and others)? (?=(?:do|does|did)(?: not|n't) want |(?:would|'d) (?:much )?(?:rather|prefer) )|)|[,;:] |\b(?:and|so|but|told ${HEARER}|asked ${HEARER}:?|wants? ${HEARER}|said:?) )`;
const REQUEST = new RegExp(
  String.raw`${OPENING}(?:${POLITE}[ ,]+){0,6}(?<!\b(?:not|never|n't|can't|mustn't|don't|won't|to not) (?:to )?)(?<verb>${FORGET}|${NOT_KEEP}|${REMOVE})\b(?: about)?(?<rest>\s.*|[.!?:]*)$`,
  "isu",
);
const PRETENDED =
  /\bpretend (?:that )?(?:the user|i|\p{Lu}[\p{L}'-]*) (?:had |has )?never (?:said|mentioned|told (?:you|the assistant|the other person)(?: about)?|brought up) (?<about>[^,;]+?)(?=$|[.!,;]| and )/iu;
const NOTHING =
  /\b(?:nothing|anything|everything|no (?:info|information|data|record|trace)) (?:about|on|of|regarding|concerning) (?<about>.+?) (?:was|were|is|be|being|gets?|remains?|stays?|gone|should)\b.{0,20}?(?:stored|saved|kept|remembered|recorded|noted|memori[sz]ed|deleted|erased|removed|forgotten|here|gone)/iu;
const NO_NEED = new RegExp(
  String.raw`\b${HEARER} (?:do|does|did)(?: not|n't) (?:need|have) to (?:know|remember|keep|store|save) (?<about>.+?)(?: any ?(?:more|longer))?[.!]*$`,
  "iu",
);
/** "The code for the door: unlearn it", "what I told you about the fine, please don't keep it". */
const TOPIC_FIRST =
  /^(?:[^":.!?]{1,60}? said: )?(?:no need to (?:store|keep|remember|save|note)(?: down)? (?<kept>[^,;:]{3,120}?)(?:[,;-].*)?|(?<about>.{3,120}?)(?:: ?(?:please |kindly |just )?(?:forget|delete|erase|wipe|remove|un-?learn|un-?remember)|(?:,| -|;) (?:please |kindly |just )?(?:(?:do not|don't) (?:keep|store|save|remember|hold on to)|un-?learn|un-?remember)) (?:it|that|them|this)(?: (?:out|away|all|please))*)[.!]*$/iu;
/** "The sertraline, lose that from my profile", "what I said about the fine, forget I ever mentioned it". */
const TOPIC_BESIDE = new RegExp(
  String.raw`^(?:[^":.!?]{1,60}? said: )?(?<about>.{3,120}?)(?:,| -|;) (?:please |kindly |just )?(?:(?:lose|drop|delete|remove|erase|wipe|strike|scrub|take) (?:that|it|them|this) (?:from|out of|off) (?:${MEMORIES}|(?:my|\p{L}+'s) (?:profile|file|record)s?)|(?:forget|pretend)(?: that)? (?:i|the user|\p{L}+) (?:ever|never) (?:mentioned|said|told (?:you|the assistant)|brought up) (?:it|that|them|this))`,
  "iu",
);
/** "I'd like my date of birth off your records". */
const WANTED_OFF = new RegExp(
  String.raw`(?:'d like|would like|wants?|needs?) (?<about>(?:my|their|our|his|her|the) [^,.;!?]{3,80}?) (?:off|out of|gone from|removed from|deleted from|erased from|wiped from) ${MEMORIES}`,
  "iu",
);
/** "It was a mistake to tell you about my religion, I want that gone". */
const REGRETTED =
  /\b(?:mistake to|wrong to|should(?: not|n't) have|should never have|wish(?:es)? (?:i|\p{L}+) had(?: not|n't)|regrets?) (?:tell|told|telling|mention|mentioned|mentioning|share|shared|sharing)(?: (?:you|the assistant|the other person))?(?: about)? (?<about>[^,.;!?]{3,80}?),? (?:and |so )?(?:i|we|the user|\p{L}+) (?:wants?|needs?|(?:would|'d) like) (?:that|it|this|all of it) (?:gone|deleted|removed|erased|forgotten|wiped)\b/iu;
/** "I withdraw my permission for you to retain my religion". */
const WITHDRAWN = new RegExp(
  String.raw`\b(?:withdraws?|revokes?|takes? back) (?:my|their|our|his|her|\p{L}+'s) (?:permission|consent)(?: for ${HEARER})? to ${KEEP} (?<about>[^,;!?]{3,120}?)[.!]*$`,
  "iu",
);
/** "I'd like my asthma to be forgotten". */
const WANTED_FORGOTTEN = new RegExp(
  String.raw`(?:'d (?:like|prefer)|would (?:like|prefer|love)|wants?|wanted|wish(?:es)?|needs?|ask(?:s|ed)?(?: for)?) (?<about>(?:my|their|our|his|her|the|\p{L}+'s) [^,.;!?]{2,80}?) (?:to be )?(?:forgotten|un-?learn(?:ed|t)|un-?remembered)(?: (?:please|now|again|completely|entirely|for good|forever|by ${HEARER}))*[.!]*$`,
  "iu",
);
/** "I take back what I said about my asthma", "you shouldn't know about it". */
const TAKEN_FROM = new RegExp(
  String.raw`^(?:[^":.!?]{1,60}? said: )?(?:(?:i|we|the user|\p{L}+)(?: would like to| want(?:s)? to|'d like to)? takes? back (?:what|everything|all|anything|whatever)(?: that)? (?:i|we|the user|\p{L}+) (?:have |has |'ve )?(?:ever |just )?(?:said|told ${HEARER}|mentioned|wrote|shared) (?:about|on|of|regarding)|${HEARER} (?:should(?: not|n't)|must(?: not|n't)|ought not to|(?:are|is)(?: not|n't) (?:supposed|allowed|meant) to) (?:know|have known)(?: about| of)?) (?<about>(?:my|their|our|his|her|the|that|\p{L}+'s) [^,.;!?]{2,80}?)(?: any ?(?:more|longer))?[.!]*$`,
  "iu",
);
const NAMES_WHAT = [TOPIC_BESIDE, WANTED_OFF, WANTED_FORGOTTEN, TAKEN_FROM, REGRETTED, WITHDRAWN];
/** "The drill business can be wiped from your memory", "my bank details shouldn't sit in your memory". */
const PASSIVE = new RegExp(
  String.raw`^(?:[^":.!?]{1,60}? said: )?(?<about>.{3,120}?) (?:(?:can|should|must|may|needs? to|has to|have to|is to|are to|ought to) (?:now |please |all )?(?:be (?:wiped|deleted|erased|removed|forgotten|cleared|dropped|taken|expunged|scrubbed|purged|struck)|go|leave|disappear) (?:from|out of) ${MEMORIES}|(?:should|must|may|can)(?: not|n't) (?:sit|stay|be(?: kept| stored| saved)?|remain|live) in ${MEMORIES})`,
  "iu",
);
/** "Could the shoplifting story be expunged from what you have saved?" */
const ASKED_PASSIVE = new RegExp(
  String.raw`\b(?:can|could|may|might|would it be possible for) (?<about>(?:the|my|that|all|\p{L}+'s) [^,;!?]{3,100}?) (?:please |to )?be (?:wiped|deleted|erased|removed|forgotten|cleared|dropped|expunged|scrubbed|purged|struck) from (?:${MEMORIES}|(?:what(?:ever)?|everything|all that|anything) ${HEARER})`,
  "iu",
);
const SAID = String.raw`(?:(?:i|the user|\p{L}+) (?:just |have just |'ve just |has just )?(?:said|told (?:you|\p{L}+(?: \p{L}+){0,2})|wrote|mentioned))`;
const LAST_SAID = String.raw`(?:what ${SAID}|(?:that|this|the|my|\p{L}+'s) (?:very )?last (?:thing|message|bit|part|sentence|remark|comment|statement)(?: (?:that )?${SAID})?)`;
const LAST = new RegExp(
  String.raw`^(?:(?:that|this|${LAST_SAID})(?: (?:just now|a moment ago|earlier|please))?)?$`,
  "iu",
);
/** "Never mind what I just said", and what may be about anything where something was said before it. */
const TAKEN_BACK = new RegExp(
  String.raw`^(?:[^":.!?]{1,60}?: )?(?:${POLITE}[ ,]+){0,6}(?:(?:never ?mind|ignore|disregard|forget) ${LAST_SAID}|(?:scratch|strike|delete) (?:that|the|my|\p{L}+'s) last one)(?: (?:just now|please))?[.!\s]*$`,
  "iu",
);
/** "Forget what Jo told me": what Jo told, or, of the one who asks, what they said last. */
const TOLD_BY =
  /\b(?:forget|ignore|disregard|delete|erase|remove) (?<about>(?:everything |all )?(?:that |what(?:ever)? )(?!I\b)\p{Lu}\p{L}+ (?:just )?(?:told|said|confided|mentioned|shared)\b(?![^,;.]*\b(?:about|on|of|regarding|concerning)\b)[^,;.]*)[.!]*$/u;
const MEMORY =
  /\b(?:memor(?:y|ies)|notes?|records?|profile|what (?:you|the assistant|the other person)|whatever (?:you|the assistant|the other person)|(?:you|assistant|person|others) (?:have|has|'ve|know|knows|saved|noted|stored|remember)|everything|anything|info(?:rmation)?|data|stored|saved|said|told|mentioned|about)\b/iu;
const ABOUT =
  /^(?:all )?(?:the |any |that |every |your |his |her |their )?(?:everything|anything|all|all of that|whatever|what|stuff|things?|part|bit|piece|facts?|details?|traces?|memor(?:y|ies)|info(?:rmation)?|data|mentions?|notes?|entry|entries|records?|line|one)?(?: (?:that|which|where))?(?: (?:i|we|you|the user|the assistant|the other person|[\p{L}]+)(?: (?:have|has|had|'ve))?(?: (?:ever|just|once))? (?:said|told(?: you| the assistant| the other person| \p{L}+)?|mentioned|wrote|written|shared|know|knows|noted|wrote down|remember(?:s|ed)?|stored?|saved?|have|has|recorded))?(?: you| down)? (?:about|on|of|regarding|concerning|with|that says|saying) (?<about>.+)$/iu;
const TAIL = new RegExp(
  String.raw`\s*(?:,? ?(?:please|thanks(?: a lot)?|thank you|(?:on|from|in|out of|off) (?:your|the|its|${HEARER}'s|their|all|any|this)? ?(?:team )?(?:memory|memories|notes?|records?|database|system|storage|files|mind|profile|list)|from (?:whatever|everything|anything|what|all) .*|from memory|on (?:file|record)|ok(?:ay)?|lol|haha|entirely|completely|altogether|for good|now|right now|at once|asap|immediately|again|will you|would you|somewhere|anywhere|any ?(?:more|longer)|(?:was|is) (?:stored|saved).*))?[.!?\s]*$`,
  "iu",
);
/** Where a request goes on with something else. */
const GOES_ON =
  /[.!?]\s|(?:,| -|;|:|\.\.+)\s+(?:(?:i|it|it's|that|that's|we|he|she|they|you|this|there|the user|\p{Lu}\p{L}+|the (?:other person|assistant)) \p{L}|(?:because|since|as|but|so|and)\b)|\s(?:because|since|but|so that)\s|\s(?:and|then) (?:please )?(?:delete|wipe|erase|remove|forget|tell|do|never)\b/iu;

/**
 * Reads a request to forget, which may stand among other sentences.
 *
 * @param text a statement, as it was said or as it was rewritten.
 */
export function forgetRequest(text: string): ForgetRequest | undefined {
  if (text.length > LONGEST) return undefined;
  const plain = text
    .trim()
    .replace(/^[^":]{1,60}?, (?:asked|after saying|replying to) "[^"]*",? said[^:]*: /u, "");
  if (/\boff the record\b|^(?:this is |that's )?between (?:us|you and me)[,:]/iu.test(plain))
    return { what: "this" };
  const told = TOLD_BY.exec(plain)?.groups?.about;
  if (told) return { what: "topic", about: told, isSure: true };
  if (TAKEN_BACK.test(plain)) return { what: "last" };
  const parts = sentences(plain.replaceAll(/["“”]/g, "")).map(({ text: sentence }) => sentence);
  for (const [i, sentence] of parts.entries()) {
    const found = requestIn(sentence, parts[i - 1]);
    if (found) return found;
  }
  return undefined;
}

function requestIn(sentence: string, before: string | undefined): ForgetRequest | undefined {
  const first =
    TOPIC_FIRST.exec(sentence) ??
    PASSIVE.exec(sentence) ??
    ASKED_PASSIVE.exec(sentence) ??
    namesWhat(sentence);
  const topic = first?.groups?.about ?? first?.groups?.kept;
  if (topic) return topicOf(topic.replace(TOLD_WHAT, ""), "", true);
  if (/^(?:.{0,60}?: )?(?:how|why|when|what|who|where|did|do|does) /iu.test(sentence)) return undefined;
  const pretended = PRETENDED.exec(sentence) ?? NOTHING.exec(sentence) ?? NO_NEED.exec(sentence);
  const isWished =
    !NOTHING.test(sentence) ||
    /\b(?:if|rather|prefer|want|wants|should|must|please|like|sure)\b/iu.test(sentence);
  if (pretended?.groups?.about && isWished) return topicOf(pretended.groups.about, "", true);
  const match = REQUEST.exec(sentence);
  if (!match?.groups?.verb) return undefined;
  if (
    sentence.endsWith("?") &&
    !new RegExp(String.raw`\b(?:can|could|would|will|may) ${HEARER}\b`, "iu").test(sentence)
  )
    return undefined;
  const isJoined = /^(?:and|so|but)\b/iu.test(match[0]);
  const isOfAll = /\b(?:all|any|every) traces? of\b/iu.test(match.groups.rest ?? "");
  if (isJoined && !isOfAll && !new RegExp(String.raw`\b${HEARER}\b|\bplease\b`, "iu").test(sentence))
    return undefined;
  const { verb, rest = "" } = match.groups;
  const isKept = new RegExp(String.raw`^(?:${NOT_KEEP})$`, "iu").test(verb);
  if (isKept && /^ (?:this|that|it|any of this)\s*(?::|,? but\b|,? (?:ok|please)[:,])/iu.test(rest))
    return { what: "this" };
  const isForget = new RegExp(String.raw`^${FORGET}$`, "iu").test(verb);
  const head = rest.split(GOES_ON)[0] ?? "";
  const asked = withoutTail(head);
  // "Forget the pizza, let's order sushi."
  if (isForget && /^the\b/iu.test(asked) && !MEMORY.test(rest) && GOES_ELSEWHERE.test(rest)) return undefined;
  if (isForget && /^(?:it|about it)$/iu.test(asked)) return { what: "this" };
  // "Scratch that. The wedding's in Girona" says it otherwise.
  if (/^(?:scratch|strike|scrap)$/iu.test(verb) && LAST.test(asked) && SAYS_OTHERWISE.test(rest))
    return undefined;
  if (/^(?:it|him|her|them)$/iu.test(asked) || (LAST.test(asked) && before && tellsTopic(before)))
    return before && tellsTopic(before) ? topicOf(before, "", true) : { what: "last" };
  if (isKept && /^(?:to|in mind)\b/iu.test(asked)) return undefined;
  if (LAST.test(asked)) return { what: "last" };
  return topicOf(asked, head, isForget || isKept);
}

function namesWhat(sentence: string): RegExpExecArray | undefined {
  for (const pattern of NAMES_WHAT) {
    const found = pattern.exec(sentence);
    if (found) return found;
  }
  return undefined;
}

/** "What I told you about" the fine. */
const TOLD_WHAT =
  /^(?:what|that|the (?:thing|bit|part|stuff)) (?:i|we|the user) (?:have |just )?(?:told|said|mentioned|shared)(?: (?:to )?(?:you|the assistant))?(?: (?:about|on|of|regarding))? /iu;

/** What stands behind it is meant instead, or for now. */
const GOES_ELSEWHERE =
  /\bfor (?:a (?:sec(?:ond)?|moment|minute|while|bit)|now|today|tonight|once)\b|[,;.!] ?(?:let\b|let's|i|the user|we|how about|what about|why|can|could|instead|just)\b/iu;
const SAYS_OTHERWISE = /[,.;:-] ?.{3,}/u;

/** "You don't need my number any more. Delete it." */
function tellsTopic(before: string): boolean {
  return !/[?]$/.test(before) && contentOf(before).length > 0 && contentOf(before).length <= 8;
}

function withoutTail(text: string): string {
  let plain = text.trim();
  for (let shorter = plain.replace(TAIL, ""); shorter !== plain; shorter = plain.replace(TAIL, ""))
    plain = shorter;
  return plain.trim();
}

function topicOf(asked: string, whole: string, isSure: boolean): ForgetRequest {
  const about = ABOUT.exec(asked)?.groups?.about;
  const sure = isSure || MEMORY.test(whole);
  if (about) return { what: "topic", about: withoutTail(about), isSure: true };
  const that = /^(?:the fact )?that (?<said>.+)$/iu.exec(asked)?.groups?.said;
  if (that) return { what: "statement", about: that, isSure: sure };
  const isTopic = /^(?:my|our|the user's|\p{Lu}[\p{L}]*'s|the|his|her|their)\b/u.test(asked);
  const isOwn = /^(?:my|our|the user's|\p{Lu}[\p{L}]*'s)\b/u.test(asked);
  return { what: isTopic ? "topic" : "statement", about: asked, isSure: sure || isOwn };
}

/**
 * What of a statement is embedded to find what it is compared with: of a request to forget, what is to be forgotten,
 * for "please delete" is near to every other request.
 */
export function comparedText(statement: { readonly text: string; readonly embeddingText: string }): string {
  const request = forgetRequest(statement.text);
  return request && "about" in request ? request.about.replace(OWNER, "") : statement.embeddingText;
}

/** Whether a statement reads as a request to forget. */
export function asksToForget(text: string): boolean {
  return forgetRequest(text) !== undefined;
}

/**
 * What a known statement has of the words that a request names: 1 all of them, 0 none. Where memory itself is spoken of,
 * a word of the same class counts too; "drop the museum" may be about anything.
 *
 * @param isLiteral words of the same class are not counted.
 */
export function shareAskedFor(
  request: Extract<ForgetRequest, { readonly about: string }>,
  known: Reading,
  isLiteral = false,
): number {
  const all = contentOf(request.about);
  const telling = beside(ownerAsked(request.about, known.names), all, known.aliases);
  const asked = telling.length > 0 ? telling : all;
  const others = [...known.wordsSaid()];
  // "The AA meetings": what it is held as is not told each time.
  const named = asked.filter((word) => !FORMS.has(word));
  const isTold = named.length > 0 && named.every((word) => others.some((other) => isAkin(word, other)));
  const words = isTold ? named : asked;
  if (words.length === 0) return 0;
  const has = (word: string) => {
    if (others.some((other) => isAkin(word, other))) return 1;
    const kind = request.isSure && !isLiteral ? classOf(word) : undefined;
    return kind !== undefined && others.some((other) => classOf(other) === kind) ? 0.8 : 0;
  };
  return words.reduce((sum, word) => sum + has(word), 0) / words.length;
}

/**
 * Whether a known statement is what a request is about. All words of a topic must stand in it; of a statement, at least
 * three in five, so that "forget that I live in Berlin" leaves the sister in Berlin alone.
 */
export function isAskedFor(
  request: Extract<ForgetRequest, { readonly about: string }>,
  known: Reading,
): boolean {
  if (!isOfSame(request, known)) return false;
  if (HOW_OLD.test(request.about)) return known.claims.some(({ attribute }) => attribute === "age");
  return shareAskedFor(request, known) >= (request.what === "topic" ? 0.8 : 0.6);
}

/** "How old my mum is": that she is 80. */
const HOW_OLD = /^how old\b/iu;

/** Whether a request can be about a known statement: it is of the same one, and names nothing that is not in it. */
export function isOfSame(
  request: Extract<ForgetRequest, { readonly about: string }>,
  known: Reading,
): boolean {
  return tellsOf(ownerAsked(request.about, known.names), known) && !namesAnother(request, known);
}

/**
 * Whether a request names somebody, a place, a number or one of a class of things that a known statement has not:
 * "forget that I live in Munich" is not about Berlin, and what is deleted is gone for good.
 */
function namesAnother(request: Extract<ForgetRequest, { readonly about: string }>, known: Reading): boolean {
  const others = [...known.wordsSaid()];
  const has = (word: string) => others.some((other) => isAkin(word, other));
  return tokenize(request.about.replace(OWNER, "")).some((token) => {
    const word = wordOf(token);
    if (word === undefined || IDLE.test(word) || known.names.has(word) || has(word)) return false;
    const isNamed = token.pos === "PROPN" || /^[\p{Lu}\p{N}]/u.test(token.value);
    if (isNamed) return ![...known.aliases.keys()].includes(token.lower);
    const kind = classOf(word);
    const isOther =
      kind !== undefined &&
      !isKind(word) &&
      others.some((other) => classOf(other) === kind && !isKind(other));
    return isOther;
  });
}

/** Without who is meant: "my", "the user's", "Ada". */
function contentOf(about: string): string[] {
  const plain = about
    .replace(ASKS, "")
    .replace(OWNER, "")
    .replace(/\b(?:the|that) (?:user|assistant|other person|others)(?:'s)?/giu, "");
  return [...new Set(tokenize(plain).flatMap((token) => wordOf(token) ?? []))].filter(
    (word) => !IDLE.test(word),
  );
}

const OWNER =
  /^(?:[Mm]y|[Oo]ur|[Tt]heir|[Tt]he user's|\p{Lu}[\p{L}'-]*'s|(?:[Tt]he user|[Ii]|[Ww]e|\p{Lu}[\p{L}'-]*)(?= (?:\p{Ll}|'m|'ve)))\s*/u;
const IDLE =
  /^(?:user|person|assistant|thing|stuff|busines|business|matter|affair|bit|part|note|need|must|private|personal|fact|detail|info|delet|remember|forget|long|pleas)$/;
