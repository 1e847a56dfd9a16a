import { exact } from "../pattern.ts";
import type { Rewrite } from "../rewrites.ts";

const PLACE = String.raw`(?<place>\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)*)`;

const NOW = String.raw`(?:now|these days|for (?:us|me|now))`;

/** One is in or on it for a while. */
const FOR_A_WHILE = String.raw`(?<where>(?:the |their |her |his |my )?(?:(?<within>jail|prison|hospital|rehab|quarantine|debt|icu|shop|army|navy|lockdown|isolation)|(?:\p{Ll}+ )?(?:vacation|holidays?|leave|sabbatical|honeymoon|tour|deployment|business trip|trip)))`;

/** What one moves to without moving house. */
const PRODUCT =
  "(?:Bitwarden|LastPass|Dashlane|KeePass|NordPass|(?:Apple|YouTube|Amazon) Music|Spotify|Tidal|Deezer|Netflix|Notion|Slack|Teams|Discord|Signal|WhatsApp|Telegram|Gmail|Outlook|Proton(?:mail)?|Evernote|Obsidian|GitHub|GitLab|Jira|Linear|Asana|Trello|Figma|Canva|Excel|Android|iOS|Linux|Windows|Ubuntu|Debian|Fedora|NixOS|macOS|AWS|Azure|GCP|Kubernetes|Postgres(?:QL)?|MySQL|MongoDB|Python|Rust|TypeScript|Kotlin|Swift|React|Vue|Svelte|ChatGPT|Claude|Gemini|Copilot|Vim|Neovim|Emacs|VS ?Code|Zed|Cursor|Firefox|Chrome|Safari|Brave|Vivaldi|Arc)";

/** What is said of where one lives and has been in a turn of phrase, each as the plain sentence. */
export const HOME_IDIOMS: readonly Rewrite[] = [
  // "After four years in Ghent Ada lives in Antwerp."
  (text) =>
    text.replace(
      /^After (?:almost |nearly |over |about )?(?:\p{Ll}+|\p{N}+) (?:happy |long |great )?(?:weeks?|months?|years?|decades?) in (?<before>\p{Lu}[\p{L}-]+),? (?<now>(?=.*\b(?:liv|mov)\p{Ll}+ (?:in|to)\b).+?)(?=[.!]*$)/u,
      "$<now>, not $<before>",
    ),
  // "Ada rents a flat in Hackney."
  (text) =>
    text.replace(
      /\b(?:rents?|(?:is|are|am|'s|'m) (?:currently |still )?renting)(?: an? (?:\p{Ll}+ ){0,2}?(?:flat|apartment|room|house|place|studio|bedsit|home))? in (?=\p{Lu})/u,
      "lives in ",
    ),
  // "Ada got the keys to her house in Walthamstow."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self})(?: and others)? (?:has |have )?(?:just |finally )?(?:got|picked up|collected) (?:the|their|her|his|my|our) keys (?:to|for|of) (?:the|an?|their|her|his|my|our|${self}'s) (?:\p{Ll}+ ){0,2}?(?:flat|apartment|house|place|home) in (?=\p{Lu})`,
      "$<self> moved to ",
    ),
  // "Ada moved to Linux", "moved to the marketing team".
  (text) =>
    text.replace(
      exact`\b(?<be>(?:is|are|am|will be) )?mov(?<form>ed|ing) (?:(?:everything|all (?:of it|\p{Ll}+ \p{Ll}+)) )?(?:over |back |across )?to (?=${PRODUCT}(?![\p{L}]))`,
      (_, be, form) => `${be ?? ""}switch${form} to `,
    ),
  // "Ada is out of the hospital", "is back from leave".
  (text) =>
    text.replace(
      exact`\b(?:is|are|am|'s|'m|got|came|has come|have come|was (?:released|discharged)|were (?:released|discharged)) (?:finally |now )?(?:back |home |out )*(?:of|from) ${FOR_A_WHILE}(?=[.,!]|$| (?:now|today|yesterday|on|since|last|this)\b)`,
      (...match) => {
        const { where, within } = match.at(-1) as Record<string, string | undefined>;
        return `${match[0].startsWith("'") ? " " : ""}is no longer ${within ? "in" : "on"} ${where}`;
      },
    ),
  // "Ada has never been to Japan."
  (text) =>
    text.replace(
      /\b(?<has>has|have|'ve|'s) (?<never>never |not |n't )?been to (?=\p{Lu})/u,
      "$<has> $<never>visited ",
    ),
  // "Ada packed up and now Ada is in Lyon for good."
  (text, self) =>
    text.replace(
      exact`(?<before>^|, |, and | and | so )(?:now )?(?<self>${self}) (?:is|are|am|'m) (?:now )?in ${PLACE} (?:for good|to stay|permanently)`,
      "$<before>$<self> moved to $<place>",
    ),
  // "Ada packed up, and Leipzig is home now."
  (text, self) => {
    const who = exact`^${self}(?= )`.exec(text)?.[0];
    const said = exact`(?:^|, | and )${PLACE} (?:is|has become|became) (?:our |their |my )?home(?: ${NOW})?[.!]*$`;
    return who ? text.replace(said, `, and ${who} lives now in $<place>.`) : text;
  },
  // "Ada's company relocated Ada to Vienna."
  (text, self) =>
    text.replace(
      exact`^.{2,40}? (?:relocated|transferred|moved|posted) (?<self>${self}) (?:over |out )?to (?=\p{Lu})(?!.* for (?:an?|the|one|two|three|some|\p{N}))`,
      "$<self> relocated to ",
    ),
  // "Ada finally has her own place."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:finally |now |just )?(?:has|have|got|moved into)(?: the keys to)? (?:their|her|his|my|a) (?:own (?:place|flat|apartment|home)|(?:place|flat|apartment|home) of (?:their|her|his|my) own)(?=[.,!]|$| (?:on|in|last|today|yesterday|now)\b)`,
      "$<self> lives now alone",
    ),
  // "Ada is on Pacific time now."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}) (?:is|am|'m|works?|lives?) (?<now>now )?(?:on|in) (?<zone>(?:(?:US )?(?:Pacific|Mountain|Central|Eastern|Atlantic|Greenwich|Central European|Eastern European|Western European|Indian|Japan|China|Moscow|Singapore)(?: standard| daylight| summer)?|[A-Z]{2,4}) time|CES?T|GMT|UTC|[PMCE][SD]T|BST|IST|JST|EES?T|WES?T|AES?T)(?=[.,!]| now| these days|$)`,
      (...match) => {
        const { self: who, now, zone } = match.at(-1) as Record<string, string | undefined>;
        return `${who}'s time zone is ${now ?? ""}${zone}`;
      },
    ),

  // "Manchester's home for Ada."
  (text, self) =>
    text.replace(
      exact`^(?:${self} said: )?(?<place>\p{Lu}[\p{L}-]+(?: \p{Lu}[\p{L}-]+)?)(?:'s| is) (?<now>now )?home (?:for|to) (?<self>${self})(?=[.,!]| now|$)`,
      "$<self> lives $<now>in $<place>",
    ),
  // "Ada signed the lease on a flat."
  (text) =>
    text.replace(
      /\b(?:has |have )?signed (?:the|a|our|their|my) (?:lease|contract|papers) (?:on|for) (?=(?:a|the|our|their|my) (?:\p{Ll}+ ){0,2}(?:flat|apartment|house|place|room|studio|office)\b)/u,
      "found ",
    ),

  // "Ada lives in a flat in Camden."
  (text) =>
    text.replace(
      /\b(?<lives>lives?|living|stay(?:s|ing)?) in (?<home>(?:an?|the|our|their|my|his|her) (?:[\p{Ll}-]+ ){0,3}?(?:flat|apartment|house|studio|cottage|bungalow|loft|condo|room|houseshare|flatshare)) in (?<place>\p{Lu}[\p{L}-]+(?: \p{Lu}[\p{L}-]+)?)/u,
      "$<lives> in $<place> in $<home>",
    ),

  // "The canteen shut its doors for good."
  (text) =>
    text.replace(
      /^(?<what>(?:The |the )?[\p{L}' -]{3,40}?) (?:has |have )?(?:shut|closed) (?:its|their) doors(?: for good| forever| permanently)?\b/u,
      "$<what> was closed down",
    ),
  // "Ada is back home from London": neither on the way nor there.
  (text) =>
    text.replace(
      /\b(?<is>is|are|am|'m) (?:finally |now )?(?:back home|home|back) from (?<place>\p{Lu}[\p{L} -]{1,30}?)(?=[.,!]|$| (?:now|today|yesterday|since|after|and)\b)/u,
      "$<is> back from $<place> and is no longer in $<place>",
    ),
  // "Ada lives in a flat share with three others."
  (text) =>
    text.replace(
      /\b(?<live>lives?|living) in an? (?:\p{Ll}+ )?(?:flat ?share|flat-share|house ?share|house-share|shared (?:flat|house|apartment|place))(?: with (?:\p{Ll}+|\p{N}+) (?:others?|people|roommates|flatmates|housemates|girls|guys|friends))?/u,
      "$<live> with roommates",
    ),
  // "Ada and others leave for Greece on 12 July": they go there.
  (text) =>
    text.replace(
      /\b(?<form>leaves?|left|leaving) for (?=\p{Lu}\p{Ll}+\b(?! (?:Inc|Ltd|GmbH)\b)[^.;]{0,30}\b(?:on|in|at|tomorrow|next|tonight|today|this|last|yesterday)\b)/u,
      (...match) => `${LEAVING[(match.at(-1) as { form: string }).form]} to `,
    ),
  // "Ada and others finally made the move to Portland."
  (text) =>
    text.replace(
      /\b(?:has |have |'ve )?(?:finally |just )?made the (?:big )?move to (?=\p{Lu})/u,
      "moved to ",
    ),
  // "Ada and others got the keys to their new house."
  (text, self) =>
    text.replace(
      exact`^(?<self>${self}(?: and others)?) (?:has |have )?(?:just |finally )?(?:got|picked up|collected) (?:the|their|our|my) keys (?:to|for|of) (?:the|their|our|my) (?:new )?(?<home>flat|apartment|house|place|home)(?=[.,!]|$| (?:on|in the|today|yesterday|last|this)\b)`,
      "$<self> bought a $<home>",
    ),
];

/** "Leave for", by its form, as "go to". */
const LEAVING: Readonly<Record<string, string>> = {
  leave: "go",
  leaves: "goes",
  left: "went",
  leaving: "going",
};
