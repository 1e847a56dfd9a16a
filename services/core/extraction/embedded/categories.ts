const LEXICON: readonly (readonly [string, RegExp])[] = [
  [
    "identity",
    /\b(?:name is|years? old|born|birthday|pronouns?|identity|transgender|gay|lesbian|nationality|religion|religious|faith|citizen)\b/i,
  ],
  [
    "family",
    /\b(?:mother|mom|mum|father|dad|parents?|sisters?|brothers?|siblings?|sons?|daughters?|kids?|child|children|wife|husband|grand\w+|aunt|uncle|cousins?|niece|nephew|family|baby|adopt\w*)\b/i,
  ],
  [
    "pets",
    /\b(?:dogs?|pupp(?:y|ies)|cats?|kittens?|pets?|hamster|rabbits?|bunny|parrot|turtles?|tortoises?|guinea pigs?|shelter dog)\b/i,
  ],
  [
    "health",
    /\b(?:doctor|hospital|illness|sick|surger\w+|allerg\w+|diagnos\w+|medication|medicine|therap\w+|injur\w+|pain|diet|vegan|vegetarian|gluten|asthma|anxiety|depress\w+|pregnan\w+|workout|exercis\w+|gym|yoga|fitness|weight|sleep|mental health)\b/i,
  ],
  [
    "work",
    /\b(?:jobs?|work(?:s|ed|ing)?|career|boss|manager|colleagues?|coworkers?|office|client|promotion|promoted|salary|hired|fired|laid off|interview|project|startup|business|company|meeting|internship|store|shop)\b/i,
  ],
  [
    "education",
    /\b(?:school|college|university|degree|stud(?:y|ies|ied|ying)|exams?|class(?:es)?|course|teacher|professor|graduat\w+|thesis|homework|learn\w*|lessons?)\b/i,
  ],
  [
    "home",
    /\b(?:moved|moving|house|apartment|flat|rent|mortgage|neighbou?r\w*|garden|furniture|kitchen|lives in|home)\b/i,
  ],
  [
    "relationships",
    /\b(?:friends?|boyfriend|girlfriend|partner|dating|dated|married|marriage|wedding|engaged|divorc\w+|broke up|roommate|(?:been|got|are|were) (?:back )?together(?= (?:since|for|again|in|with)\b|[.,]))\b/i,
  ],
  [
    "travel",
    /\b(?:trips?|travel\w*|flight|flew|vacation|holiday|hotel|airport|visit\w*|abroad|road trip|beach|camping|hik\w+|museum)\b/i,
  ],
  [
    "food",
    /\b(?:food|cook\w*|recipes?|restaurant|dinner|lunch|breakfast|bak(?:e|ed|ing)|cake|coffee|tea|pizza|pasta|dessert|ice cream|meal|eat\w*|drink\w*)\b/i,
  ],
  ["finance", /\b(?:money|budget|savings?|invest\w*|loan|debt|bank|tax\w*|afford|price|expens\w+)\b/i],
  [
    "hobbies",
    /\b(?:hobb\w+|paint\w*|draw\w*|guitar|piano|violin|music|songs?|band|concert|danc\w+|sing\w*|books?|novels?|read(?:ing)?|writ\w+|movies?|films?|series|shows?|games?|gaming|sports?|basketball|football|soccer|tennis|run(?:ning)?|swim\w*|photograph\w*|pottery|knit\w*|garden\w*|art)\b/i,
  ],
  [
    "events",
    /\b(?:party|festival|conference|ceremony|celebrat\w+|parade|race|marathon|tournament|competition|fair|show|event)\b/i,
  ],
  ["preferences", /\b(?:prefers?|favou?rite|likes?|loves?|enjoys?|hates?|dislikes?|fan of)\b/i],
];
const PLAN =
  /\b(?:plans?|planning|going to|will|hopes?|hoping|wants? to|goals?|dreams? of|intends?|aims?)\b/i;

/** The first of the built-in categories whose words a statement holds; `other` if none. */
export function categoryOf(text: string): string {
  for (const [category, pattern] of LEXICON) if (pattern.test(text)) return category;
  return PLAN.test(text) ? "plans" : "other";
}

/** Categories whose facts stay useful for long. */
export const LASTING: ReadonlySet<string> = new Set([
  "identity",
  "health",
  "family",
  "pets",
  "work",
  "education",
  "home",
  "relationships",
]);
