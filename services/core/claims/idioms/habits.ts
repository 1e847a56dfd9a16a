import type { Rewrite } from "../rewrites.ts";

/** What is said of skills and habits in a turn of phrase, each as the plain sentence. */
export const HABITS_IDIOMS: readonly Rewrite[] = [
  // "Ada does her shopping at Aldi."
  (text) =>
    text.replace(
      /\b(?:does|do) (?:all )?(?:their|her|his|my|our) (?:food |grocery |weekly )?shopping (?=at |in )/u,
      "shops ",
    ),
  // "Ada works out a lot."
  (text) =>
    text.replace(
      /\bwork(?<form>s?) out(?= (?:a lot|often|daily|regularly|every|most|at|in|on|with|before|after|once|twice|(?:three|four|five|\p{N}) (?:times|days))\b|[.,!]|$)/u,
      "exercise$<form>",
    ),
  // "Ada passed her driving test."
  (text) =>
    text.replace(
      /\b(?:has |have |finally )?(?:got|passed) (?:their|her|his|my|the) (?:driver'?s licen[cs]e|driving licen[cs]e|driving test)\b(?: (?:(?:on|in) [^.,;!]{3,20}|yesterday|today|last \p{Ll}+))?(?=[.,;!]|$)/u,
      "can drive now",
    ),
  // "Ada speaks no French."
  (text) =>
    text.replace(
      /\b(?<does>speak|eat|drink|read|play|wear|own)s? no (?!longer|more|one)(?=\p{L})/u,
      "doesn't $<does> ",
    ),
  // "Ada eats neither meat nor fish."
  (text) =>
    text.replace(
      /\b(?:(?<be>is|are|am|was|were|has|have|can)|(?<does>\p{Ll}{2,12}?)s?) neither (?<one>[^,.]{2,40}?) nor (?=\p{L})/u,
      (...match) => {
        const { be, does, one } = match.at(-1) as Record<string, string | undefined>;
        return `${be ? `${be} not` : `doesn't ${does}`} ${one} or `;
      },
    ),
  // "Ada commutes by bike."
  (text) => text.replace(/\bcommutes? (?:to work )?by (?=\p{Ll})/u, "goes to work by "),
  // What is well done is done with.
  (text) => text.replace(/\bwell[ -]done\b(?=[.,!]|$)/u, "welldone"),
  // "Ada eats meat again."
  (text) =>
    text.replace(
      /\b(?<eats>eats?|is eating|are eating|(?:has |have )(?:been )?eating|(?:has |have )?(?:started|begun|began) (?:eating|to eat)|(?:went|is|are) back to eating) (?<what>[\p{Ll} ]{3,30}?) again(?=[.,!]|$| since\b| now\b)/u,
      "eats $<what> now",
    ),
  (text) =>
    text.replace(
      /\bgot (?=(?:promoted|delayed|moved|pushed|postponed|rescheduled|cancelled|canceled|changed|extended|cut|raised|lowered|bumped|switched)(?= (?:to|from|back|up|down)\b|[.,!]|$))/u,
      "was ",
    ),
  (text) => text.replace(/\b(?:has |have )?learn(?:ed|t) (?:how )?to (?=\p{Ll}{2,12}\b)/u, "can now "),
  // "Ada started smoking again", "is back on the cigarettes".
  (text) =>
    text.replace(
      /\b(?:(?:has |have |'s |'ve )?(?:started|begun|began|gone back to|went back to|resumed|taken up|took up)|is|am|are|'m|'s|is back to|am back to) (?<does>smok|vap|drink|gambl|runn|swimm|climb|rid|danc|sing)ing(?: (?:alcohol|cigarettes))? again(?=[.,!]|$| since\b| now\b)/u,
      (...match) => `${RESUMED[(match.at(-1) as { does: string }).does]} now`,
    ),
  (text) =>
    text.replace(
      /\b(?:(?:has |have )?(?:went|gone|is|am|are|'m) back (?:to|on) (?:the )?(?:smoking|cigarettes|fags|smokes)|smokes again)(?=[.,!]|$| since\b| now\b)/u,
      "smokes now",
    ),
  // "Ada gave up alcohol."
  (text) =>
    text.replace(
      /\b(?:gave|given|giving|gives) up (?:the )?(?<what>alcohol|booze|drink|cigarettes|fags|smokes)\b/u,
      (...match) => `quit ${/^[abd]/.test((match.at(-1) as { what: string }).what) ? "drinking" : "smoking"}`,
    ),
  // "Ada hasn't had a cigarette in six weeks."
  (text) =>
    text.replace(
      /\b(?:hasn't|has not|haven't|have not) (?:had|touched|smoked) (?:an?|any|a single|one) (?<what>cigarettes?|smokes?|fags?|drinks?|alcohol|drop) (?:in|for|since) [^.,;!]{2,40}/u,
      (...match) =>
        `no longer ${/^[da]/.test((match.at(-1) as { what: string }).what) ? "drinks" : "smokes"}`,
    ),
  // "Ada hasn't smoked in three weeks."
  (text) =>
    text.replace(
      /\b(?:hasn't|has not|haven't|have not) (?<what>smoked|vaped|gambled|drunk)(?: (?:cigarettes|alcohol|anything))? (?:in|for|since) [^.,;!]{2,40}/u,
      (...match) => `no longer ${NO_MORE[(match.at(-1) as { what: string }).what]}`,
    ),
  // "Ada has started having breakfast."
  (text) =>
    text.replace(
      /\b(?:ha(?<form>s|ve|ving)) (?=(?:an? )?(?:\p{Ll}+ )?(?:breakfast|lunch|dinner|supper|brunch)\b(?! (?:plans?|reservations?|guests?|with|at)\b))/u,
      (...match) => EATS[(match.at(-1) as { form: string }).form] ?? match[0],
    ),
  // "Ada is fluent in Spanish."
  (text) =>
    text.replace(/\b(?:is|am|'m) (?:almost |nearly |completely |now )?fluent in (?=\p{Lu})/u, "speaks "),
  // "Ada goes running every day."
  (text) =>
    text.replace(
      /\b(?:goes|go) (?<does>smok|runn|swimm|climb|danc)ing\b/u,
      (...match) => RESUMED[(match.at(-1) as { does: string }).does] ?? match[0],
    ),
  (text) => text.replace(/\bevery (?:single )?day\b/iu, "daily"),
  // "Ada doesn't drink": alcohol.
  (text) =>
    text.replace(
      /\b(?<not>doesn't|don't|does not|do not|never) (?<drink>drinks?)(?=[.!]|$| (?:any ?more|at all)\b)/u,
      "$<not> $<drink> alcohol",
    ),
];

/** What is done again, by how the verb begins. */
const RESUMED: Readonly<Record<string, string>> = {
  smok: "smokes",
  vap: "vapes",
  drink: "drinks",
  gambl: "gambles",
  runn: "runs",
  swimm: "swims",
  climb: "climbs",
  rid: "rides",
  danc: "dances",
  sing: "sings",
};

/** What is done no more, by what was not done for long. */
const NO_MORE: Readonly<Record<string, string>> = {
  smoked: "smokes",
  vaped: "vapes",
  gambled: "gambles",
  drunk: "drinks",
};

/** Of meals, "have" by its end. */
const EATS: Readonly<Record<string, string>> = { s: "eats ", ve: "eat ", ving: "eating " };
