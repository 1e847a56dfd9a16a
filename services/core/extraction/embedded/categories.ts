import { holdsHealth, isToldOf } from "../sensitive/health.ts";

const KIN =
  "(?:mother|mom|mum|father|dad|parents?|sisters?|brothers?|siblings?|sons?|daughters?|twins?|kids?|child|children|wife|husband|grand\\w+|nans?|nana|gran|granny|aunt(?:ie)?s?|uncles?|cousins?|nieces?|nephews?|godmother|godfather|stepson|stepdaughter|step(?:mum|mom|dad|father|mother|brother|sister)|baby|in-laws|(?:mother|father|sister|brother)-in-law)";
const PETS =
  "(?:dogs?|pupp(?:y|ies)|cats?|kittens?|pets?|hamsters?|rabbits?|bunny|parrots?|budgies?|canary|goldfish|ferrets?|gerbils?|turtles?|tortoises?|guinea pigs?|beagles?|labradors?|poodles?|spaniels?|terriers?|dachshunds?|collies?|retrievers?|sheepdogs?|pugs?|husky|huskies|corgis?|greyhounds?|siamese|tabby)";
const PROFESSION =
  "(?:nurse|engineer|designer|developer|programmer|doctor|surgeon|dentist|vet|pharmacist|lawyer|judge|accountant|architect|carpenter|plumber|electrician|mechanic|chef|cook|baker|waiter|waitress|journalist|editor|pilot|driver|farmer|gardener|consultant|researcher|scientist|physicist|chemist|biologist|analyst|teacher|professor|lecturer|librarian|translator|photographer|manager|salesman|policeman|policewoman|firefighter|soldier|freelancer|intern|apprentice|founder|electrical \\w+)";
const MONEY =
  "(?:[€$£] ?\\d|\\d(?: ?k)? ?(?:euros?|dollars?|pounds?|francs?|kroner|quid|bucks|grand\\b|€|\\$|£)|\\d ?k\\b)";
/** What somebody is paid. */
const AMOUNT =
  "(?:[€$£] ?)?\\d[\\d.,]*(?: ?k\\b|,000\\b)?(?= ?(?:k|euros?|dollars?|pounds?|quid|bucks|€|\\$|£|an?|per)\\b| ?[€$£.]|$)";
const DIET = "(?:vegan|vegetarian|pescatarian|kosher|halal)";
const WHO = "(?:[Tt]he user|\\p{Lu}[\\p{L}.-]*(?: \\p{Lu}[\\p{L}.-]*)*)(?: and others)?";

/** Whose or what a statement is about, where that says more than what is told of it. */
const SUBJECTS: readonly (readonly [string, RegExp])[] = [
  ["finance", new RegExp(`^${WHO} (?:\\p{Ll}+ ){0,2}?(?:owes?|lent|borrowed) .*${MONEY}`, "u")],
  [
    "finance",
    new RegExp(`^${WHO} (?:earns?|makes?|gets? paid|is paid|are paid) (?:about |around )?${AMOUNT}`, "u"),
  ],
  [
    "finance",
    new RegExp(
      `^${WHO}'s (?:\\p{Ll}+ )?(?:salary|wages?|income|pension|rent|mortgage) (?:is|was) (?:about |around )?${AMOUNT}`,
      "u",
    ),
  ],
  ["finance", new RegExp(`^${WHO} (?:is|are) saving (?:up )?(?:for|money)\\b`, "u")],
  ["family", new RegExp(`^${WHO}'s? (?:[\\p{L}-]+ ){0,2}?${KIN}\\b`, "u")],
  ["pets", new RegExp(`^${WHO}'s? (?:[\\p{L}-]+ ){0,2}?${PETS}\\b`, "u")],
  [
    "relationships",
    new RegExp(
      `^${WHO}'s? (?:[\\p{L}-]+ ){0,2}?(?:friends?|boyfriend|girlfriend|partner|fianc[eé]e?)\\b`,
      "u",
    ),
  ],
  [
    "plans",
    new RegExp(
      `^${WHO} (?:really |still |also |just )*(?:(?:wants?|plans?|hopes?|intends?|aims?) to|dreams? of|(?:is|are) (?:planning|hoping) (?:to|on)|would (?:really )?(?:love|like) to)\\b`,
      "u",
    ),
  ],
];

/** What somebody cannot bear. Global. */
export const ALLERGIES = /\b(?:allerg(?:y|ies)|intoleran(?:t|ces?)(?= (?:of|to) \p{Ll}))\b/giu;
/** Words of health beside those that tell by themselves that somebody ails. */
const AILMENTS =
  /\b(?:dentist|illness|surger(?:y|ies)|(?:is|was|are|were|got|been) (?:\w+ )?injured|injur(?:y|ies)|insulin|medication|antibiotics|blood (?:pressure|sugar)|cholesterol|on an? (?:\w+ ){0,2}diet(?! of)|gluten(?!-)|c(?:o?e)liac|lactose(?!-)|anxiety|pregnan\w+|mental health|sleeps? (?:\w+ )?(?:badly|poorly|well))\b/giu;

const LEXICON: readonly (readonly [string, Pick<RegExp, "test">])[] = [
  [
    "identity",
    /\b(?:name is|years? old|(?:^The user|^\p{Lu}\p{L}+) is \p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)?\.$|(?:is|turned|turns) \d{1,3}(?=[.,;!?](?!\d)|$| (?:and|in|on)\b)|born|birthday|pronouns?|identity|transgender|gay|lesbian|nationality|religion|religious|faith|(?:goes|go|going) to (?:church|mosque|synagogue|temple)|citizen|votes? (?:for )?\p{Lu}|phone number is|(?:is|are) (?:originally )?(?:from \p{Lu}|(?:an? )?(?:Norwegian|German|French|Italian|Spanish|Portuguese|Dutch|Danish|Swedish|Finnish|Polish|Czech|Austrian|Swiss|British|English|Irish|Scottish|Welsh|American|Canadian|Mexican|Brazilian|Chinese|Japanese|Korean|Indian|Turkish|Greek|Russian|Ukrainian|Australian|Jewish|Muslim|Christian|Catholic|Buddhist|Hindu)[.,;!]))/u,
  ],
  ["health", { test: holdsHealth }],
  [
    "health",
    /\b(?:quit|stopped|gave up|given up) (?:smoking|drinking|vaping)\b|\b(?:doesn't|does not|no longer) smokes?\b|\b(?:needs?|wears?|got) (?:reading |new )?(?:glasses|contact lenses|hearing aids?)\b/i,
  ],
  ["health", { test: (text) => isToldOf(text, ALLERGIES) }],
  ["pets", new RegExp(`\\b${PETS}\\b`, "i")],
  ["family", new RegExp(`\\b(?:${KIN}|family|adopt(?:s|ed|ing)?)\\b`, "i")],
  [
    "work",
    new RegExp(`\\b(?:is|are|am|as|became|was) (?:an? )?(?:[\\p{L}-]+ ){0,2}?${PROFESSION}s?\\b`, "iu"),
  ],
  ["health", { test: (text) => isToldOf(text, AILMENTS) }],
  [
    "finance",
    new RegExp(
      `\\b(?:rent|mortgage|salary|owes?|saves?|saving|earns?|pays?|loan|debt|costs?|pension)\\b.*${MONEY}|\\b(?:mortgage|loan|account) (?:with|from|at)\\b|${MONEY}.*\\b(?:rent|mortgage|salary|loan|debt|savings)\\b`,
      "i",
    ),
  ],
  ["events", /\b(?:part(?:y|ies)|festivals?|concerts?|gigs?|parade|ceremony)\b/i],
  [
    "work",
    /\b(?:for a living|deliver(?:s|ing|ed) (?:\p{Ll}+ ){0,2}for \p{Lu}[\p{L}&]*|jobs?|work(?:s|ed|ing)?|career|boss|manager|colleagues?|coworkers?|office|client|promotion|promoted|salary|hired|fired|laid off|interview|project|start-?up|business|company|meeting|internship|(?:leads?|manages?) (?:an?|the) (?:[\w-]+ )?team|retired|freelanc\w+|store|shop|runs? (?:an?|the|their|her|his) (?:\w+ ){0,2}(?:bakery|restaurant|caf[eé]|bar|salon|studio|practice|clinic|farm|agency|hotel|firm)|teams? (?:uses?|works?|is|are|has|have))\b|\b(?:[Jj]oined|[Ss]tarted at|[Ss]tarting at) (?!the\b)\p{Lu}/u,
  ],
  [
    "education",
    /\b(?:school|college|university|degree|ph\.?d|stud(?:y|ies|ied|ying)|exams?|class(?:es)?|course|teacher|professor|graduat\w+|(?:master|bachelor)'s|doctorate|diploma|a-levels|thesis|homework|learn\w*|lessons?)\b/i,
  ],
  [
    "home",
    /\b(?:moved|moving|house|apartment|flat|rent|mortgage|neighbou?r\w*|land(?:lord|lady)|tenants?|garden|furniture|kitchen|(?:lives?|lived|living) (?:\w+ ){0,2}?(?:in|at|near|on|with)|(?:is|are) based in|home)\b/i,
  ],
  [
    "relationships",
    /\b(?:friends?|boyfriend|girlfriend|partner|dating|dated|married|single|marriage|wedding|engaged|divorc\w+|broke up|roommate|(?:been|got|are|were) (?:back )?together(?= (?:since|for|again|in|with)\b|[.,]))\b/i,
  ],
  [
    "travel",
    /\b(?:[Tt]rips?|[Tt]ravel\w*|flight|flew|fly(?:ing|s)? to|flies to|vacation|holiday|hotel|airport|[Vv]isit\w*|abroad|beach|[Cc]amping|museum)\b|\b(?:has been|have been|is going|are going) (?:back )?to (?!the\b)\p{Lu}/u,
  ],
  [
    "food",
    new RegExp(
      `\\b(?:${DIET}|food|dish(?:es)?|lasagn[ae]|cuisine|cook\\w*|recipes?|restaurant|dinner|lunch|breakfast|brunch|bak(?:e|ed|ing)|cake|coffee|tea|pizza|pizzeria|pasta|dessert|ice cream|meals?|meat|beef|pork|chicken|fish|seafood|eat\\w*|ate|drink\\w*|drank|wine|beer|ramen|sushi|noodles?|curry|curries|soups?|salads?|burgers?|tacos?|rice|bread|cheese|eggs?|chocolate|sweets|cookies?|pancakes?|fruits?|apples?|bananas?|vegetables?|mushrooms?|tomato(?:es)?|onions?|garlic|olives?|tofu|coriander|cilantro|spicy|snacks?)\\b`,
      "i",
    ),
  ],
  ["finance", /\b(?:money|budget|savings?|invest\w*|loan|debt|bank|tax\w*|afford|price|expens\w+)\b/i],
  [
    "hobbies",
    /\b(?:hobb\w+|paint\w*|draw\w*|guitar|piano|violin|cello|drums?|flute|trumpet|saxophone|clarinet|harp|ukulele|choir|music|songs?|band|danc\w+|sing(?:s|ing)?|books?|novels?|read(?:s|ing)?|writ(?:es?|ing)|movies?|films?|anime|manga|comics?|podcasts?|series|shows?|games?|gaming|chess|sports?|basketball|football|soccer|tennis|climb(?:s|ing)|sail(?:s|ing)|row(?:s|ing)|cycl(?:es|ing)|ski(?:s|ing)|surf(?:s|ing)|fishing|hik\w+|running|runs? (?!(?:an?|the|make|out|into)\b)|swim\w*|photograph\w*|pottery|knit\w*|garden\w*|art|collect(?:s|ing)|gym|yoga|pilates|workouts?|exercis(?:es?|ing)|fitness)\b/i,
  ],
  ["events", /\b(?:conference|celebrat\w+|race|marathon|tournament|competition|fair|show|event)\b/i],
  ["preferences", /\b(?:prefers?|favou?rite|likes?|loves?|enjoys?|hates?|dislikes?|fan of)\b/i],
];
const PLAN =
  /\b(?:plans?|planning|going to|will|hopes?|hoping|wants? to|goals?|dreams? of|intends?|aims?)\b/i;

/**
 * The built-in category of a statement: of whom or what it is about, else the first whose words it holds; `other` if
 * none.
 */
export function categoryOf(text: string): string {
  for (const [category, pattern] of SUBJECTS) if (pattern.test(text)) return category;
  for (const [category, pattern] of LEXICON) if (pattern.test(text)) return category;
  return PLAN.test(text) ? "plans" : "other";
}

/** Every category that `categoryOf` may give. */
export const EMBEDDED_CATEGORIES: ReadonlySet<string> = new Set([
  ...SUBJECTS.map(([category]) => category),
  ...LEXICON.map(([category]) => category),
  "plans",
  "other",
]);

/** What somebody eats by rule. */
export const DIETS = new RegExp(`\\b${DIET}\\b`, "i");
