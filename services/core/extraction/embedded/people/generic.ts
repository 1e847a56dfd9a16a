import type { Token } from "../language.ts";

const OFTEN = "(?:(?:really|always|never|just|also|even|actually|only|simply|ca|can) )*";
const LIFE = "(?:young|old|older|little|a (?:kid|child|teenager|parent|beginner|stranger|foreigner))";

/** "You" that means anyone: sayings, rules, what a place lets one do, what a thing does to one. */
const GENERIC = new RegExp(
  [
    "\\byou never know\\b",
    "\\byou know what they say\\b",
    "\\b(?:company|employer|job|bank|insurance|gym|school|university|library|hotel|airline|plan|subscription|ticket|pass|card|visa|program|tool|device|machine)s? (?:lets?|allows?) you\\b",
    "\\byou (?:only )?live (?:only )?once\\b",
    "\\b(?:before you know it|you name it|if you will|you get what you|you reap what you|you ca n't have it all|you win some)\\b",
    "\\byou (?:have to|must|need to|should|got to) be (?:at least |over |under |older than )?(?:\\d+|eighteen|twenty - one|sixteen)\\b",
    "\\bthe (?:more|less|older|better|longer|harder|sooner) you\\b",
    `\\b(?:when|once|if|as|until) you (?:are ${LIFE}|(?:get|grow|become) (?:older|old)|grow up|become a (?:parent|mother|father)|have (?:kids|children))\\b`,
    `\\b(?:place|places|spot|spots|park|city|country|town|area|beach|bar|restaurant|shop|website|app|game|course|class|event|festival|trail)s? (?:(?:that|which) (?:lets?|allows?|makes?|gives?) you|where you)\\b`,
    `^(?:(?:and|but|so|also|plus) )?(?:(?:in|on|at|from|near|there|here)|with (?:the|this|that|these|those)) (?!your\\b)(?:the |this |that |our |my )?[\\w ]{0,30}?,? ?you (?:can|could|can not|ca n't|get|have to|need to|see|find) `,
    `\\b(?:kind|type|sort|feeling|moment|sound|smell|game|book|movie|song) (?:of \\w+ )?(?:that|which|when|where) (?:\\w+ )?${OFTEN}(?:makes?|gives?|lets?|you)\\b`,
    `\\b(?:it|this|that|which|they|music|nature|life|art|books?) ${OFTEN}(?:makes?|lets?|helps?|teach(?:es)?|reminds?|gives?) you (?:feel|think|want|wonder|reali[sz]e|appreciate|forget|smile|understand|see|look at|that)\\b`,
  ].join("|"),
);

/** Who and what says how things have to be done, whoever does them. */
const AUTHORITY =
  "(?:doctor|dentist|nurse|pharmacist|vet|therapist|surgeon|midwife|physio|gp|experts?|recipe|label|leaflet|manual|instructions|guidelines|rules?|law|policy|sign|website|article|study|studies)";
const SAYS = "(?:said|says|say|states?|recommends?|warned|explained|told|tells)(?: (?:me|us|him|her|them))?";
const MUST =
  "you (?:really |just |only |always |never )?(?:ca n't|can not|should|must|have to|need|may not|do n't (?:have to|need)|are (?:not |n't )?(?:allowed|supposed))";
const RULE = new RegExp(
  [
    `\\b(?:(?:my|our|the|his|her|their|a|an) (?:\\w+ )?${AUTHORITY} ${SAYS}|${AUTHORITY} ${SAYS}|they say|people say|it says)(?: that)?(?: (?:if|when|with|on|in|after|before)\\b[\\w ]{1,30},?)? ${MUST} `,
    `^${MUST} .*, (?:my|our|the) (?:\\w+ )?${AUTHORITY} ${SAYS}\\b`,
  ].join("|"),
);
/** "My doctor says you can visit me on Friday": a rule knows neither. */
const OF_US =
  /\b(?:your\b.*\b(?:told|sa(?:ys?|id))|(?:so|but|then) (?:can |could |will |would |do )?you|i|we|(?:visit|call|see|help|drive) (?:me|us)|today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b/;

/** True where a sentence speaks of anyone, not of the one who is spoken to. */
export function meansAnyone(tokens: readonly Token[]): boolean {
  if (!tokens.some(({ lower }) => lower === "you" || lower === "your")) return false;
  const said = tokens.map(({ lower }) => lower).join(" ");
  return GENERIC.test(said) || (RULE.test(said) && !OF_US.test(said));
}
