import type { Rewrite } from "./rewrites.ts";

const PLACE = String.raw`(?<place>\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)*)`;
const NOW = String.raw`(?:now|these days|for (?:us|me|now))`;

/** What is offered; the music is only turned down. */
const TURNED_DOWN = String.raw`(?:the|their|her|his|my) (?:[\p{Ll}-]+ ){0,2}?(?:job|offer|role|position|place|promotion|invitation|proposal|contract|scholarship)`;
const COUNT = { second: "two", third: "three", fourth: "four", fifth: "five", sixth: "six" } as const;

/** What is said of common attributes in a turn of phrase, each as the plain sentence. */
export const IDIOMS: readonly Rewrite[] = [
  // "Ada packed up, and Leipzig is home now."
  (text, self) => {
    const who = new RegExp(String.raw`^${self}(?= )`, "u").exec(text)?.[0];
    const said = new RegExp(
      String.raw`(?:^|, | and )${PLACE} (?:is|has become|became) (?:our |their |my )?home(?: ${NOW})?[.!]*$`,
      "u",
    );
    return who ? text.replace(said, `, and ${who} lives now in $<place>.`) : text;
  },
  // "Deloitte let Ada go in the last round."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:the company )?(?<firm>.{2,40}?) (?:has |have )?(?:let (?<self>${self}) go(?! (?:to|home|early|on|with|out|first|through|for)\b)|laid (?<other>${self}) off)\b`,
        "u",
      ),
      (_, firm, first, second) => `${first ?? second} no longer works at ${firm}`,
    ),
  // "Ada got bumped up to senior developer."
  (text) => text.replace(/\b(?:got|was|been|is) (?:bumped|moved) up to (?=\p{Ll})/u, "was promoted to "),
  (text) => text.replace(/\bgot promoted (?=to|from)/u, "was promoted "),
  // "Ada has been seeing someone for a month."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:is|has been|have been|'s been|am|'m|'ve been) (?:now )?seeing (?:someone|somebody|a (?:girl|guy|man|woman))(?! (?:else|about|for|at|from)\b)(?: (?:called|named|new,?))*`,
        "u",
      ),
      "$<self> is dating",
    ),
  // "Ada took in a third cat."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self})(?: and others)? (?:took in|adopted|got|bought|has|have|got ourselves) (?:a|our|my|their) (?<nth>second|third|fourth|fifth|sixth) (?<what>cat|dog|car|kid|bike|horse|house)(?=[.,!]|$| (?:called|named)\b)`,
        "u",
      ),
      (_, who, nth, what) => `${who} has now ${COUNT[nth as keyof typeof COUNT]} ${what}s`,
    ),
  // "Ada's company relocated Ada to Vienna."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^.{2,40}? (?:relocated|transferred|moved|posted) (?<self>${self}) (?:over |out )?to (?=\p{Lu})(?!.* for (?:an?|the|one|two|three|some|\p{N}))`,
        "u",
      ),
      "$<self> relocated to ",
    ),
  // "Ada has set up her own practice."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:has |have |'ve )?(?:set up|started|opened|founded|launched) (?<own>(?:their|her|his|my) own (?:\p{Ll}+ ){0,2}(?:practice|business|company|firm|studio|shop|agency|consultancy|restaurant|bakery|clinic|startup|salon|café|cafe|bar|gallery|school|brand))(?=[.,!]|$| last | this )(?!.*\bago\b)`,
        "u",
      ),
      "$<self> works now at $<own>",
    ),
  // "Ada stepped down as CTO."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:stepped down|resigned|stood down|quit) as (?:the |an? )?(?=\p{L})/u,
      "is no longer ",
    ),
  (text) => text.replace(/\b(?:has |have )?graduated from (?=\p{Lu})/u, "is no longer a student at "),
  // "Ada switched her major to chemistry."
  (text) =>
    text.replace(
      /\b(?:switched|changed) (?:(?:their|her|his|my) )?(?:major|degree|course|subject)s? (?:from [\p{L} ]{3,30}? )?to /u,
      "studies now ",
    ),
  // "Luis is Ada's ex now."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<who>\p{Lu}[\p{L}-]+) is (?:now )?(?<self>${self})'s ex(?:-\p{Ll}+)?(?: now)?(?=[.,!]|$)`,
        "u",
      ),
      "$<self> broke up with $<who>",
    ),
  // "Ada got a MacBook to replace the ThinkPad."
  (text) =>
    text.replace(
      /\b(?:got|bought|ordered) (?<now>(?:an? |the |some )?[\p{L}\p{N} -]{2,40}?) to replace (?<old>(?:the|their|her|his|my) [\p{L}\p{N} -]{2,40})/u,
      "replaced $<old> with $<now>",
    ),
  // "Ada dyed her hair red", "has brown hair".
  (text, self) =>
    text.replace(
      new RegExp(String.raw`^(?<self>${self}) dyed (?:their|her|his|my) hair (?=\p{Ll})`, "u"),
      "$<self>'s hair is now ",
    ),
  (text, self) =>
    text.replace(
      new RegExp(String.raw`^(?<self>${self}) (?:has|have) (?<color>\p{Ll}+) hair(?=[.,!]|$)`, "u"),
      "$<self>'s hair is $<color>",
    ),
  // "Ada turned the new job down."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^${self} (?:has |have )?turned (?:down (?<a>${TURNED_DOWN})|(?<b>${TURNED_DOWN}) down)(?=[.,!]|$)`,
        "u",
      ),
      "$<a>$<b> is cancelled",
    ),
  // "Ada works part-time", "has gone full-time".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?<verb>works?|has gone|have gone|went|switched to|changed to|is|goes) (?<now>now )?(?<time>(?:full|part)[- ]time)(?= now|[.,!]|$)`,
        "u",
      ),
      (_, who, verb, now, time) =>
        `${who}'s hours are ${now || !/^(?:works?|is)$/.test(verb) ? "now " : ""}${time.replace(" ", "-")}`,
    ),
  // "The council moved Ada's allotment to Green Street."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^.{2,40}? (?:has |have )?(?:moved|changed|transferred|switched|relocated|raised|lowered|cut) (?<what>${self}'s [\p{L} -]{2,40}?) (?:from .{1,30} )?to (?=[\p{L}\p{N}])`,
        "u",
      ),
      "$<what> is now ",
    ),
  // "Ada needs size 43 shoes."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:now )?(?:needs?|wears?|takes?) (?:a )?size (?<size>\p{N}+) (?:in )?(?<what>\p{Ll}+?)(?<!s)s?(?= now|[.,!]|$)`,
        "u",
      ),
      "$<self>'s $<what> size is now $<size>",
    ),
  // "Ada paid her brother back."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:has |have )?paid (?!.*\b(?:money|loan|debt|mortgage|it|them)\b)(?:back (?<a>[\p{L}' -]{2,40}?)|(?<b>[\p{L}' -]{2,40}?) back)(?=[.,!]|$)`,
        "u",
      ),
      "$<self> no longer owes $<a>$<b>",
    ),
  (text) => text.replace(/\b(?:has |have )?learn(?:ed|t) (?:how )?to (?=\p{Ll}{2,12}\b)/u, "can now "),
  // "Ada is a mother of three", "is teetotal".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:is|am|'s|'m) (?:a |the )?(?:proud )?(?:mother|father|mum|mom|dad|parent) (?:of|to) (?<n>\p{L}+|\p{N}+)(?: children| kids)?(?=[.,!]|$)`,
        "u",
      ),
      "$<self> has $<n> children",
    ),
  (text) =>
    text.replace(
      /\b(?:is|am|'m|'s) (?<now>now )?(?:teetotal|an? teetotall?er)\b/u,
      "doesn't drink alcohol$<now>",
    ),
  // "Ada's employer is Lidl."
  (text, self) =>
    text.replace(
      new RegExp(String.raw`^(?<self>${self})'s (?:new |current )?employer is (?<now>now )?(?=\p{L})`, "u"),
      "$<self> works $<now>at ",
    ),
  // "Hiking is something that Ada enjoys."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<what>\p{L}+(?: \p{L}+){0,2}) (?:is|are) (?:something|things?|what) (?:that )?(?<does>${self} (?:really )?\p{Ll}+)[.!]*$`,
        "u",
      ),
      "$<does> $<what>",
    ),
  // "Nuts set off Ada's allergy."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<what>\p{L}+(?: \p{L}+)?) (?:sets? off|triggers?) (?<self>${self})'s allerg(?:y|ies)\b`,
        "iu",
      ),
      "$<self> is allergic to $<what>",
    ),
  // "Ada finally has her own place."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:finally |now )?(?:has|have|got) (?:their|her|his|my|a) (?:own (?:place|flat|apartment|home)|(?:place|flat|apartment|home) of (?:their|her|his|my) own)(?=[.,!]|$)`,
        "u",
      ),
      "$<self> lives now alone",
    ),
  // "Ada didn't renew her gym membership", "let it lapse".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:(?:did not|didn't|has not|hasn't) renew|let) (?<what>(?:their|her|his|my|the) [\p{L} -]{2,40}?)(?: lapse| expire| run out)?(?=[.,!]|$)`,
        "u",
      ),
      (all, who, what) => (/renew|lapse|expire|run out/.test(all) ? `${who} no longer has ${what}` : all),
    ),
  // "Ada tore a ligament, so no marathon for Ada this year."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`(?<before>^|,? so |[.;] )no (?<what>[\p{Ll} -]{2,30}?) for (?:${self}|me|us)(?= (?:this|in \p{N}{4}|after all|any ?more|now)\b)`,
        "u",
      ),
      "$<before>the $<what> is cancelled",
    ),
  // "Ada's birth year is 1985."
  (text, self) =>
    text.replace(
      new RegExp(String.raw`^(?<self>${self})'s (?:birth year|year of birth) is (?=\d{4})`, "u"),
      "$<self> was born in ",
    ),
];
