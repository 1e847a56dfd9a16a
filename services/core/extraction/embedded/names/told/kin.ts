import type { RelationMention } from "../../../../memory/memory.ts";
import { each, edge, edges, type ToldRule } from "./told-rule.ts";

const WHICH =
  "(?:(?:older|younger|elder|little|big|late|twin|best|only|new|old|good|close|dear|former|first|second|oldest|youngest) )?";

/** "Sons" is has_son. */
function has(owner: string | undefined, kin: string | undefined, who: string | undefined) {
  const one = (kin ?? "").toLowerCase().replace(/^children$/, "child");
  const type = `has_${one.replace(/(?<=[^s])s$/, "").replaceAll(/[\s-]+/g, "_")}`;
  return each(who).map((name) => edge(owner, type, name));
}

/** Each has the other; told once, of whom it is said first. */
function mutual(who: string | undefined, type: string): (RelationMention | undefined)[] {
  const [first, ...others] = each(who);
  return others.map((other) => edge(first, type, other));
}

const MUTUAL: Readonly<Record<string, string>> = {
  colleagues: "has_colleague",
  coworkers: "has_coworker",
  friends: "has_friend",
  neighbours: "has_neighbour",
  neighbors: "has_neighbor",
  siblings: "has_sibling",
  brothers: "has_brother",
  sisters: "has_sister",
  cousins: "has_cousin",
  roommates: "has_roommate",
  teammates: "has_teammate",
  flatmates: "has_flatmate",
  married: "married_to",
  engaged: "engaged_to",
};

const LEADS: Readonly<Record<string, string>> = {
  manages: "manager",
  mentors: "mentor",
  coaches: "coach",
  supervises: "supervisor",
};

/** Who belongs to whom. */
export const KIN_TOLD: readonly ToldRule[] = [
  {
    // "Petra is Rosa's manager".
    hint: /'s? .*/,
    pattern: `(?<who>ANY) (?:is|was|became) (?:now |also |still )*(?<owner>OWNER)'s? ${WHICH}(?<kin>KIN)\\b(?!'s| NAMED|-| of\\b)`,
    read: ({ who, owner, kin }) => has(owner, kin, who),
  },
  {
    // "Rosa's boss is Gregor".
    hint: /'s? .*\b(?:is|was|are)\b/,
    pattern: `(?<owner>OWNER)'s? ${WHICH}(?<kin>KIN)\\b (?:is|was|are) (?:now |still )?(?<who>PERSONS)(?!'s)(?! and\\b)`,
    read: ({ who, owner, kin }) => has(owner, kin, who),
  },
  {
    // "Rosa's sons are called Paul and Emil", "Rosa's daughter's name is Mia".
    hint: /\b(?:called|named|names?)\b/,
    pattern: `(?<owner>OWNER)'s? ${WHICH}(?:two |three |four )?(?<kin>KIN)\\b(?:'s? names? (?:is|was|are)| (?:(?:is|was|are) )?(?:called|named)) (?<who>THINGS)`,
    read: ({ who, owner, kin }) => has(owner, kin, who),
  },
  {
    // "Rosa has a sister named Eva".
    hint: /\b(?:has|had|got)\b/,
    pattern: `(?<owner>ANY) (?:also )?(?:has|had|has got) (?:an?|one|two|three|four) ${WHICH}(?<kin>KIN)\\b(?:,|,? (?:called|named|whose names? (?:is|are))) (?<who>THINGS)`,
    read: ({ who, owner, kin }) => has(owner, kin, who),
  },
  {
    // "Lena is a friend of Rosa's".
    hint: /\bof\b/,
    pattern: `(?<who>ANY) (?:is|was) (?:an?|the|one) ${WHICH}(?<kin>KIN)s? of (?<owner>OWNER)(?:'s)?(?= *[.,!;]|$| and | from | who )`,
    read: ({ who, owner, kin }) => has(owner, kin, who),
  },
  {
    // "Lena and Rosa are colleagues", "Tom and Lena got married".
    hint: /\b(?:are|were|got|became)\b/,
    pattern: `(?<who>PAIR) (?:are|were|got|became|have been) (?:now |both |very |also |still |finally )*${WHICH}(?<what>${Object.keys(MUTUAL).join("|")})\\b(?! (?:to|with)\\b)`,
    read: ({ who, what }) => mutual(who, MUTUAL[what ?? ""] ?? "knows"),
  },
  {
    hint: /\b(?:met|knows|known|befriended|friends with)\b/,
    pattern: `(?<who>PERSON) (?:has |had )?(?:met|knows|known|befriended|is friends with|became friends with) (?<what>PERSON)`,
    read: ({ who, what }) => [edge(who, "knows", what)],
  },
  {
    hint: /\b(?:married|engaged)\b/,
    pattern: `(?<who>ANY) (?:(?:is|was|got) (?:now )?(?<how>married|engaged) to|(?:has )?married) (?<what>PERSON)`,
    read: ({ who, how, what }) => [edge(who, how === "engaged" ? "engaged_to" : "married_to", what)],
  },
  {
    // "Tom reports to Petra".
    hint: /\b(?:reports|answers) to\b/,
    pattern: `(?<who>PERSON) (?:now )?(?:reports|answers) (?:directly )?to (?<what>PERSON)`,
    read: ({ who, what }) => [edge(who, "has_manager", what)],
  },
  {
    // "Petra manages Tom".
    hint: /\b(?:manages|mentors|coaches|supervises)\b/,
    pattern: `(?<who>PERSON) (?:now |also )?(?<how>manages|mentors|coaches|supervises) (?<what>PERSONS)`,
    read: ({ who, how, what }) => edges(what, `has_${LEADS[how ?? ""]}`, who),
  },
  {
    // "Rosa works closely with Lena".
    hint: /\bwork(?:s|ed|ing)? /,
    pattern: `(?<who>ANY) (?:is |was |has |been |now |often |also )*work(?:s|ed|ing)? (?:closely |together |a lot )?with (?<what>PERSONS)`,
    read: ({ who, what }) => edges(who, "works_with", what),
  },
];
