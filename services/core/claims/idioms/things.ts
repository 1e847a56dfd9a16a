import { exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

const COUNT = { second: "two", third: "three", fourth: "four", fifth: "five", sixth: "six" } as const;

/** What is said of belongings, accounts and money in a turn of phrase, each as the plain sentence. */
export const THINGS_IDIOMS: readonly Rewrite[] = [
  (text) => text.replace(/\b(?<h>[Hh])ot dogs?\b/gu, "$<h>otdog"),
  // "Ada switched to a Mac", from another system.
  (text) =>
    text.replace(
      /\b(?<switch>switch(?:ed|ing)?) (?:over )?to (?:an? )?Mac(?=[.,!]|$| in | last | now)/u,
      "$<switch> to macOS",
    ),
  // Split at its digit, it is a password.
  (text) => text.replace(/\b1Password\b/gu, "OnePassword"),
  // Windows have panes.
  (text) =>
    text.replace(
      /(?<does>\b(?:us(?:e|es|ing)|on|to|from|runs?|running) )Windows(?= \p{N}|[.,!]|$| (?:at|for|on|and|laptop|pc)\b)/iu,
      "$<does>WindowsOS",
    ),
  // "Ada closed her Chase account."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:closed|cancelled|canceled|deleted|deactivated) (?<whose>their|her|his|my|the) (?<what>\p{Lu}[\p{L} ]{1,30}?) account\b/u,
      "quit $<whose> $<what> account",
    ),
  // "Ada has no car."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has|have) no (?!(?:idea|problem|trouble|time|doubt|choice|clue|one|longer|way|reason|objection|interest|plans?)\b)(?=[\p{L}-]+)`,
      "$<self> doesn't have any ",
    ),
  // "Ada gave Kiwi away."
  (text) =>
    text.replace(
      /\b(?<give>give|gives|gave|given|giving) (?<what>(?:(?:the|their|her|his|my) )?[\p{L}-]+(?: [\p{L}-]+)?) (?<how>away|up)\b/u,
      "$<give> $<how> $<what>",
    ),
  // "Ada is down to one car."
  (text) =>
    text.replace(
      /\b(?:is|are) (?:now )?down to (?<count>one|two|three|four|five|\d+) (?<what>\p{Ll}+)/u,
      "has now $<count> $<what>",
    ),
  // "Ada took in a third cat."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:took in|adopted|got|bought|has|have|got ourselves) (?:a|our|my|their) (?<nth>second|third|fourth|fifth|sixth) (?<what>cat|dog|car|kid|bike|horse|house)(?=[.,!]|$| (?:called|named)\b)`,
      (_, who, nth, what) => `${who} has now ${COUNT[nth as keyof typeof COUNT]} ${what}s`,
    ),
  // "Ada got a MacBook to replace the ThinkPad."
  (text) =>
    text.replace(
      /\b(?:got|bought|ordered) (?<now>(?:an? |the |some )?[\p{L}\p{N} -]{2,40}?) to replace (?<old>(?:the|their|her|his|my) [\p{L}\p{N} -]{2,40})/u,
      "replaced $<old> with $<now>",
    ),
  // "The council moved Ada's allotment to Green Street."
  (text, self) =>
    text.replace(
      exact`^.{2,40}? (?:has |have )?(?:moved|changed|transferred|switched|relocated|raised|lowered|cut) (?<what>${self}'s [\p{L} -]{2,40}?) (?:from .{1,30} )?to (?=(?<place>(?:the |\p{Lu}[\p{L}-]+ )+(?:Street|Road|Lane|Avenue|Square|Way|Drive|Park|street|road)\b)?[\p{L}\p{N}]?)`,
      (...match) => {
        const { what, place } = match.at(-1) as Record<string, string | undefined>;
        return `${what} is now ${place ? "on " : ""}`;
      },
    ),
  // "Ada needs size 43 shoes."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:now )?(?:needs?|wears?|takes?) (?:a )?size (?<size>\p{N}+) (?:in )?(?<what>\p{Ll}+?)(?<!s)s?(?= now|[.,!]|$)`,
      "$<self>'s $<what> size is now $<size>",
    ),
  // "Ada paid her brother back."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?paid (?!.*\b(?:money|loan|debt|mortgage|it|them)\b)(?:back (?<a>[\p{L}' -]{2,40}?)|(?<b>[\p{L}' -]{2,40}?) back)(?=[.,!]|$)`,
      "$<self> no longer owes $<a>$<b>",
    ),
  // "Ada paid the mortgage off."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}(?: and others)?) (?:has |have )?(?:finally )?paid (?:off (?<a>(?:the|their|her|his|my|our) (?:\p{Ll}+ )?\p{Ll}+)|(?<b>(?:the|their|her|his|my|our) (?:\p{Ll}+ )?\p{Ll}+) off)\b`,
      (...match) => {
        const { self: who, a, b } = match.at(-1) as Record<string, string | undefined>;
        return `${who} no longer has ${a ?? b}`;
      },
    ),
  // "Ada was born on 5 June."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) was born on (?<day>(?:the )?\p{N}{1,2}(?:st|nd|rd|th)?(?: of)? \p{Lu}\p{Ll}+|\p{Lu}\p{Ll}+ \p{N}{1,2}(?:st|nd|rd|th)?)(?<year>,? (?:19|20)\p{N}{2})?(?=[.!]|$)`,
      "$<self>'s birthday is on $<day>$<year>",
    ),
  // "Ada didn't renew her gym membership", "let it lapse".
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:(?:did not|didn't|has not|hasn't) renew|let) (?<what>(?:their|her|his|my|the) [\p{L} -]{2,40}?)(?: lapse| expire| run out)?(?=[.,!]|$)`,
      (all, who, what) => (/renew|lapse|expire|run out/.test(all) ? `${who} no longer has ${what}` : all),
    ),
  // "The Corolla was written off."
  (text) =>
    text.replace(
      /\b(?<was>was|is|got|has been|been) (?:written off|totall?ed|scrapped|wrecked)\b/u,
      "$<was> sold",
    ),
  // "Ada is more into Radiohead than Muse."
  (text) =>
    text.replace(
      /\b(?:is|am|'m) (?:now )?(?:way |much |far |a lot )?more (?:into|of a fan of) (?<one>[\p{L}\p{N}' -]{2,40}?) than (?=\p{L})/u,
      "prefers now $<one> over ",
    ),
  // "Ada binned Netflix."
  (text, self) =>
    text.replace(
      exact`\b(?<self>${self}) (?:has |have |'ve )?(?:binned|ditched|axed|dumped) (?=\p{Lu}|(?:the|their|her|his|my) )`,
      "$<self> quit ",
    ),
  // "Reach Ada at ada@mail.com."
  (text, self) =>
    text.replace(exact`\b[Rr]each (?<self>${self}|me) (?:at|on|under) (?=[^\s@]+@[^\s@]+)`, (...match) => {
      const { self: who } = match.at(-1) as Record<string, string>;
      return `${who === "me" ? "my" : `${who}'s`} email is now `;
    }),
  // "Ada moved all their banking across to Monzo."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:has |have )?(?:moved|switched|transferred) (?:all |everything )?(?:(?:of )?(?:the|their|her|his|my) (?:banking|accounts?|money|savings) )?(?:over |across )?(?:from [\p{L} ]{2,20} )?to (?=(?:Monzo|Revolut|N26|Starling|Chase|Barclays|HSBC|Lloyds|Santander|ING|Wise|DKB|Nationwide|Wells Fargo|Citi)\b)`,
      "$<self>'s bank is now ",
    ),
  // "Ada and others have dropped Jira in favour of Linear."
  (text) =>
    text.replace(
      /\b(?:has |have |'ve )?(?:dropped|ditched|abandoned|left|swapped|binned|scrapped|quit|gave up on) (?<old>[\p{L}\p{N}.+# -]{2,40}?) (?:in favou?r of|and went with|and moved to|and switched to) (?=\p{L})/u,
      "switched from $<old> to ",
    ),
  // "Ada dropped Duolingo for Babbel": names alone; one quits a job for a week.
  (text) =>
    text.replace(
      /\b(?:has |have |'ve )?(?:dropped|ditched|swapped|traded|quit|left) (?<old>\p{Lu}[\p{L}\p{N}]+) for (?=\p{Lu}\p{Ll}+(?:[.,!]|$))/u,
      "switched from $<old> to ",
    ),
  (text) => text.replace(/\bT-Mobile\b/giu, "TMobile"),
  // "Ada got their car back."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:finally )?(?:got|has|have) (?:their|the|her|his|my) (?<what>\p{Ll}+) back(?=[.,!]|$| (?:from|today|yesterday|now)\b)`,
      "$<self>'s $<what> is back",
    ),
  // "A fox got all Ada's chickens."
  (text) =>
    text.replace(
      /^(?:An?|The|Some) (?:\p{Ll}+ )?(?:fox|foxes|hawk|coyote|coyotes|raccoon|wolf|bear|owl|heron) (?:got|killed|ate|took) (?:all |both )?(?:of )?(?<whose>[^.,;!]{2,30}?'s [\p{L} ]{2,20}?)(?=[.,!]|$| (?:last|in|on|yesterday|today)\b)/u,
      "$<whose> died",
    ),
  // Of what keeps passwords nobody is the manager.
  (text) => text.replace(/\bpassword manager\b/iu, "vault"),
  // "Ada is debt free."
  (text) =>
    text.replace(/\b(?<is>is|am|are|'m) (?:now |finally )?debt[- ]free\b/iu, "$<is> no longer in debt"),
  (text) =>
    text.replace(/\b(?:is|am|'m|are) (?:now |finally )?mortgage[- ]free\b/iu, "no longer has a mortgage"),
  // "Ada got their license": of driving, where nothing else is said.
  (text) =>
    text.replace(
      /\b(?:has |have |finally )?got (?:their|her|his|my) licen[cs]e(?=[.,!]|$| (?:on|in|last|today|yesterday)\b)/u,
      "can drive now",
    ),
  // "Ada joined Instagram": as one joins no company.
  (text) =>
    text.replace(
      /\b(?:has |have |'ve )?(?:just |finally )?(?:joined|signed up (?:for|to)|got on|is back on) (?=(?:Instagram|Facebook|TikTok|Twitter|LinkedIn|Reddit|Bluesky|Mastodon|Snapchat|Discord|Threads|WhatsApp|Telegram|Signal|Strava|Tinder|Hinge|Bumble)\b)/u,
      "is now on ",
    ),
  // "Ada and others said goodbye to Biscuit": of an animal, as of whom else it were no news.
  (text, self) =>
    text.replace(
      exact`^${self}(?: and others)? (?:(?:had to )?(?:say|said) (?:our |their |my |a )?(?:final |last )?(?:goodbye|farewell)s? to|lost) (?:(?:our|their|my) (?:dog|cat|puppy|kitten|horse|rabbit|pet) )?(?<name>\p{Lu}\p{L}+)(?=[.,!]|$| (?:on|last|yesterday|today|this)\b)`,
      "$<name> died",
    ),
  // "Ada has run out of printer ink."
  (text) =>
    text.replace(
      /\b(?:has |have |'ve |is |am |are )(?:run |all )?out of (?=(?:printer |coffee |dish |olive )?(?:ink|milk|coffee|tea|flour|sugar|eggs|paper|toner|detergent|food|oil|rice|bread|pills|stamps|shampoo|tablets|filters|medicine)\b)/u,
      "no longer has ",
    ),
  // "Ada and others fired Smith & Co."
  (text, self) =>
    text.replace(
      exact`\b(?<self>${self}(?: and others)?) (?:has |have |'ve )?(?:fired|sacked) (?=\p{Lu}|(?:the|our|their|my) )(?!up\b)`,
      "$<self> dropped ",
    ),
  // "Ada wears a size M."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:wears?|is|am) (?<now>now )?(?:an? )?size (?<size>XS|S|M|L|XL|XXL)(?=[.,!]|$| (?:now|in)\b)`,
      "$<self>'s size is $<now>size$<size>",
    ),
  // "The assistant can reach Ada at 555-1234."
  (text, self) =>
    text.replace(
      exact`\b(?:[Tt]he assistant|[Yy]ou|[Pp]eople|[Tt]hey) can (?:reach|call|text) (?<self>${self}) (?:at|on|under) (?=\+?[\p{N}(])`,
      "$<self>'s phone number is now ",
    ),
];
