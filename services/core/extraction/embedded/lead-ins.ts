import { answerOf } from "./answers.ts";

/** Forms by which others call a participant: the name, its first word, and short forms ("Mel" for Melanie). */
export function callNames(names: readonly string[]): Set<string> {
  const forms = new Set<string>();
  for (const name of names) {
    const whole = name.toLowerCase();
    const first = whole.split(/\s+/)[0] ?? whole;
    forms.add(whole);
    forms.add(first);
    for (let length = 3; length < first.length; length += 1) forms.add(first.slice(0, length));
    if (first.length > 3) forms.add(first.slice(0, 2));
  }
  return forms;
}

const OPENERS =
  "damn|dang|ugh|argh|oof|(?:oh )?wait|no wait|ok so|okay so|guess what|(?:i )?forgot to (?:tell you|mention|say)(?: that)?|did i (?:tell you|mention)(?: that)?|yes please|no thanks|no thank you|oh|ooh|wow|woah|whoa|aww*|ah|yeah|yea|yes|yep|yup|no|nope|nah|well|hey|hi|hello|hiya|thanks|thank you|thanks a (?:lot|bunch|ton)|thanks so much|ok|okay|sure|sure thing|ha|hah|haha|hehe|lol|cool|nice|great|awesome|amazing|right|exactly|absolutely|definitely|totally|of course|for sure|certainly|i mean|you know|you know what|anyway|anyways|by the way|btw|honestly|man|dude|gosh|omg|congrats|congratulations|sorry|good to hear|sounds good|sounds great|got it|i see|true|agreed|hmm+|um+|uh|interesting|no way|speaking of which|not really|not yet|noted|understood|(?:big|good|great|bad|sad|exciting|amazing) news|(?:small |quick )?(?:correction|update)|good morning|good evening|good afternoon";
const OPENER = new RegExp(`^(?:${OPENERS})(?=[,!.: ])[,!.:]*\\s+`, "i");
/** These open a sentence without a comma behind them, too. */
const LOOSE =
  /^(?:ok|okay|oh|ooh|wow|woah|whoa|aww*|ah|hey|hi|hello|and|but|so|well|yeah|yep|plus|also,|haha|lol|(?:i )?forgot to (?:tell you|mention|say) that|did i (?:tell you|mention) that)\s+/i;

/** "Yes Lou is ill", "no he moved": a comma was left out. Not "yes and no". */
const ANSWERING = /^(?:yes|yep|yup|yeah|no|nope|nah) (?!(?:and|or|please|yes|no)\b)(?=\S+ \S)/i;

/** Cuts "Wow, Maya, " from the front and ", Maya" from the end of a sentence, and vocatives between commas. */
export function stripLeadIns(sentence: string, callable: ReadonlySet<string>): string {
  let text = sentence;
  for (let guard = 0; guard < 6; guard += 1) {
    const before = text;
    const opener = OPENER.exec(text)?.[0];
    if (opener && (/[,!.:]\s*$/.test(opener) || LOOSE.test(opener))) text = text.slice(opener.length);
    else if (ANSWERING.test(text) && answerOf(text)) text = text.replace(ANSWERING, "");
    else if (LOOSE.test(text) && text.split(" ").length > 3) text = text.replace(LOOSE, "");
    text = stripVocative(text, callable);
    if (text === before) break;
  }
  return text;
}

function stripVocative(text: string, callable: ReadonlySet<string>): string {
  const front =
    /^(?:(?:hey|hi|hello|thanks|thank you|wow|yeah|yes|no|oh|sure|cool|nice|great|awesome) )?([\p{Lu}][\p{L}]+)\s*[,!.]+\s+/u.exec(
      text,
    );
  if (front && callable.has((front[1] ?? "").toLowerCase())) return text.slice(front[0].length);
  // "See you on Friday, you two!"
  const plural = /, you(?=[.!]+$)/i.exec(text);
  if (plural) return text.slice(0, plural.index) + text.slice(plural.index + plural[0].length);
  const end = /[,\s]\s*([\p{Lu}][\p{L}]+)([.!?]+)$/u.exec(text);
  if (end && /^,/.test(end[0]) && callable.has((end[1] ?? "").toLowerCase()))
    return text.slice(0, end.index) + (end[2] ?? "");
  const middle = /,\s*([\p{Lu}][\p{L}]+),\s/u.exec(text);
  if (middle && callable.has((middle[1] ?? "").toLowerCase()))
    return `${text.slice(0, middle.index)}, ${text.slice(middle.index + middle[0].length)}`;
  return text;
}
