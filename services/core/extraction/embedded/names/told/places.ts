import { nameEnding } from "./marked-names.ts";
import { edge, type ToldRule } from "./told-rule.ts";

const GROUP = "club|band|team|choir|orchestra|group|society|committee|gym|union|board|association";
const A_GROUP = `(?:\\p{Ll}+ ){0,2}(?:${GROUP})\\b`;
const ROLE =
  "[\\p{Ll}-]*(?:(?<!memb|custom|speak|winn|strang|foreign|passeng|own|found|follow|read|view|us|play|neighb)(?:er|or)|ist|ant|ian|eer|nurse|chef|cook|clerk|lead|head|architect|pilot|intern|apprentice|trainee)";
const SCHOOL = "School|College|University|Academy|Institute|Gymnasium|Uni";

/** Where people and things are, and what they are part of. */
export const PLACES_TOLD: readonly ToldRule[] = [
  {
    hint: /\b(?:based|located|headquartered|situated) in\b/,
    pattern: `(?<who>OWNED|ANY) (?:is|was) (?:now )?(?:based|located|headquartered|situated) in (?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "located_in", what)],
  },
  {
    hint: /\b(?:part|division|subsidiary|suburb|district|borough) of\b/,
    pattern: `(?<who>ANY) (?:is|was) (?:now )?(?:an? )?(?:part|division|subsidiary|suburb|district|borough) of (?:the )?(?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "part_of", what)],
  },
  {
    // "Instagram belongs to Meta".
    hint: /\b(?:belongs to|owned by)\b/,
    pattern: `(?!PERSON)(?<who>ANY) (?:now )?(?:belongs to|is owned by) (?!PERSON)(?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "part_of", what)],
  },
  {
    // "Eva plays in a band called Nordlicht", "Tom is a member of the chess club".
    hint: /\b(?:member of|belongs to|plays in|sings in|is in|joined)\b/,
    pattern: `(?<who>PERSON) (?:is |was |now |has )*(?:(?:an? (?:\\p{Ll}+ )?member of|belongs to|plays in|sings in) (?:the |an? |their )?(?:(?:\\p{Ll}+ ){0,2}(?:called|named) )?(?<what>ANY|${A_GROUP}(?! (?:called|named)))|(?:is in|joined) (?:the|an?|their) (?:(?:\\p{Ll}+ ){0,2}(?:${GROUP}) (?:called|named) (?<named>ANY)|(?<group>${A_GROUP})))`,
    read: ({ who, what, named, group }) => [edge(who, "member_of", what ?? named ?? group)],
  },
  {
    // "Rosa studies physics at TU Wien", "Eva goes to Lincoln High School".
    hint: /\b(?:stud(?:y|ies|ied|ying)|student|goes to|attends?|enrolled)\b/,
    pattern: `(?<who>WHO) (?:is |was |has |been |now |also |currently )*(?:(?:stud(?:y|ies|ied|ying)|(?:an? )?(?:\\p{Ll}+ )?students?|enrolled) (?:[\\p{L}]+ ){0,3}?(?:at|in) (?:the )?(?<what>ANY)|(?:goes to|attends?) (?<school>${nameEnding(SCHOOL)}))`,
    read: ({ who, what, school }) => [edge(who, "studies_at", what ?? school)],
  },
  {
    // "Rosa's brother Tom is an engineer at Airbus".
    hint: /\b(?:at|for) \p{Lu}/u,
    pattern: `(?<who>ANY) (?:is|was) (?:now )?(?:an?|the|their) (?:[\\p{Ll}-]+ ){0,2}?${ROLE} (?:at|for) (?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "works_at", what)],
  },
  {
    // "Lena started a job at Spotify".
    hint: /\b(?:job|position|role|internship)\b/,
    pattern: `(?<who>ANY) (?:has |just |recently )*(?:started|got|took|landed|accepted|has|begins|starts) an? (?:new )?(?:[\\p{Ll}-]+ )?(?:job|position|role|internship) (?:at|with) (?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "works_at", what)],
  },
  {
    // "Rosa's parents live in Bergen".
    hint: /\b(?:lives?|resides?) in\b/,
    pattern: `(?<who>OWNER's (?:KIN)) (?:now |still |both |all |currently )*(?:lives?|resides?) in (?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "lives_in", what)],
  },
];
