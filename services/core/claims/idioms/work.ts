import { anyCased, exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** What is said of jobs and schools in a turn of phrase, each as the plain sentence. */
export const WORK_IDIOMS: readonly Rewrite[] = [
  // "2026-03-11 was Ada's last day at Stripe."
  (text, self) =>
    text.replace(
      exact`^[^"]{0,40}?\bwas (?<self>${self})'s (?:very )?last day (?:working )?(?:at|with) (?=\p{Lu}|the )`,
      "$<self> no longer works at ",
    ),
  // "First day at Ada's new job."
  (text, self) => {
    const isFirst =
      anyCased`\bfirst (?:day|week|shift) (?:at|in|of) (?:the|a|their|her|his|my|${self}'s) new (?:job|work|workplace|company|firm|position)\b`.test(
        text,
      );
    const who = exact`\b${self}\b`.exec(text)?.[0];
    return isFirst ? `${who ?? "I"} ${who ? "works" : "work"} now at a new job.` : text;
  },
  // "Ada closed Crumbs for good."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:has |have )?(?:(?:closed|shut) (?:down )?(?<a>(?:the |our |their |my |her |his )?\p{L}[\p{L}' -]{1,40}?) (?:for good|down for good|permanently|down)|wound up (?<b>(?:the |our |their |my |her |his )?\p{L}[\p{L}' -]{1,40}?))(?=[.,!]|$| (?:in|last|this|on)\b)`,
      "$<self> no longer runs $<a>$<b>",
    ),
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have |was |got )?(?:moved|transferred|switched) (?:over )?to (?<team>(?:the|an?|another) (?:[\p{L}-]+ ){0,3}(?:team|department|group|squad|division|unit|ward))(?=[.,!]|$| (?:in|last|this|now)\b)`,
      "$<self> is on $<team> now",
    ),
  // "Bosch fired Ada."
  (text, self) =>
    text.replace(
      exact`^(?<firm>\p{Lu}[\p{L}&. -]{1,30}?) (?:has |have |just )?(?:fired|sacked|dismissed) (?<self>${self})(?=[.,!]|$| (?:last|on|in|today|yesterday)\b)`,
      "$<self> no longer works at $<firm>",
    ),
  // "Deloitte let Ada go in the last round."
  (text, self) =>
    text.replace(
      exact`^(?:the company )?(?<firm>.{2,40}?) (?:has |have )?(?:let (?<self>${self}) go(?! (?:to|home|early|on|with|out|first|through|for)\b)|laid (?<other>${self}) off)\b`,
      (_, firm, first, second) => `${first ?? second} no longer works at ${firm}`,
    ),
  // "Ada got bumped up to senior developer."
  (text) => text.replace(/\b(?:got|was|been|is) (?:bumped|moved) up to (?=\p{Ll})/u, "was promoted to "),
  // "Ada has set up her own practice."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have |'ve )?(?:set up|started|opened|founded|launched) (?<own>(?:their|her|his|my) own (?:\p{Ll}+ ){0,2}(?:practice|business|company|firm|studio|shop|agency|consultancy|restaurant|bakery|clinic|startup|salon|café|cafe|bar|gallery|school|brand))(?=[.,!]|$| last | this )(?!.*\bago\b)`,
      "$<self> works now at $<own>",
    ),
  // "Ada stepped down as CTO."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:stepped down|resigned|stood down|quit) as (?:the |an? )?(?=\p{L})/u,
      "is no longer ",
    ),
  (text) => text.replace(/\b(?:has |have )?graduated from (?=\p{Lu})/u, "is no longer a student at "),
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have |just |finally )*graduated(?! from\b)(?!.*\bago\b|.* in (?:19|20)\d\d).*$`,
      "$<self> is no longer a student.",
    ),
  // "Ada switched her major to chemistry."
  (text) =>
    text.replace(
      /\b(?:switched|changed) (?:(?:their|her|his|my) )?(?:major|degree|course|subject)s? (?:from [\p{L} ]{3,30}? )?to /u,
      "studies now ",
    ),
  // "Ada works part-time", "has gone full-time".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?<verb>works?|has gone|have gone|went|switched to|changed to|is|goes) (?<now>now )?(?<time>(?:full|part)[- ]time)(?= now|[.,!]|$)`,
      (_, who, verb, now, time) =>
        `${who}'s hours are ${now || !/^(?:works?|is)$/.test(verb) ? "now " : ""}${time.replace(/[ -]/u, "")}`,
    ),
  // "Ada's employer is Lidl."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})'s (?:new |current )?employer is (?<now>now )?(?=\p{L})`,
      "$<self> works $<now>at ",
    ),
  // "Ada works nights at the hospital."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) works? (?:the )?(?<shift>day|night|early|late|morning|evening)(?:s| shifts?) (?<where>(?:at|in|for|as) [^.,;!]{2,60})(?=[.,;!]|$)`,
      "$<self> works $<where> and $<self>'s shift is $<shift>shift",
    ),
  // "Ada works nights", "was moved to the day shift".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?<now>now )?(?:works?|(?:is|am) (?:back )?(?:on|working)|does) (?:the )?(?<shift>day|night|early|late|morning|evening)(?:s| shifts?)(?<again> again)?(?=[.,!]| (?:now|these days|at|in|this|again)\b|$)`,
      (...match) => {
        const { self: who, now, shift, again } = match.at(-1) as Record<string, string | undefined>;
        return `${who}'s shift is ${now || again ? "now " : ""}${shift}shift`;
      },
    ),
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:(?:got |was |has been |have been |were )?(?:moved|switched|put|changed)|went|has gone|have gone) (?:back |over )?(?:to|on|onto) (?:the )?(?<shift>day|night|early|late|morning|evening)(?:s| shifts?)(?=[.,!]| (?:now|in|on|this|last|since|from|at)\b|$)`,
      "$<self>'s shift is now $<shift>shift",
    ),
  // "Ada became a midwife."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:just |recently |finally )?(?:became|become|qualified as|retrained as) (?=an? (?:\p{Ll}+ ){0,2}\p{Ll}+)(?!an? (?:proud )?(?:father|mother|mum|mom|dad|parent)\b)`,
      "$<self> is now ",
    ),
  // "Ada teaches for a living."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?<does>teach|paint|write|bake|cook|farm|drive|act|sing|dance|build|design|cod|program|translat)(?:e?s|ing)? for a living\b`,
      (...match) => {
        const { self: who, does = "" } = match.at(-1) as Record<string, string>;
        return `${who} is a ${TRADE_OF[does] ?? `${does}er`}`;
      },
    ),
  // "Ada got the job at the library."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have |'ve )?(?:finally |just )?(?:got|landed|was offered and took|accepted|took) (?:the|a|that) (?:\p{Ll}+ ){0,1}(?:job|position|gig|role) (?=(?:at|with|in) )`,
      "$<self> works now ",
    ),
  // "They've put Ada on days."
  (text, self) =>
    text.replace(
      exact`^(?:${self}, after saying "[^"]{1,200}", said: |${self} said: )?(?:[Tt]hey|[Tt]hey've|[Tt]he (?:hospital|boss|company|ward|factory|manager))(?: have| has|'ve)? (?:put|moved|switched) (?<self>${self}) (?:on|onto|to) (?:the )?(?<shift>day|night|early|late|morning|evening)(?:s| shifts?)(?=[.,!]| (?:now|from|since|this|starting)\b|$)`,
      "$<self>'s shift is now $<shift>shift",
    ),
  // "Ada has been at Siemens since 2019."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has|have|'s|'ve) been at (?=\p{Lu}[^,.;!]{1,40} (?:since|for) )`,
      "$<self> works now at ",
    ),
  // "Ada left law to become a baker."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:left|quit|gave up) [\p{L} -]{2,40}? to (?:become|be|work as|train as|retrain as) (?=an? )`,
      "$<self> is now ",
    ),
  // "Ada is back in the office full time."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:(?:is|are|am) (?:now )?back (?:in|at) the office|(?:is|are|am) (?:required|expected) (?:to be )?(?:back )?(?:in|at) the office|(?:has|have) (?:had )?to (?:go|come|be) (?:back )?(?:in|into|to|at) the office|goes? (?:back )?(?:in)?to the office)(?=[.,!]|$| (?:full|every|now|again|\p{L}+ days?|these|since|from|\p{Ll}+ times)\b)`,
      "$<self> works now onsite",
    ),
  // "Jess took over as team captain."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:took|taken|takes) over (?:from \p{L}+ )?as (?:the )?(?=\p{Ll})/u,
      "is now ",
    ),
  // "Ada makes 60k a year", "got a raise to 68k".
  (text, self) =>
    text.replace(
      exact`\b(?<self>${self}) (?<now>now )?(?:makes?|earns?|is paid|am paid|gets? paid) (?=(?:about |around |over )?[$€£]?\p{N}[\p{N}.,]*(?:k|000)?\b[^.]{0,20}\b(?:a|per|an) (?:year|month|hour|week)\b)`,
      "$<self>'s salary is $<now>",
    ),
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:got|was given|received|negotiated) a (?:pay )?(?:raise|rise) to (?=[$€£]?\p{N})`,
      "$<self>'s salary is now ",
    ),
  // "Ada is under Dave now."
  (text, self) =>
    text.replace(
      exact`\b(?<self>${self}) (?:is|are|am) (?:now )?(?:under|working under|reporting to) (?=\p{Lu}\p{Ll}+(?: now)?(?:[.,!]|$))`,
      "$<self> reports to ",
    ),
  // "Ada is back at work."
  (text) =>
    text.replace(
      /\b(?<is>is|am|are|'m|went|has gone) (?:finally |now )?back (?:at|to) work(?=[.,!]|$| (?:now|on|since|today|from|after)\b)/u,
      "$<is> back at work and is no longer on leave",
    ),
];

/** Of verbs that take no "-er". */
const TRADE_OF: Readonly<Record<string, string>> = {
  act: "actor",
  cook: "cook",
  cod: "coder",
  translat: "translator",
  program: "programmer",
  write: "writer",
  bake: "baker",
  drive: "driver",
  dance: "dancer",
};
