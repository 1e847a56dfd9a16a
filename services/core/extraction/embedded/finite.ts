import { ORDERS } from "./fragment-words.ts";
import type { Token } from "./language.ts";
import { CALENDAR } from "./names/entities.ts";

/** Words that open a clause as its subject. */
export const SUBJECTS = new Set(
  "i you he she it we they this that these those there who what which everyone someone".split(" "),
);

/** A finite verb of the main clause: "on Monday, if it arrives" has none. */
export function finite(tokens: readonly Token[]): boolean {
  const clause = tokens.findIndex((t, i) => i > 0 && SUBORDINATE.has(t.lower));
  const main = clause < 0 || SUBORDINATE.has(tokens[0]?.lower ?? "") ? tokens : tokens.slice(0, clause);
  return main.some((t) => isFiniteVerb(t));
}

const SUBORDINATE = new Set(
  "if because when since after before while although though who which whose where unless until".split(" "),
);

const DANGLING =
  /^(?:since|because|until|till|unless|although|though|whereas|whenever|when|while|after|before|if)$/;

/** "Since Bo was five.": a clause that hangs on another's sentence. */
export function isDangling(tokens: readonly Token[]): boolean {
  const opens = tokens.findIndex((t) => !/^(?:and|but|just|only|ever|even|,)$/.test(t.lower));
  const lower = tokens[opens]?.lower ?? "";
  const next = tokens[opens + 1];
  if (!DANGLING.test(lower) || /^(?:only|not|so)$/.test(next?.lower ?? "")) return false;
  // "Since 2019 I have lived in Oslo."
  if (
    next &&
    (/^\d/.test(next.value) || CALENDAR.has(next.lower)) &&
    SUBJECTS.has(tokens[opens + 2]?.lower ?? "")
  )
    return false;
  if (tokens.some((t) => /^[,;:?-]$/.test(t.value))) return false;
  // "Before we leave call Anna."
  if (tokens.some((t, i) => i > opens + 2 && t.lower === t.lemma && ORDERS.has(t.lower))) return false;
  const verbs = tokens.filter((t, i) => isFiniteVerb(t) && !isPartOfVerb(tokens, i)).length;
  return verbs === 1 || (verbs === 0 && /^(?:since|because|until|till)$/.test(lower));
}

/** "Was called", "has not been", "can swim", "to swim". */
function isPartOfVerb(tokens: readonly Token[], i: number): boolean {
  let at = i - 1;
  while (/^(?:ADV|PART)$/.test(tokens[at]?.pos ?? "") && tokens[at]?.lower !== "to") at -= 1;
  return tokens[at]?.pos === "AUX" || tokens[at]?.lower === "to";
}

const OBJECTS = new Set("you it this that these those everyone someone them".split(" "));
const FINITE =
  /^(?:is|was|are|were|has|had|'s|will|would|can|could|must|should|may|might|makes?|brings?|gives?|helps?|feels?|keeps?|means?|takes?|made|gave|helped|brought|taught|seems?|sounds?|looks?)$/;

/** A finite verb that comes before any new subject: then what stood first was the subject itself. */
export function finiteBeforeSubject(tokens: readonly Token[], from: number): boolean {
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i];
    const before = tokens[i - 1];
    if (!token) break;
    if (/^(?:but|so|because|when|while|if|-|,|;|:)$/.test(token.lower)) return false;
    if (
      token.lower === "and" &&
      !joinsInfinitives(tokens, i) &&
      !/ing$/.test(tokens[i + 1]?.lower ?? "") &&
      tokens[i + 1]?.pos !== "NOUN"
    )
      return false;
    if (/^(?:who|that|which)$/.test(token.lower) && OBJECTS.has(before?.lower ?? "")) continue;
    // An object ("around you") or a relative clause ("activities you love") is no new subject.
    const inside = before !== undefined && /^(?:ADP|VERB|NOUN|PART)$/.test(before.pos);
    if (SUBJECTS.has(token.lower) && !(inside && OBJECTS.has(token.lower)) && !(before?.pos === "NOUN"))
      return false;
    if (inside && /^(?:i|you|we|he|she|they)$/.test(token.lower) && before?.pos === "NOUN") {
      i += 1;
      continue;
    }
    if (FINITE.test(token.lower) && token.pos !== "NOUN" && token.pos !== "PROPN")
      return token.lower !== "'s" || before?.pos !== "PROPN";
  }
  return false;
}

/** "Having a dog brightens my days": the act is the subject; not "hoping my visa arrives". */
export function actIsSubject(tokens: readonly Token[], at: number): boolean {
  if (/^(?:hop|wish|think|guess|pray|bet|believ|say|feel)/.test(tokens[at]?.lower ?? "")) return false;
  for (let i = at + 2; i < tokens.length; i += 1) {
    const token = tokens[i];
    const before = tokens[i - 1];
    if (!token || !before) break;
    if (/^(?:but|so|because|when|while|if|who|that|which|how|what|where|-|,|;|:)$/.test(token.lower)) break;
    const third = token.pos === "VERB" && token.lower === `${token.lemma}s`;
    if (third && /^(?:NOUN|ADV|ADJ|PROPN)$/.test(before.pos)) return true;
  }
  return false;
}

/** "To respect and appreciate". */
function joinsInfinitives(tokens: readonly Token[], i: number): boolean {
  return tokens[i - 2]?.lower === "to" && tokens[i + 1]?.pos === "VERB";
}

function isFiniteVerb(token: Token): boolean {
  if (token.pos === "AUX") return token.lower !== "be" && token.lower !== "been" && token.lower !== "being";
  if (token.pos !== "VERB") return false;
  return !/ing$/.test(token.lower) || token.lower.length < 5;
}
