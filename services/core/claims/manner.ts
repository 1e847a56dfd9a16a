import type { Token } from "../extraction/embedded/language.ts";
import type { Mode } from "./claim.ts";

/** A verb phrase without what only says how it is meant. */
export interface Manner {
  readonly mode: Mode;
  readonly cue: boolean;
  /** From the main verb on. */
  readonly rest: readonly Token[];
  /** A form of "to be" with a participle: what happens is done to the subject. */
  readonly isPassive: boolean;
  /** "Is living", "has been running". */
  readonly isGoing: boolean;
  readonly isPast: boolean;
}

const CUES = /^(?:now|actually|instead|nowadays|currently|finally|recently|lately)$/;
const ADVERBS =
  /^(?:now|actually|instead|nowadays|currently|finally|recently|lately|still|also|just|really|always|usually|often|sometimes|already|mostly|mainly|officially|completely|totally|definitely|absolutely|probably|only|even|both|all|kind|of|sort|basically|soon|ever|temporarily|permanently|quickly|slowly|literally|then|again|long|since|too|much)$/;
const WISHES =
  /^(?:wish|hope|want|consider|wonder|dream|imagine|pretend|doubt|guess|fancy|contemplate|debate|like_to)$/;
const PLANS = /^(?:plan|intend|decide|agree|arrange|book|schedule|prepare|promise|sign_up)$/;
const STOPS = /^(?:stop|quit|cease)$/;

/** Reads the auxiliaries and adverbs off a verb phrase. */
export function mannerOf(tokens: readonly Token[], isUnreal: boolean): Manner {
  let i = 0;
  let mode: Mode = isUnreal ? "unreal" : "so";
  let cue = false;
  let isPassive = false;
  let isGoing = false;
  let isPast = false;
  let isPerfect = false;
  let steps = 0;
  const at = (k: number) => tokens[i + k]?.lower ?? "";
  const set = (next: Mode) => {
    if (mode !== "unreal") mode = next;
  };
  const deny = (from: number, to: number) => {
    if (saysNoLonger(tokens, from, to)) set("ended");
    else if (hasNegation(tokens, from, to)) set("denied");
  };
  for (; i < tokens.length && steps < 24; steps += 1) {
    const word = at(0);
    const lemma = tokens[i]?.lemma ?? "";
    if (word === "no" && at(1) === "longer") {
      set("ended");
      i += 2;
    } else if (/^(?:not|n't|never)$/.test(word)) {
      set("denied");
      i += 1;
    } else if (/^(?:would|could|might|may|'d)$/.test(word)) {
      mode = "unreal";
      i += 1;
    } else if (/^(?:will|'ll|shall|wo)$/.test(word)) {
      if (mode === "so") mode = "planned";
      i += 1;
    } else if (/^(?:can|ca|should|must|do|does|did)$/.test(word) && tokens[i + 1] && isAuxiliary(tokens, i)) {
      if (word === "did") isPast = true;
      i += 1;
    } else if (/^(?:has|have|had|'ve|'d)$/.test(word) && at(1) === "to" && tokens[i + 2]?.pos === "VERB") {
      if (mode === "so" && word !== "had") mode = "planned";
      i += 2;
    } else if (lemma === "need" && at(1) === "to" && tokens[i + 2]?.pos === "VERB") {
      if (mode === "so") mode = "planned";
      i += 2;
    } else if (word === "used" && at(1) === "to") {
      set("former");
      i += 2;
    } else if (/^(?:has|have|had|'ve)$/.test(word) && followsParticiple(tokens, i + 1)) {
      isPerfect = true;
      i += 1;
    } else if (lemma === "be" || /^(?:'m|'re)$/.test(word) || (word === "'s" && i === 0)) {
      const next = i + 1 + adverbsAt(tokens, i + 1);
      const token = tokens[next];
      const going =
        token &&
        /ing$/.test(token.lower) &&
        token.lower.length > 4 &&
        token.pos !== "NOUN" &&
        token.pos !== "ADJ";
      if (/^(?:was|were)$/.test(word)) isPast = true;
      if (
        going &&
        token.lower === "going" &&
        tokens[next + 1]?.lower === "to" &&
        tokens[next + 2]?.pos === "VERB"
      ) {
        if (mode === "so") mode = "planned";
        cue ||= cuesWithin(tokens, i, next);
        i = next + 2;
      } else if (
        token &&
        /^(?:about|set|due|scheduled|supposed)$/.test(token.lower) &&
        tokens[next + 1]?.lower === "to"
      ) {
        // Who was about to leave may have stayed.
        if (mode === "so") mode = isPast && token.lower === "about" ? "unreal" : "planned";
        i = next + 2;
      } else if (going) {
        cue ||= cuesWithin(tokens, i, next);
        deny(i, next);
        isGoing = true;
        i = next;
      } else if (token?.pos === "VERB" && isParticiple(token)) {
        cue ||= cuesWithin(tokens, i, next);
        deny(i, next);
        isPassive = true;
        i = next;
      } else {
        if (!/^(?:only|just)$/.test(tokens[next]?.lower ?? "")) deny(i, next);
        cue ||= cuesWithin(tokens, i, next);
        break;
      }
    } else if (/^(?:nearly|almost)$/.test(word) && tokens[i + 1]?.pos === "VERB") {
      mode = "unreal";
      i += 1;
    } else if (WISHES.test(lemma) && i < tokens.length - 1 && takesVerb(tokens, i + 1)) {
      mode = "unreal";
      break;
    } else if (PLANS.test(lemma) && at(1) === "not" && at(2) === "to") {
      set("denied");
      i += 3;
    } else if (PLANS.test(lemma) && takesVerb(tokens, i + 1)) {
      if (mode === "denied") mode = "denied";
      else if (mode === "so") mode = "planned";
      i += 1;
      while (/^(?:to|on|that)$/.test(at(0))) i += 1;
    } else if (STOPS.test(lemma) && /ing$/.test(at(1))) {
      set("ended");
      i += 1;
    } else if ((lemma === "give" || word === "gave") && at(1) === "up" && /ing$/.test(at(2))) {
      set("ended");
      cue = true;
      i += 2;
    } else if (
      /^(?:start|begin|keep|began)$/.test(lemma) &&
      (/ing$/.test(at(1)) || (at(1) === "to" && tokens[i + 2]?.pos === "VERB"))
    ) {
      cue ||= lemma !== "keep";
      i += at(1) === "to" ? 2 : 1;
    } else if (lemma === "come" && at(1) === "to" && tokens[i + 2]?.pos === "VERB") {
      cue = true;
      i += 2;
    } else if (ADVERBS.test(word) && i < tokens.length - 1) {
      cue ||= CUES.test(word);
      i += 1;
    } else if (word === "to" && tokens[i + 1]?.pos === "VERB") i += 1;
    else break;
  }
  const rest = tokens.slice(i);
  if (isPerfect && mode === "denied" && wasOnce(rest)) mode = "ended";
  return {
    mode: endedByTail(mode, rest),
    cue: cue || rest.some(({ lower }) => CUES.test(lower)) || saysSinceWhen(rest),
    rest,
    isPassive,
    isGoing,
    isPast,
  };
}

/** "Hasn't smoked since May": until then it was so. Whom or what one has not seen is there all the same. */
function wasOnce([verb, ...rest]: readonly Token[]): boolean {
  if (!verb || /^(?:be|go|see|hear|speak|talk|visit|meet|have|get|find|decide)$/.test(verb.lemma))
    return false;
  const tail = rest.map(({ lower }) => lower).join(" ");
  return /\b(?:since|in (?:years|ages|months|a year|a while|\p{L}+ (?:years|months|weeks))|for (?:years|ages|months|\p{L}+ (?:years|months)))\b/u.test(
    tail,
  );
}

/** "Goes to Monet since Monday", "takes the train these days": it was otherwise before. */
function saysSinceWhen(rest: readonly Token[]): boolean {
  const tail = rest.map(({ lower }) => lower).join(" ");
  return /\b(?:these days|nowadays|as of|from now on|from (?:\d|next|today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|september|october|november|december)|since (?:\d|last|this|today|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|may|june|july|august|september|october|november|december)\b)/.test(
    tail,
  );
}

/** "Doesn't eat fish any more". */
function endedByTail(mode: Mode, rest: readonly Token[]): Mode {
  const tail = rest.map(({ lower }) => lower).join(" ");
  if ((mode === "denied" || mode === "so") && /\b(?:any ?more|any longer)\b/.test(tail) && mode === "denied")
    return "ended";
  return mode;
}

function isAuxiliary(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + 1 + adverbsAt(tokens, at + 1)];
  return (
    next?.pos === "VERB" ||
    next?.pos === "AUX" ||
    next?.lower === "n't" ||
    next?.lower === "not" ||
    tokens[at]?.pos === "AUX"
  );
}

function adverbsAt(tokens: readonly Token[], at: number): number {
  let n = 0;
  for (let word = tokens[at]?.lower; word !== undefined; word = tokens[at + n]?.lower) {
    if (word === "no" && tokens[at + n + 1]?.lower === "longer") n += 2;
    else if (ADVERBS.test(word) || /^(?:not|n't|never)$/.test(word)) n += 1;
    else break;
  }
  return n;
}

/** "Is no longer in the band". */
function saysNoLonger(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens
    .slice(from, to)
    .some(({ lower }, i) => lower === "no" && tokens[from + i + 1]?.lower === "longer");
}

function cuesWithin(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.slice(from, to).some(({ lower }) => CUES.test(lower));
}

function hasNegation(tokens: readonly Token[], from: number, to: number): boolean {
  return tokens.slice(from, to).some(({ lower }) => /^(?:not|n't|never)$/.test(lower));
}

function isParticiple({ lower, lemma }: Token): boolean {
  return lower !== lemma && /(?:ed|en|wn|ne|pt|ld|lt|nt|ng|ck|ut|rn|st)$/.test(lower);
}

function followsParticiple(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at + adverbsAt(tokens, at)];
  if (!next) return false;
  if (/^(?:been|got|gotten|become|gone|done|had|made|taken|n't|not)$/.test(next.lower)) return true;
  return next.pos === "VERB" && isParticiple(next);
}

function takesVerb(tokens: readonly Token[], at: number): boolean {
  const next = tokens[at];
  if (!next) return false;
  return (
    /^(?:to|on|that|about|of|if|i|he|she|they|we)$/.test(next.lower) ||
    next.pos === "VERB" ||
    next.pos === "PROPN" ||
    /ing$/.test(next.lower)
  );
}
