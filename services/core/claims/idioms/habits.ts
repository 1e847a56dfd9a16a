import { anyCased, exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** What is said of tastes, skills, habits and plans in a turn of phrase, each as the plain sentence. */
export const HABITS_IDIOMS: readonly Rewrite[] = [
  // "Ada does her shopping at Aldi."
  (text) =>
    text.replace(
      /\b(?:does|do) (?:all )?(?:their|her|his|my|our) (?:food |grocery |weekly )?shopping (?=at |in )/u,
      "shops ",
    ),
  // "Ada has reached B1 in Spanish."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:now )?(?:reached|achieved|passed|got to|hit|is at|am at|is now at) (?:level )?(?<level>[ABC][12]) in (?<what>\p{Lu}\p{Ll}+)`,
      "$<self>'s $<what> is now $<level>",
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
  // "The client pushed the deadline to Monday."
  (text, self) =>
    text.replace(
      exact`^(?:the|The|${self}'s|\p{Lu}[\p{L}-]+) (?:\p{Ll}+ ){0,2}?(?:has |have )?(?:pushed|moved|postponed|shifted|extended|delayed) (?:back )?(?<what>the|${self}'s) (?<thing>(?:\p{Ll}+ )?(?:deadline|meeting|launch|appointment|exam|trip|flight|interview|release|wedding|party|call|due date))(?: back)? (?=to\b)`,
      "$<what> $<thing> was moved ",
    ),
  // "Green is Ada's favourite colour", said as "their".
  (text) => {
    const found =
      /^(?<what>[\p{L} -]{2,30}?) (?:is|are) (?<now>now )?(?:their|her|his|my) (?<fav>favou?rite [\p{Ll} ]{2,20}?)(?<tail> now| these days| nowadays| lately| right now| at the moment)?[.!]*$/u.exec(
        text,
      );
    if (!found?.groups) return text;
    const { what, now, fav, tail } = found.groups;
    return `My ${fav} is ${now ?? ""}${what}${tail ?? ""}.`;
  },
  // "Ada speaks no French."
  (text) =>
    text.replace(
      /\b(?<does>speak|eat|drink|read|play|wear|own)s? no (?!longer|more|one)(?=\p{L})/u,
      "doesn't $<does> ",
    ),
  // "Ada has started to like mushrooms."
  (text, self) =>
    text.replace(
      anyCased`^(?:(?:weirdly|oddly|strangely|surprisingly|somehow|actually),? )?(?<self>${self}) (?:has |have |'ve )?(?:started|begun|began|come|came|grown|grew|learned|learnt) to (?:like|love|enjoy) `,
      "$<self> likes now ",
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
  // "Hiking is something that Ada enjoys."
  (text, self) =>
    text.replace(
      exact`^(?<what>\p{L}+(?: \p{L}+){0,2}) (?:is|are) (?:something|things?|what) (?:that )?(?<does>${self} (?:really )?\p{Ll}+)[.!]*$`,
      "$<does> $<what>",
    ),
  // "Ada tore a ligament, so no marathon for Ada this year."
  (text, self) =>
    text.replace(
      exact`(?<before>^|,? so |[.;] )no (?<what>[\p{Ll} -]{2,30}?) for (?:${self}|me|us)(?= (?:this|in \p{N}{4}|after all|any ?more|now)\b)`,
      "$<before>the $<what> is cancelled",
    ),
  // "Ada has come around to spaces."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have |'ve )?(?:come|came) (?:a?round) (?:to|on) (?=(?:the )?\p{Ll}+(?: \p{Ll}+)?(?:[.,!]|$))`,
      "$<self> likes now ",
    ),
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
  // "One coffee a day", "10mg".
  (text) =>
    text.replace(/\bone(?= (?:\p{Ll}+ ){1,3}(?:a|per|each|every) (?:day|week|month|night|morning)\b)/u, "1"),
  (text) =>
    text.replace(
      /\b(?:(?<once>once)|twice)(?= (?:a|per|each|every) (?:day|week|month|year)\b)/u,
      (...match) => `${(match.at(-1) as { once?: string }).once ? 1 : 2} times`,
    ),
  (text) => text.replace(/(?<=\p{N})(?=(?:mg|mcg|ml|iu)\b)/giu, " "),

  // "Mushrooms have grown on Ada."
  (text, self) =>
    text.replace(
      exact`^(?<what>\p{L}+(?: \p{L}+)?) (?:has|have|'s|'ve) (?:really )?(?:grown|grew) on (?<self>${self})\b`,
      (...match) => {
        const { what = "", self: who } = match.at(-1) as Record<string, string>;
        return `${who} likes ${what.charAt(0).toLowerCase()}${what.slice(1)} now`;
      },
    ),
  // "Ada can't look at sushi."
  (text) =>
    text.replace(
      /\b(?:can't|cannot|can not|couldn't) (?:even )?(?:look at|stomach|bear|face|abide) (?=(?:the )?(?:\p{Ll}+)(?: any ?more)?[.,!]|(?:the )?\p{Ll}+(?: any ?more)?$)/u,
      "can't stand ",
    ),
  // "Ada hasn't had a cigarette in six weeks."
  (text) =>
    text.replace(
      /\b(?:hasn't|has not|haven't|have not) (?:had|touched|smoked) (?:an?|any|a single|one) (?<what>cigarettes?|smokes?|fags?|drinks?|alcohol|drop) (?:in|for|since) [^.,;!]{2,40}/u,
      (...match) =>
        `no longer ${/^[da]/.test((match.at(-1) as { what: string }).what) ? "drinks" : "smokes"}`,
    ),
  // "Hiking is Ada's favourite thing."
  (text, self) =>
    text.replace(
      exact`^(?<what>\p{L}+(?: \p{L}+){0,2}) (?:is|are) (?<self>${self})'s (?:absolute )?favou?rite (?:thing|hobby|pastime|activity)(?: (?:to do|in the world|ever))?(?=[.,!]|$)`,
      (...match) => {
        const { what = "", self: who } = match.at(-1) as Record<string, string>;
        return `${who} likes ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
      },
    ),
  // "Ada's alarm goes off at five."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})'s alarm (?<now>now )?(?:goes off|rings|is set|is) (?:at|for) `,
      "$<self> wakes up $<now>at ",
    ),
  // "Heights scare Ada", "has a fear of heights".
  (text, self) =>
    text.replace(
      exact`^(?<what>\p{L}+(?: \p{L}+)?) (?:really )?(?:scares?|terrif(?:y|ies)|frightens?|freaks?) (?<self>${self})(?: out| to death)?(?=[.,!]|$)`,
      (...match) => {
        const { what = "", self: who } = match.at(-1) as Record<string, string>;
        return `${who} is afraid of ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
      },
    ),
  (text) =>
    text.replace(
      /\b(?:has|have) an? (?:\p{Ll}+ )?(?:fear|phobia) of (?=\p{Ll})|\b(?<is>is|am|'m) (?:really |so )?(?:scared|terrified|frightened) of (?=\p{Ll})/u,
      (...match) => `${(match.at(-1) as { is?: string }).is ?? "is"} afraid of `,
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
  // "Ada got over their fear of flying."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:got over|gotten over|overcame|overcome|conquered|lost) (?:their|her|his|my) (?:fear|phobia) of (?=\p{Ll})/u,
      "is no longer afraid of ",
    ),
  // "Ada takes their coffee with milk."
  (text) =>
    text.replace(
      /\b(?:takes?|drinks?) (?<whose>their|her|his|my) (?<what>coffee|tea) (?!without\b)(?=\p{Ll})/u,
      "likes $<whose> $<what> ",
    ),
  // "Ada believes in God."
  (text) =>
    text.replace(/\b(?<not>doesn't |don't |no longer )?believes? in (?:God|god)\b/u, (...match) =>
      (match.at(-1) as { not?: string }).not ? "is not religious" : "is religious",
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
  // "Ada doesn't mind broccoli."
  (text) =>
    text.replace(
      /\b(?:doesn't|don't|does not|do not) (?:actually |really )?mind (?=\p{Ll}+(?:[.,!]|$| (?:now|any ?more|these)\b))/u,
      "likes now ",
    ),
  // "Ada has converted to Islam", "left the church."
  (text) =>
    text.replace(
      /\b(?:has |have |'ve )?converted to (?<faith>Islam|Catholicism|Judaism|Buddhism|Christianity|Hinduism)\b/u,
      (...match) => `is now ${FAITHFUL[(match.at(-1) as { faith: string }).faith]}`,
    ),
  (text) =>
    text.replace(
      /\b(?:has |have |'ve )?(?:left the church|lost (?:their|her|his|my) faith|stopped believing(?: in God)?)(?=[.,!]|$)/u,
      "is now unaffiliated",
    ),
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

/** Who believes so. */
const FAITHFUL: Readonly<Record<string, string>> = {
  Islam: "Muslim",
  Catholicism: "Catholic",
  Judaism: "Jewish",
  Buddhism: "Buddhist",
  Christianity: "Christian",
  Hinduism: "Hindu",
};
