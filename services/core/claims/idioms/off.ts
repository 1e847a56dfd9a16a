import { exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** What is offered; the music is only turned down. */
const TURNED_DOWN = String.raw`(?:the|their|her|his|my) (?:[\p{Ll}-]+ ){0,2}?(?:job|offer|role|position|place|promotion|invitation|proposal|contract|scholarship)`;

/** What comes to nothing, or later, in a turn of phrase, each as the plain sentence. */
export const OFF_IDIOMS: readonly Rewrite[] = [
  // "Ada turned the new job down."
  (text, self) =>
    text.replace(
      exact`^${self} (?:has |have )?turned (?:down (?<a>${TURNED_DOWN})|(?<b>${TURNED_DOWN}) down)(?=[.,!]|$)`,
      "$<a>$<b> is cancelled",
    ),
  // "Ada pulled out of the marathon."
  (text, self) =>
    text.replace(
      exact`^(?:${self} )(?:has |have |had to )?(?:pull(?:ed)?|back(?:ed)?|dropp?(?:ed)?) out of (?<what>the [\p{L} -]{3,40}?)(?=[.,!]|$| (?:because|this|after|since|with|due)\b)`,
      "$<what> is cancelled",
    ),
  // "Boston isn't happening for Ada."
  (text, self) =>
    text.replace(
      exact`(?<before>^|, (?:and |so )?|[.;] |: )(?:the )?(?<what>[\p{L} -]{2,30}?) (?:isn't|is not|won't be|ain't) happening(?: for ${self})?(?: this year| any ?more| after all)?(?=[.,!]|$)`,
      "$<before>the $<what> is cancelled",
    ),
  // "Ada couldn't go to Coldplay in the end."
  (text, self) =>
    text.replace(
      exact`^${self}(?: and others)? (?:couldn't|could not|didn't|did not|wasn't able to|didn't get to) (?:go to|make it to|attend|make) (?<what>(?:the )?[\p{L} -]{3,40}?) (?:in the end|after all)(?=[.,!]|$)`,
      "$<what> is cancelled",
    ),
  // "The client pushed the deadline to Monday."
  (text, self) =>
    text.replace(
      exact`^(?:the|The|${self}'s|\p{Lu}[\p{L}-]+) (?:\p{Ll}+ ){0,2}?(?:has |have )?(?:pushed|moved|postponed|shifted|extended|delayed) (?:back )?(?<what>the|${self}'s) (?<thing>(?:\p{Ll}+ )?(?:deadline|meeting|launch|appointment|exam|trip|flight|interview|release|wedding|party|call|due date))(?: back)? (?=to\b)`,
      "$<what> $<thing> was moved ",
    ),
  // "Ada tore a ligament, so no marathon for Ada this year."
  (text, self) =>
    text.replace(
      exact`(?<before>^|,? so |[.;] )no (?<what>[\p{Ll} -]{2,30}?) for (?:${self}|me|us)(?= (?:this|in \p{N}{4}|after all|any ?more|now)\b)`,
      "$<before>the $<what> is cancelled",
    ),
];
