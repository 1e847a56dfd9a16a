import { tokenize } from "../extraction/embedded/language.ts";
import { type Claim, SELF } from "./claim.ts";
import { wordOf } from "./words.ts";

const NAME = String.raw`(?:the )?(?<value>\p{Lu}[\p{L}\p{N}&.'-]*(?: (?:of |& |and )?\p{Lu}[\p{L}\p{N}&.'-]*){0,3})`;
const JOB = String.raw`(?:\p{L}+ ){0,3}?\p{L}+(?:er|or|ist|ian|ant|yst|eer|man|woman|nurse|chef|cook|clerk|intern|lead|head|pilot|barista|medic|lawyer)`;

interface Phrase {
  readonly pattern: RegExp;
  readonly attributes: readonly string[];
  readonly mode: Claim["mode"];
}

/** Ways to tell a common attribute that no clause shows. */
const PHRASES: readonly Phrase[] = [
  {
    pattern: new RegExp(
      String.raw`\b(?:first (?:day|week|shift|month)|new (?:job|position|role|gig|employer)|hired|offer) (?:\p{L}+ ){0,2}?(?:at|with|by|is) ${NAME}`,
      "u",
    ),
    attributes: ["works_at"],
    mode: "so",
  },
  {
    pattern: new RegExp(
      String.raw`\bstarted (?:(?:to )?work(?:ing)? |(?:as )?an? (?:new )?(?:job|internship|${JOB}) )?(?:at|with) ${NAME}`,
      "u",
    ),
    attributes: ["works_at"],
    mode: "so",
  },
  {
    pattern: new RegExp(
      String.raw`\b(?:is|am|are|'m|'s|became) (?:now )?an? (?<job>${JOB}) (?:at|for|with) ${NAME}`,
      "u",
    ),
    attributes: ["works_at"],
    mode: "so",
  },
  {
    pattern:
      /\b(?:is|am|are|'m|'s|been|was|got|went|has|have) (?:now |finally |officially |just )?(?:retired|unemployed|freelancing|freelance|self-employed|laid off|made redundant|let go|fired|sacked|between jobs|out of work)\b|\b(?:retired|went freelance) (?:last|this|in|on|from|today|yesterday)\b/iu,
    attributes: ["works_at", "works_as"],
    mode: "ended",
  },
  {
    pattern: /\bcall(?:ed|s)? (?:me|the user) (?<value>\p{Lu}\p{L}+)/u,
    attributes: ["name"],
    mode: "so",
  },
];

/** What a sentence claims of somebody by its phrases, beside what its clauses do. */
export function claimsOfPhrases(sentence: string, subject: string, selves: ReadonlySet<string>): Claim[] {
  if (
    /\b(?:if|not|never|would|might|maybe|used to (?!it\b)|was an?|before|considering|thinking)\b|n't\b/iu.test(
      sentence,
    )
  )
    return [];
  const own = [...selves].sort((a, b) => b.length - a.length).join("|");
  const plain = sentence.replace(new RegExp(String.raw`\bcall (?:${own})\b`, "giu"), "call the user");
  return PHRASES.flatMap(({ pattern, attributes, mode }) => {
    const found = pattern.exec(plain);
    if (!found) return [];
    const value = tokenize(found.groups?.value ?? "").flatMap((token) => wordOf(token) ?? []);
    return attributes.map(
      (attribute): Claim => ({
        subject: attribute === "name" ? SELF : subject,
        attribute,
        narrowed: [],
        single: true,
        value,
        times: [],
        not: [],
        mode,
        cue: true,
      }),
    );
  });
}
