/** Words in front of a thing that do not tell it from the owner's other ones. */
const LOOSE =
  "new|own|current|latest|little|big|small|old|main|first|next|whole|entire|personal|private|side|beloved|dear";
/** Small words end a thing's name; so do adverbs of time. */
const NO_NOUN =
  "is|was|are|were|be|been|has|had|have|with|without|in|on|at|to|of|for|from|by|about|as|than|then|and|or|but|so|because|since|when|while|if|that|which|who|where|what|this|these|those|it|they|he|she|using|now|today|tonight|yesterday|tomorrow|again|already|also|too|instead|last|every|not|will|would|can|could|should|did|does|do|after|before|during";
/** "Notes", "API". */
const NOUN = `(?!(?:${NO_NOUN})\\b)(?:[\\p{Ll}][\\p{Ll}-]*|\\p{Lu}{2,5}s?(?![\\p{L}]))`;

/**
 * Pattern of a thing of whomever a pattern names: "Rosa's project", "the user's side project", "their website". Without groups;
 * stands in patterns with the flag `u`.
 */
export function possessedBy(owner: string): string {
  return `(?:${owner}'s?|(?:[Tt]heir|[Hh]is|[Hh]er|[Oo]ur|[Mm]y)) (?:(?:${LOOSE}) )*${NOUN}(?: ${NOUN})?`;
}

const OWNED = new RegExp(
  `^(?:(?<owner>.+?)'s?|(?<pronoun>their|his|her|our|my)) (?:(?:${LOOSE}) )*(?<thing>${NOUN}(?: ${NOUN})?)$`,
  "iu",
);

/** What an end is called: a thing of somebody's by its owner, anything else as it is. */
export interface End {
  readonly name: string;
  readonly owner?: string;
}

/**
 * Names an end of a relation. "Their new project" is "Rosa's project" where Rosa is whom "their" means.
 *
 * @returns undefined where it is somebody's and nobody knows whose.
 */
export function ownedThing(end: string, speaker: string | undefined): End | undefined {
  const { owner, pronoun, thing } = OWNED.exec(end.trim())?.groups ?? {};
  if (!thing) return { name: end.trim() };
  const whose = pronoun === undefined ? owner : speaker;
  if (!whose) return undefined;
  const named = whose.charAt(0) === "T" && /^The user$/u.test(whose) ? "the user" : whose;
  return { name: `${named}'s ${thing}`, owner: named };
}

const MINE = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:my|our) (?:(?:${LOOSE}) )*(?<thing>${NOUN}(?: ${NOUN})?)`,
  "giu",
);
const THEIRS = new RegExp(
  `(?<owner>\\p{Lu}[\\p{L}-]*(?: \\p{Lu}[\\p{L}-]*)*)['’]s? (?:(?:${LOOSE}) )*(?<thing>${NOUN}(?: ${NOUN})?)`,
  "gu",
);

/**
 * What a question calls somebody's: "my project" is each of the speakers' who may be asking. A thing of two words is also
 * sought as its first: nobody knows where the name of a thing ends.
 */
export function possessionsIn(question: string, speakers: readonly string[]): string[] {
  const forms = (owner: string, thing: string) =>
    [thing, thing.split(" ")[0] ?? thing].map((each) => `${owner}'s ${each}`);
  const mine = [...question.matchAll(MINE)].flatMap(({ groups }) =>
    speakers.flatMap((owner) => forms(owner, (groups?.thing ?? "").toLowerCase())),
  );
  const theirs = [...question.matchAll(THEIRS)].flatMap(({ groups }) =>
    forms(groups?.owner ?? "", groups?.thing ?? ""),
  );
  return [...new Set([...mine, ...theirs])];
}
