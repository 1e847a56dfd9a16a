import { exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** How much, how often, how far and when, in a turn of phrase, each as the plain sentence. */
export const MEASURES_IDIOMS: readonly Rewrite[] = [
  // "Ada has reached B1 in Spanish."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:now )?(?:reached|achieved|passed|got to|hit|is at|am at|is now at) (?:level )?(?<level>[ABC][12]) in (?<what>\p{Lu}\p{Ll}+)`,
      "$<self>'s $<what> is now $<level>",
    ),
  // "One coffee a day", "10mg".
  (text) =>
    text.replace(/\bone(?= (?:\p{Ll}+ ){1,3}(?:a|per|each|every) (?:day|week|month|night|morning)\b)/u, "1"),
  (text) =>
    text.replace(
      /\b(?:(?<once>once)|twice)(?= (?:a|per|each|every) (?:day|week|month|year)\b)/u,
      (...match) => `${(match.at(-1) as { once?: string }).once ? 1 : 2} times`,
    ),
  (text) => text.replace(/(?<=\p{N})(?=(?:mg|mcg|ml|iu)\b)/giu, " "),
  // "Ada's alarm goes off at five."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})'s alarm (?<now>now )?(?:goes off|rings|is set|is) (?:at|for) `,
      "$<self> wakes up $<now>at ",
    ),
  // "Ada sleeps in until 8."
  (text) =>
    text.replace(
      /\b(?<sleep>sleeps?|sleeping) (?:in )?(?:until|till) (?=\p{N}|(?:five|six|seven|eight|nine|ten|eleven|noon)\b)/u,
      "wakes up at ",
    ),
  // "Ada's favorite band right now is Wet Leg."
  (text) =>
    text.replace(
      /(?<='s [\p{L} ]{2,30}?) (?:right now|at the moment|these days|at present|currently) (?<is>is|are)\b/u,
      " $<is> now",
    ),
  // "Ada's budget for it is 8000 dollars", "10k".
  (text) => text.replace(/(?<='s [\p{L} ]{2,30}?) for (?:it|this|that) (?=(?:is|are|was|were)\b)/u, " "),
  (text) =>
    text.replace(
      /(?<=\b(?:is|are|at|of|to|'s|from|about|around|over|under|costs?|earns?|makes?|saved?|pays?|paid|now|was) |[$€£])(?<number>\p{N}{1,3})k\b(?! (?:run|race|steps)\b)/gu,
      "$<number>000",
    ),
  (text) => text.replace(/\be-?mail address(?=es\b|\b)/iu, "email"),
  // "Ada's commute is an hour now."
  (text) => text.replace(/(?<=\b(?:is|takes) (?:now )?)an? (?=(?:hour|minute|week|month|year)\b)/u, "1 "),
  // "Ada goes to bed around 11."
  (text) =>
    text.replace(
      /\b(?:go(?<form>es|ing)?) to (?:bed|sleep)\b/u,
      (...match) =>
        ({ es: "sleeps", ing: "sleeping" })[(match.at(-1) as { form?: string }).form ?? ""] ?? "sleep",
    ),
  (text) =>
    text.replace(
      /(?<=\b(?:wakes? up|sleeps?|sleeping|waking up) )(?:at )?(?:around|about) (?=\p{N}{1,2}\b)/u,
      "at ",
    ),
  // "Ada reached level 20."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:just )?(?:reached|got to|made it to|hit|am up to|is up to) (?=(?:level|page|chapter|season|episode|round) \p{N})/u,
      "is now on ",
    ),
  (text) =>
    text.replace(/\b(?<is>is|am) at (?=(?:level|page|chapter|season|episode|round) \p{N})/u, "$<is> on "),
  // "Ada got their screen time down to 2 hours."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:got|brought|cut|reduced|raised|increased|bumped|lowered) (?:their|her|his|my) (?<what>\p{Ll}+(?: \p{Ll}+)?) (?:down |up |back )?to (?=[$€£]?\p{N})`,
      "$<self>'s $<what> is now ",
    ),
  // "Ada is studying German at A2 level."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:is|am) (?:studying|learning) (?<what>\p{Lu}\p{Ll}+) at (?:level )?(?<level>[ABC][12])(?: level)?(?=[.,!]|$)`,
      "$<self>'s $<what> is $<level>",
    ),
  // "Lately Ada has been ordering tea."
  (text, self) =>
    text.replace(
      exact`^(?<when>Lately|Recently|Nowadays|These days|Currently),? (?<rest>${self} [^,;:]{3,120}?)(?<end>[.!]*)$`,
      (...match) => {
        const { when = "", rest, end } = match.at(-1) as Record<string, string>;
        return `${rest} ${when.toLowerCase()}${end}`;
      },
    ),
];
