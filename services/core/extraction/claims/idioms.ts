import type { Rewrite } from "./rewrites.ts";

const PLACE = String.raw`(?<place>\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)*)`;
const NOW = String.raw`(?:now|these days|for (?:us|me|now))`;

/** What is offered; the music is only turned down. */
const TURNED_DOWN = String.raw`(?:the|their|her|his|my) (?:[\p{Ll}-]+ ){0,2}?(?:job|offer|role|position|place|promotion|invitation|proposal|contract|scholarship)`;
const COUNT = { second: "two", third: "three", fourth: "four", fifth: "five", sixth: "six" } as const;

/** Who knows: what they say of the person is so. */
const EXPERT =
  "(?:doctor|gp|physician|allergist|dermatologist|cardiologist|neurologist|oncologist|specialist|dentist|optician|lawyer|accountant|(?:allergy |blood |genetic )?tests?(?: results?)?|results?)";

/** One is in or on it for a while. */
const FOR_A_WHILE = String.raw`(?<where>(?:the |their |her |his |my )?(?:(?<within>jail|prison|hospital|rehab|quarantine|debt|icu|shop|army|navy|lockdown|isolation)|(?:\p{Ll}+ )?(?:vacation|holidays?|leave|sabbatical|honeymoon|tour|deployment|business trip|trip)))`;

/** What one moves to without moving house. */
const PRODUCT =
  "(?:(?:Apple|YouTube|Amazon) Music|Spotify|Tidal|Deezer|Netflix|Notion|Slack|Teams|Discord|Signal|WhatsApp|Telegram|Gmail|Outlook|Proton(?:mail)?|Evernote|Obsidian|GitHub|GitLab|Jira|Linear|Asana|Trello|Figma|Canva|Excel|Android|iOS|Linux|Windows|Ubuntu|Debian|Fedora|NixOS|macOS|AWS|Azure|GCP|Kubernetes|Postgres(?:QL)?|MySQL|MongoDB|Python|Rust|TypeScript|Kotlin|Swift|React|Vue|Svelte|ChatGPT|Claude|Gemini|Copilot|Vim|Neovim|Emacs|VS ?Code|Zed|Cursor|Firefox|Chrome|Safari|Brave|Vivaldi|Arc)";

/** What is said of common attributes in a turn of phrase, each as the plain sentence. */
export const IDIOMS: readonly Rewrite[] = [
  // "The doctor told Ada that Ada is not allergic to nuts."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:The|the|${self}'s) (?:new )?${EXPERT} (?:told ${self}|said|says|say|confirmed|showed?|found)(?: that)? (?=${self} (?:is|are|am|does|do|has|have|can|no longer)\b)`,
        "u",
      ),
      "",
    ),
  // "2026-03-11 was Ada's last day at Stripe."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^[^"]{0,40}?\bwas (?<self>${self})'s (?:very )?last day (?:working )?(?:at|with) (?=\p{Lu}|the )`,
        "u",
      ),
      "$<self> no longer works at ",
    ),
  // "Ada moved to Linux", "moved to the marketing team".
  (text) =>
    text.replace(
      new RegExp(
        String.raw`\b(?<be>(?:is|are|am|will be) )?mov(?<form>ed|ing) (?:over |back )?to (?=${PRODUCT}(?![\p{L}]))`,
        "u",
      ),
      (_, be, form) => `${be ?? ""}switch${form} to `,
    ),
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:has |have |was |got )?(?:moved|transferred|switched) (?:over )?to (?<team>(?:the|an?|another) (?:[\p{L}-]+ ){0,3}(?:team|department|group|squad|division|unit|ward))(?=[.,!]|$| (?:in|last|this|now)\b)`,
        "u",
      ),
      "$<self> is on $<team> now",
    ),
  // "Ada is out of the hospital", "is back from leave".
  (text) =>
    text.replace(
      new RegExp(
        String.raw`\b(?:is|are|am|'s|'m|got|came|has come|have come|was (?:released|discharged)|were (?:released|discharged)) (?:finally |now )?(?:back |home |out )*(?:of|from) ${FOR_A_WHILE}(?=[.,!]|$| (?:now|today|yesterday|on|since|last|this)\b)`,
        "u",
      ),
      (...match) => {
        const { where, within } = match.at(-1) as Record<string, string | undefined>;
        return `is no longer ${within ? "in" : "on"} ${where}`;
      },
    ),
  // "The doctor took Ada off Lexapro", "Ada came off Lexapro".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:.{2,40}? (?:took|has taken|weaned) (?<self>${self})|(?<other>${self}) (?:is|am|'m|came|went|has come|have come|has gone|have gone)) off (?:the |their |her |his |my )?(?=[\p{L}]{4,})(?!(?:work|duty|season|limits|track|course|record)\b)`,
        "u",
      ),
      (_, first, second) => `${first ?? second} no longer takes `,
    ),
  // "Ada closed her Chase account."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:closed|cancelled|canceled|deleted|deactivated) (?<whose>their|her|his|my|the) (?<what>\p{Lu}[\p{L} ]{1,30}?) account\b/u,
      "quit $<whose> $<what> account",
    ),
  // "Ada has never been to Japan."
  (text) =>
    text.replace(
      /\b(?<has>has|have|'ve|'s) (?<never>never |not |n't )?been to (?=\p{Lu})/u,
      "$<has> $<never>visited ",
    ),
  // "Ada passed her driving test."
  (text) =>
    text.replace(
      /\b(?:has |have |finally )?(?:got|passed) (?:their|her|his|my|the) (?:driver'?s licen[cs]e|driving licen[cs]e|driving test)\b/u,
      "can drive now",
    ),
  // "Ada cut her hair short."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:cut|chopped|had) (?:their|her|his|my) hair (?:cut )?(?:off|short)\b`,
        "u",
      ),
      "$<self>'s hair is now short",
    ),
  // "Ada has no car."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:has|have) no (?!(?:idea|problem|trouble|time|doubt|choice|clue|one|longer|way|reason|objection|interest|plans?)\b)(?=[\p{L}-]+)`,
        "u",
      ),
      "$<self> doesn't have any ",
    ),
  // "The client pushed the deadline to Monday."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:the|The|${self}'s|\p{Lu}[\p{L}-]+) (?:\p{Ll}+ ){0,2}?(?:has |have )?(?:pushed|moved|postponed|shifted|extended|delayed) (?:back )?(?<what>the|${self}'s) (?<thing>(?:\p{Ll}+ )?(?:deadline|meeting|launch|appointment|exam|trip|flight|interview|release|wedding|party|call|due date))(?: back)? (?=to\b)`,
        "u",
      ),
      "$<what> $<thing> was moved ",
    ),
  // "Green is Ada's favourite colour", said as "their".
  (text) => {
    const found =
      /^(?<what>[\p{L} -]{2,30}?) (?:is|are) (?<now>now )?(?:their|her|his|my) (?<fav>favou?rite [\p{Ll} ]{2,20}?)(?<tail> now| these days)?[.!]*$/u.exec(
        text,
      );
    if (!found?.groups) return text;
    const { what, now, fav, tail } = found.groups;
    return `My ${fav} is ${now ?? ""}${what}${tail ?? ""}.`;
  },
  // "Ada gave Kiwi away."
  (text) =>
    text.replace(
      /\b(?<give>give|gives|gave|given|giving) (?<what>(?:(?:the|their|her|his|my) )?[\p{L}-]+(?: [\p{L}-]+)?) (?<how>away|up)\b/u,
      "$<give> $<how> $<what>",
    ),
  // "Ada is a non-smoker."
  (text) =>
    text.replace(
      /\b(?:is|am|'m|'s) (?:(?<not>not a |a non-?)|an? )(?<now>ex-|former )?smoker\b/u,
      (...match) => {
        const { not, now } = match.at(-1) as Record<string, string | undefined>;
        return now ? "no longer smokes" : not ? "does not smoke" : "smokes";
      },
    ),
  // "A colleague of Ada's quit."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:An?|One|Two|Some|Both) (?:of )?(?<kin>\p{Ll}+) of (?<self>${self}|mine)(?:'s)? `,
        "u",
      ),
      (_, kin, who) => `${who === "mine" ? "My" : `${who}'s`} ${kin} `,
    ),
  (text, self) =>
    text.replace(
      new RegExp(String.raw`^(?:One|Some|Two|Three|Most|All|Half) of (?<self>${self})'s `, "u"),
      "$<self>'s ",
    ),
  // "A guy at work quit", "the man next door", "somebody Ada knows".
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<who>(?:(?:an?|the|that|this|some) (?:\p{Ll}+ )?(?:guy|man|woman|lady|girl|boy|bloke|dude|person|couple|people|folks)|somebody|someone|people)) (?:next door|across the (?:road|street|hall)|downstairs|upstairs|(?:at|from|in) (?:(?:the|their|her|his|my|our) )?(?:work|office|gym|school|church|class|team|club|building|street|village)|(?:that |who |whom )?${self} (?:knows?|met|works? with|used to know)) `,
        "iu",
      ),
      "$<who> ",
    ),
  // "Bosch fired Ada."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<firm>\p{Lu}[\p{L}&. -]{1,30}?) (?:has |have |just )?(?:fired|sacked|dismissed) (?<self>${self})(?=[.,!]|$| (?:last|on|in|today|yesterday)\b)`,
        "u",
      ),
      "$<self> no longer works at $<firm>",
    ),
  // "Ada got her braces off."
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?<self>${self}) (?:finally |just )?(?:got|had|has had) (?<what>(?:their|her|his|my|the) (?:\p{Ll}+ )?(?:braces|cast|stitches|tonsils|appendix|wisdom teeth|gallbladder|bandages?|splint|plaster)) (?:taken )?(?:off|out|removed)(?=[.,!]|$| )`,
        "u",
      ),
      "$<self> no longer has $<what>",
    ),
  // "Ada speaks no French."
  (text) =>
    text.replace(
      /\b(?<does>speak|eat|drink|read|play|wear|own)s? no (?!longer|more|one)(?=\p{L})/u,
      "doesn't $<does> ",
    ),
  // "Ada weighs 75 kilos."
  (text, self) =>
    text.replace(
      new RegExp(String.raw`^(?<self>${self}) (?<now>now )?weighs? (?=\p{N})`, "u"),
      "$<self>'s weight is $<now>",
    ),
  // "Ada commutes by bike."
  (text) => text.replace(/\bcommutes? (?:to work )?by (?=\p{Ll})/u, "goes to work by "),
  // "Ada had the baby."
  (text) =>
    text.replace(
      /\b(?:has |have )?(?:had (?:the|her|our|their) baby|gave birth|given birth)(?=[.,!]|$| (?:on|in|to|last|yesterday|today)\b)/u,
      "is no longer pregnant",
    ),
  // "Ada is down to one car."
  (text) =>
    text.replace(
      /\b(?:is|are) (?:now )?down to (?<count>one|two|three|four|five|\d+) (?<what>\p{Ll}+)/u,
      "has now $<count> $<what>",
    ),
  (text) => text.replace(/\b(?<side>left|right)[ -]handed\b/u, "$<side>handed"),
  // What is well done is done with.
  (text) => text.replace(/\bwell[ -]done\b(?=[.,!]|$)/u, "welldone"),
  // Of best friends there is one at a time.
  (text) => text.replace(/\bbest (?:friend|mate|buddy)\b/u, "bestie"),
  (text, self) =>
    text.replace(
      new RegExp(
        String.raw`^(?:(?<a>\p{Lu}[\p{L}-]+) and (?<self>${self})|(?<other>${self}) and (?<b>\p{Lu}[\p{L}-]+)) (?:don't|do not|no longer|aren't|are not) (?:really )?(?:talk|speak|hang out|friends|see each other|in touch|close)\b.*`,
        "u",
      ),
      (_, a, self1, self2, b) => `${self1 ?? self2}'s bestie is no longer ${a ?? b}.`,
    ),
  // "Ada eats meat again."
  (text) =>
    text.replace(
      /\b(?<eats>eats?|is eating|are eating|(?:has |have )?(?:started|begun|began) (?:eating|to eat)|(?:went|is|are) back to eating) (?<what>[\p{Ll} ]{3,30}?) again(?=[.,!]|$)/u,
      "eats $<what> now",
    ),
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
  (text) =>
    text.replace(
      /\bgot (?=(?:promoted|delayed|moved|pushed|postponed|rescheduled|cancelled|canceled|changed|extended|cut|raised|lowered|bumped|switched)(?= (?:to|from|back|up|down)\b|[.,!]|$))/u,
      "was ",
    ),
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
