import { anyCased, exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

/** What is said of those around one in a turn of phrase, each as the plain sentence. */
export const PEOPLE_IDIOMS: readonly Rewrite[] = [
  // "The kids moved to Oakfield Primary", "Ada moved the kids there".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:has |have )?(?:moved|switched|transferred) (?:(?:the|their|her|his|my|our) (?<kin>kids?|children|sons?|daughters?|boys?|girls?)) to (?=(?:\p{Lu}[\p{L}'.-]* ){1,4}?(?:Primary|Elementary|School|Academy|College|Nursery|High|Prep|Kindergarten|Montessori|Middle|Grammar)\b)`,
      "$<self>'s $<kin> go now to ",
    ),
  (text) => text.replace(/\b(?:tied the knot|got hitched|said (?:["“]I do["”]|our vows))\b/u, "got married"),
  // "Ada let her cleaner go."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}(?: and others)?) (?:has |have )?(?:let (?<what>(?:their|her|his|my|our|the) (?:\p{Ll}+ )?\p{Ll}+) go\b|(?:parted ways with|dismissed) (?<other>(?:their|her|his|my|our|the) (?:\p{Ll}+ )?\p{Ll}+))`,
      (...match) => {
        const { self: who, what, other } = match.at(-1) as Record<string, string | undefined>;
        return `${who} no longer has ${what ?? other}`;
      },
    ),
  // "Theo started year 4."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:just |now )?(?:started|starts|moved (?:up )?(?:in)?to|went (?:up )?into) (?=(?:year|grade|form) \p{N}|(?:first|second|third|fourth|fifth|sixth|seventh|eighth|\p{N}+(?:st|nd|rd|th)) (?:grade|form|class)\b|(?:reception|kindergarten|preschool|nursery|(?:primary|secondary|middle|high) school)\b)/u,
      "is now in ",
    ),
  // "Half of Zalando got laid off."
  (text) =>
    text.replace(/^(?:Half|Most|Some|Many|Part|All|A (?:lot|third|quarter|bunch|few)) of (?=\p{Lu})/u, ""),
  // "Zalando laid off half of its people, luckily not Ada."
  (text, self) =>
    text.replace(
      exact`,? (?:but )?(?:luckily|thankfully|fortunately|thank (?:god|goodness)),? not (?:${self}|me|us)(?=[.,!]|$)`,
      "",
    ),
  // Split at its hyphens, a mother-in-law is a mother.
  (text) => text.replace(/\b(?<kin>\p{Ll}+)-in-law\b/gu, "$<kin>inlaw"),
  // "A colleague of Ada's quit."
  (text, self) =>
    text.replace(
      exact`^(?:An?|One|Two|Some|Both) (?:of )?(?<kin>\p{Ll}+) of (?<self>${self}|mine)(?:'s)? `,
      (_, kin, who) => `${who === "mine" ? "My" : `${who}'s`} ${kin} `,
    ),
  (text, self) =>
    text.replace(exact`^(?:One|Some|Two|Three|Most|All|Half) of (?<self>${self})'s `, "$<self>'s "),
  // "A guy at work quit", "the man next door", "somebody Ada knows".
  (text, self) =>
    text.replace(
      anyCased`^(?<who>(?:(?:an?|the|that|this|some) (?:\p{Ll}+ )?(?:guy|man|woman|lady|girl|boy|bloke|dude|person|couple|people|folks)|somebody|someone|people)) (?:next door|across the (?:road|street|hall)|downstairs|upstairs|(?:at|from|in) (?:(?:the|their|her|his|my|our) )?(?:work|office|gym|school|church|class|team|club|building|street|village)|(?:that |who |whom )?${self} (?:knows?|met|works? with|used to know)) `,
      "$<who> ",
    ),
  // Of best friends there is one at a time.
  (text) => text.replace(/\bbest (?:friend|mate|buddy)\b/u, "bestie"),
  (text, self) =>
    text.replace(
      exact`^(?:(?<a>\p{Lu}[\p{L}-]+) and (?<self>${self})|(?<other>${self}) and (?<b>\p{Lu}[\p{L}-]+)) (?:don't|do not|no longer|aren't|are not) (?:really )?(?:talk|speak|hang out|friends|see each other|in touch|close)\b.*`,
      (_, a, self1, self2, b) => `${a ?? b} used to be ${self1 ?? self2}'s bestie.`,
    ),
  // "Ada fell out with Priya", "doesn't talk to Priya any more".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:(?:fell|fallen|had a falling) out with|(?:(?:doesn't|does not|don't|do not) (?:really )?(?:talk|speak) to|(?:is|am) not friends with) (?=[^.,]{2,30} any ?(?:more|longer)\b)|no longer (?:talks|speaks) to|(?:is|am) no longer friends with) ?(?<who>\p{Lu}[\p{L}-]+)(?! (?:about|over) ).*`,
      "$<who> used to be $<self>'s bestie.",
    ),
  // "Ada has been seeing someone for a month."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:is|has been|have been|'s been|am|'m|'ve been) (?:now )?seeing (?:someone|somebody|a (?:girl|guy|man|woman))(?! (?:else|about|for|at|from)\b)(?: (?:called|named|new,?))*`,
      "$<self> is dating",
    ),
  // "Luis is Ada's ex now."
  (text, self) =>
    text.replace(
      exact`^(?<who>\p{Lu}[\p{L}-]+) is (?:now )?(?<self>${self})'s ex(?:-\p{Ll}+)?(?: now)?(?=[.,!]|$)`,
      "$<self> broke up with $<who>",
    ),
  // "Ada is a mother of three", "is teetotal".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:is|am|'s|'m) (?:a |the )?(?:proud )?(?:mother|father|mum|mom|dad|parent) (?:of|to) (?<n>\p{L}+|\p{N}+)(?: children| kids)?(?=[.,!]|$)`,
      "$<self> has $<n> children",
    ),
  // "Ada's birth year is 1985."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})'s (?:birth year|year of birth) is (?=\d{4})`,
      "$<self> was born in ",
    ),
  // "Anna isn't Ada's friend any more."
  (text, self) =>
    text.replace(
      exact`^(?<who>\p{Lu}[\p{L}-]+) (?:is not|isn't|is no longer) (?<whose>${self}'s) (?<kin>\p{Ll}+)(?<tail> any ?more| any longer| now)?(?=[.,!]|$)`,
      (all, who, whose, kin, tail) =>
        tail || /no longer/u.test(all) ? `${who} used to be ${whose} ${kin}` : all,
    ),
  // "Ada became a father last week."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:just |recently )?(?:became|become) (?:a |an )?(?:proud )?(?:mother|father|mum|mom|dad|parent)s?(?! (?:figure|to (?:two|three|four))\b)`,
      "$<self> has a child now",
    ),
  // "Ada's third child was born in May."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)?'s (?<nth>second|third|fourth|fifth) (?:child|kid|baby) (?:was born|is born|arrived|is here)(?=[.,!]|$| )`,
      (...match) => {
        const { self: whose, nth } = match.at(-1) as Record<string, string>;
        return `${whose} has ${["second", "third", "fourth", "fifth"].indexOf(nth ?? "") + 2} children now`;
      },
    ),

  // "Ada and others buried Nibbles in the garden."
  (text, self) =>
    text.replace(
      exact`^${self}(?: and others)? (?:has |have |had to )?bur(?:ied|y) (?:our |their |my )?(?:(?:poor|old|dear|little) )?(?<name>\p{Lu}[\p{L}-]+)(?! (?:Treasure|Bay)\b)(?=[.,!]|$| (?:in|at|under|on|yesterday|today|last|next|by)\b)`,
      "$<name> died",
    ),
  // "Max had his tenth birthday."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:had|celebrated|just had) (?:his|her|their|my|our) (?<nth>\p{Ll}+|\p{N}+(?:st|nd|rd|th)) birthday\b/u,
      (all, ...match) => {
        const { nth = "" } = match.at(-1) as Record<string, string>;
        const years = /^\p{N}/u.test(nth) ? Number.parseInt(nth, 10) : BIRTHDAYS.indexOf(nth) + 1;
        return years > 0 ? `turned ${years}` : all;
      },
    ),
  // "Ada and others are getting married in June."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:is|are|am) getting married (?=(?:on|in) (?:\p{N}|\p{Lu}))`,
      "$<self>'s wedding is ",
    ),
  (text) => text.replace(/\b(?<is>is|are|am|'m) an only child\b/u, "doesn't have any siblings"),
  (text) =>
    text.replace(
      /\b(?<has>doesn't have|does not have|don't have|has|have) (?:any |no )(?:brothers (?:or|and) sisters|sisters (?:or|and) brothers)\b/u,
      "doesn't have any siblings",
    ),
  // "Ada is a 1988 baby."
  (text) =>
    text.replace(
      /\b(?:is|am|'m|was) an? (?<year>(?:19|20)\d\d) (?:baby|kid|child)\b/u,
      "was born in $<year>",
    ),

  // "Ada's sister and Rob got married."
  (text, self) =>
    text.replace(
      exact`^(?<one>${self}'s \p{Ll}+(?: \p{Lu}[\p{L}-]+)?|\p{Lu}[\p{L}-]+) and (?<other>\p{Lu}[\p{L}-]+) (?:got married|are married|married each other)\b`,
      "$<one> is now married to $<other>",
    ),

  // "Turned the big 35."
  (text) => text.replace(/\bturned the big (?=\p{N})/u, "turned "),
  // "Chris dumped Ada", "Ada's wife left Ada".
  (text, self) =>
    text.replace(
      exact`^(?<who>\p{Lu}[\p{L}-]+|(?:${self}'s|[Mm]y) (?:wife|husband|partner|boyfriend|girlfriend|fianc[eé]e?)(?: \p{Lu}[\p{L}-]+)?) (?:has |have )?(?:just )?(?:dumped|left|broke up with|walked out on) (?<self>${self})(?=[.,!]|$| (?:last|in|on|yesterday|today|after|because|this|for)\b)`,
      "$<self> and $<who> broke up",
    ),
  // "Ada's kid is at Roosevelt Middle School now."
  (text) =>
    text.replace(
      /\b(?:is|'s) (?<now>now )?(?:at|in) (?=(?:\p{Lu}[\p{L}.'-]* ){1,3}(?:School|Academy|Elementary|Primary|Middle|High)\b)/u,
      "goes $<now>to ",
    ),
  // "Ada prefers to be called Alex", "Ada's pronouns are he/him."
  (text) =>
    text.replace(
      /\b(?:prefers?|likes?|wants?|would like) (?:to be called|being called|to go by|going by) (?=\p{Lu})/u,
      "goes by ",
    ),
  (text) =>
    text.replace(
      /\b(?<one>he|she|they|xe|ze)\/(?<other>him|her|them|they|xem|zir|hir)\b/iu,
      "$<one>$<other>",
    ),
  // "Ada found out that Ada has a half brother."
  (text, self) =>
    text.replace(
      exact`^(?:${self}) (?:has |have )?(?:just |recently )?(?:found out|learned|learnt|discovered|realized|realised) (?:that )?(?=${self} (?:has|have|is|am)\b)`,
      "",
    ),
  // "Ada's son wants to be a pilot."
  (text, self) =>
    text.replace(
      exact`^(?<now>[Nn]ow,? )?(?<who>${self}'s \p{Ll}+(?: \p{Lu}[\p{L}-]+)?|\p{Lu}[\p{L}-]+) (?:now )?wants to (?:be|become) (?=an? \p{Ll}+(?:[.,!]|$| (?:now|when)\b))`,
      (...match) => {
        const { now, who } = match.at(-1) as Record<string, string | undefined>;
        return `${who}'s ambition is ${now ? "now " : ""}`;
      },
    ),
  // "Ada and others' CEO is Pat Lee."
  (text, self) => text.replace(exact`^(?<self>${self}) and others'(?:s)? (?=\p{L})`, "$<self>'s "),
  // "Ada has a 2 year old daughter."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:has|have) an? (?<years>\p{N}{1,2})[- ]years?[- ]old (?<kin>son|daughter|boy|girl|niece|nephew|grandson|granddaughter|brother|sister)(?=[.,!]|$)`,
      "$<self>'s $<kin> is $<years>",
    ),
  // "Ada's brother and Ada made up."
  (text, self) =>
    text.replace(
      exact`^(?:(?<a>[^,;:]{2,40}?) and (?<self>${self})|(?<other>${self}) and (?<b>[^,;:]{2,40}?)) (?:have |has )?(?:made up|reconciled|are (?:talking|speaking|friends) again|are on speaking terms)(?: again| now)?(?=[.,!]|$)`,
      (...match) => {
        const { a, b, self: one, other } = match.at(-1) as Record<string, string | undefined>;
        return `${one ?? other} speaks to ${a ?? b} now`;
      },
    ),
  // "Ada's son was born in May."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)?'s (?<kin>son|daughter|first child|baby) (?:was born|has arrived|arrived|is here)(?=[.,!]|$| (?:in|on|last|yesterday|today|this)\b)`,
      "$<self> has now a $<kin>",
    ),
  // "Ada has got two boys."
  (text) =>
    text.replace(
      /\b(?<has>has|have)(?: got)? (?<count>two|three|four|five|\p{N}) (?<who>boys|girls)(?=[.,!]|$| and\b)/u,
      (...match) => {
        const { has, count, who } = match.at(-1) as Record<string, string>;
        return `${has} ${count} ${who === "boys" ? "sons" : "daughters"}`;
      },
    ),
  // "Everyone calls Ada Bob."
  (text, self) =>
    text.replace(
      anyCased`^(?:everyone|everybody|people|they|friends|most people|${self}'s (?:friends|family|colleagues|wife|husband|mom|mum|dad|parents)) calls? (?<self>${self}) (?=\p{Lu}\p{L}+(?:[.,!]|$))`,
      "$<self>'s nickname is ",
    ),
];

/** Each the birthday after so many years. */
const BIRTHDAYS =
  "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(
    " ",
  );
