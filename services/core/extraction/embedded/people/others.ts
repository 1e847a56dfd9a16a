import type { Token } from "../language.ts";
import { CALENDAR } from "../names/entities.ts";
import { COMPANION, PET } from "../names/entity-types.ts";
import { knownKind } from "../names/names.ts";

/** Who and what is spoken of as "they" beside relatives, friends and pets. */
const ACTING =
  "people|folks?|man|men|woman|women|guys?|girls?|boys?|lad|lady|ladies|couple|group|team|band|crew|crowd|class|club|family|police|staff|public|audience|company|companies|firm|agency|agencies|bank|shop|store|school|university|college|hospital|clinic|insurance|council|government|court|office|church|hotel|restaurant|landlord|landlady|ex|guest|host|nurse|student|client|star|chef|guide|judge|pilot|priest|king|queen|baby|babies|bab(?:y|ies)|pupp(?:y|ies)|bunn(?:y|ies)|wives|famil(?:y|ies)|crush|date";
const SOMEBODY = new RegExp(`^(?:${COMPANION}|${PET}|${ACTING})s?$`, "i");
/** In a text without parts of speech: another is spoken of. */
export const SOMEBODY_ELSE = new RegExp(
  `\\b(?:(?:${COMPANION}|${PET}|${ACTING})s?|he|she|him|her|his|they|them|their|everyone|someone)\\b`,
  "i",
);
/** "Plumber", "dentist", "musician", "neighbours": what ends so and is no person costs only a "their". */
const AGENT = /(?:[a-z]{2}(?:er|or|ist|ian|ee|eer|ent|ant)|(?:man|men|woman|women|mate))s?$/i;
const PRONOUN =
  /^(?:he|she|him|her|his|hers|himself|herself|they|them|their|theirs|themselves|who|whom|whose|someone|somebody|everyone|everybody|anyone|anybody|nobody|others|another)$/;
const BEING = /^(?:as|am|'m|was|is|be|been|being|become|became|becoming)$/;

/** True where a token names somebody, or something that acts like one, beside those who speak. */
export function namesOther(tokens: readonly Token[], i: number): boolean {
  const token = tokens[i];
  if (!token) return false;
  if (PRONOUN.test(token.lower)) return true;
  if (CALENDAR.has(token.lower)) return false;
  if (token.pos === "PROPN" && /^\p{Lu}/u.test(token.value))
    return tokens[i - 1]?.lower !== "in" && !/^(?:place|product|demonym)$/.test(knownKind(token.lower) ?? "");
  if (token.pos !== "NOUN" && token.pos !== "PROPN" && token.pos !== "ADJ") return false;
  return (SOMEBODY.test(token.lower) || AGENT.test(token.lower)) && !isPredicate(tokens, i);
}

/** "I work as a nurse": what one is, nobody else. */
function isPredicate(tokens: readonly Token[], i: number): boolean {
  let at = i - 1;
  while (/^(?:ADJ|NOUN)$/.test(tokens[at]?.pos ?? "")) at -= 1;
  return /^an?$/.test(tokens[at]?.lower ?? "") && BEING.test(tokens[at - 1]?.lower ?? "");
}
