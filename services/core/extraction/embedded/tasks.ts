import { completion } from "./fragments.ts";
import { tokenize } from "./language.ts";
import { asksOfOwn } from "./told-in-questions.ts";

/** How an assistant is to behave from now on, what it is to remember or forget, what it is to say when. */
const RULE =
  /\b(?:always|never|from now on|whenever|every time|each time|in (?:the )?future|going forward|by default|only (?:ever|use|answer|reply|speak)|(?:do not|don't)\b|stop \w+ing|call me|address me|remember|note (?:that|down)|keep in mind|bear in mind|remind|forget|delete|erase|remove|unlearn|in (?:your|all) (?:answers|replies|responses|explanations)\b|(?:answer|reply|respond|speak|write|talk|keep it|keep (?:your )?(?:answers|replies|responses)|be)(?: to me| me)? (?:in (?:\p{Lu}\p{L}+|short|bullet)|short|brief|briefly|concise|concisely|informal|formal))\b/iu;
/** How answers are to be given: "use metric units"; not "use the metric system for this recipe". */
const STYLE =
  /^(?:(?:and|so|ok|okay|please|just|also)[, ]+)*(?:use (?:(?:only|just|more|fewer|less|the|my) )*(?:metric|imperial|celsius|fahrenheit|kilomet\w+|miles|euros?|dollars|pounds|24[- ]hour|12[- ]hour|british|american|simple|simpler|plain|formal|informal|inclusive|(?:they|she|he|ze|xe)\/\w+|pronouns|bullet|emojis?|markdown|short|shorter|words|sentences)|(?:give|show|tell) me (?:(?:all|the) )*(?:temperatures|distances|prices|dates|times|weights|measurements|units|answers) in|refer to me as|talk to me (?:like|as)|explain (?:things|everything)|write (?:to me )?in (?:british|american|simple|plain|formal|informal|\p{Lu}\p{L}+))\b/iu;
const ONCE =
  /\b(?:for|in|of) (?:this|that|these|those|the (?:next|following))\b|\b(?:here|now|today|this time)\b|\bto \p{L}+ (?:this|that|the|my|it|these)\b|:/iu;

/** "Remind me in 5 minutes": by the time that somebody reads it, it is over. */
const AT_ONCE =
  /^(?:please |can you |could you )*remind me (?:again )?(?:to .{2,40} )?in (?:a|an|half an|\d{1,2}|one|two|five|ten|fifteen|twenty|thirty) (?:seconds?|secs?|minutes?|mins?|hours?)\b/iu;

/** What is only worked on: "my code", "our query". */
const WORKED_ON =
  "(?:code|function|script|query|program|regex|css|html|json|sql|file|class|method|component|test|tests|loop|array|list|table|data|spreadsheet|formula|text|essay|paragraph|sentence|draft|e-?mail|message|question|answer|wording|grammar|spelling|example|input|output|request|error|turn|guess)";
const OWN = new RegExp(
  `\\b(?:my|our|mine|ours)\\b(?! (?:\\p{L}+ )?${WORKED_ON}\\b)|\\b(?:I|we)\\b(?! (?:said|say|mean|meant|wrote|write|paste|pasted|give|gave|asked|ask|type|typed)\\b)`,
  "u",
);
/** "I need you to ...", "I want a poem". */
const WANTED =
  /^(?:(?:and|now|then|also|please|ok|okay|next)[, ]+)*(?:I (?:need|want|would like|'d like) you to\b|(?:just |please )*(?:give|show|tell|write|draft|make|list|find|get|send) me\b|(?:can|could|would|will) you\b|how about (?:an?|some)\b|(?:and|now|next|one more|another)\b.{0,20}\b(?:poem|joke|story|riddle|limerick|haiku|synonym|example|summary|list|version|paragraph)\b|an? (?:\w+ ){0,3}(?:poem|joke|story|riddle|limerick|haiku|synonym|example|summary|list|version|paragraph)\b)/i;
/** How-to questions speak of anybody. */
const HOW_TO =
  /^(?:(?:and|but|so|ok|okay|hey|also)[, ]+)*(?:how (?:do|does|can|could|would|to)|what(?:'s| is| are| does)|why (?:does|is|do|are))\b/i;

/** A question, whatever stop stands behind. */
const ASKED =
  /^(?:(?:and|but|so|ok|okay|hey|also|now)[, ]+)*(?:(?:what|how|where|when|why|which|who)(?: (?!(?:i|we|you|he|she|they|it|my|our)\b)\w+){0,2}?(?:'s|'re| (?:do|does|did|is|are|was|were|can|could|would|should|will|has|have)(?:n't)?) ?(?!.*\b(?:is|was) (?:that|when|how)\b)|who (?:won|wrote|made|invented|was|is|has)\b|(?:do|does|did|can|could|would|will|should|is|are)(?:n't)? (?:you|i|we|it|there|they|he|she|the|this|that|any\w*)\b)/i;
/** "What's the best way, I hate buses": what follows tells. */
const TELLS_BEHIND = /[,;] (?:because |as |since |and |but )?(?:I|my|we|our|he|she|they)(?:'\w+)? \w/i;

/** True for a question to an assistant that no mark ends and that tells nothing. */
export function asksUnmarked(sentence: string, names: ReadonlySet<string>): boolean {
  return ASKED.test(sentence) && !TELLS_BEHIND.test(sentence) && !asksForOwn(sentence, names);
}

/** True for what is only to be done, said to an assistant: "Write a limerick." It tells nothing of who asks. */
export function isTask(sentence: string): boolean {
  if (AT_ONCE.test(sentence)) return true;
  if (RULE.test(sentence) || (STYLE.test(sentence) && !ONCE.test(sentence))) return false;
  const { kind } = completion(tokenize(sentence));
  const wanted = WANTED.test(sentence);
  return (kind === "order" || wanted) && !OWN.test(sentence.replace(WANTED, ""));
}

/**
 * True for a question to an assistant that shows something of who asks: "What can I cook without eggs for my son?",
 * not "How do I center a div?" nor "Why does my code crash?".
 */
export function asksForOwn(question: string, names: ReadonlySet<string>): boolean {
  if (RULE.test(question) && /\b(?:can|could|would|will) you\b/i.test(question)) return true;
  if (!asksOfOwn(question, names)) return false;
  const owns = /\b(?:my|our)\b/i.test(
    question.replace(new RegExp(`\\b(?:my|our) (?:\\p{L}+ )?${WORKED_ON}\\b`, "giu"), ""),
  );
  return owns || (!HOW_TO.test(question) && !/\b(?:my|our)\b/i.test(question));
}
