import { anyCased, exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** What is said of tastes, fears and beliefs in a turn of phrase, each as the plain sentence. */
export const TASTES_IDIOMS: readonly Rewrite[] = [
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
  // "Ada has started to like mushrooms."
  (text, self) =>
    text.replace(
      anyCased`^(?:(?:weirdly|oddly|strangely|surprisingly|somehow|actually),? )?(?<self>${self}) (?:has |have |'ve )?(?:started|begun|began|come|came|grown|grew|learned|learnt) to (?:like|love|enjoy) `,
      "$<self> likes now ",
    ),
  // "Hiking is something that Ada enjoys."
  (text, self) =>
    text.replace(
      exact`^(?<what>\p{L}+(?: \p{L}+){0,2}) (?:is|are) (?:something|things?|what) (?:that )?(?<does>${self} (?:really )?\p{Ll}+)[.!]*$`,
      "$<does> $<what>",
    ),
  // "Ada has come around to spaces."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have |'ve )?(?:come|came) (?:a?round) (?:to|on) (?=(?:the )?\p{Ll}+(?: \p{Ll}+)?(?:[.,!]|$))`,
      "$<self> likes now ",
    ),
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
  // "Hiking is Ada's favourite thing."
  (text, self) =>
    text.replace(
      exact`^(?<what>\p{L}+(?: \p{L}+){0,2}) (?:is|are) (?<self>${self})'s (?:absolute )?favou?rite (?:thing|hobby|pastime|activity)(?: (?:to do|in the world|ever))?(?=[.,!]|$)`,
      (...match) => {
        const { what = "", self: who } = match.at(-1) as Record<string, string>;
        return `${who} likes ${what.charAt(0).toLowerCase()}${what.slice(1)}`;
      },
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
];

/** Who believes so. */
const FAITHFUL: Readonly<Record<string, string>> = {
  Islam: "Muslim",
  Catholicism: "Catholic",
  Judaism: "Jewish",
  Buddhism: "Buddhist",
  Christianity: "Christian",
  Hinduism: "Hindu",
};
