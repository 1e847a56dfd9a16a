import type { RelationMention } from "../../../../memory/memory.ts";
import { isName, NAME_AHEAD } from "./marked-names.ts";
import { OWNED_MARKED } from "./owned.ts";
import { each, edge, edges, type Groups, type ToldRule, VAGUE } from "./told-rule.ts";

const SUGGESTS = "(?:recommend|suggest|propos|endors)(?:e|s|es|ed|ing)?";
const TO_DO =
  "(?:(?:tr(?:y|ies|ied|ying)|check(?:s|ed|ing)?)(?: out)?|(?:us|tak|choos|giv)(?:e|es|ing)|took|chose|read(?:s|ing)?|learn(?:s|ing)?|visit(?:s|ing)?|buy(?:s|ing)?|bought|get(?:s|ting)?|got|watch(?:es|ing)?|switch(?:es|ed|ing)? to|mov(?:e|es|ed|ing) to|look(?:s|ing)? (?:at|into)|go(?:es|ing)? (?:with|for)|pick(?:s|ed|ing)?|apply(?:ing)? to|applies to|see(?:s|ing)?|install(?:s|ed|ing)?|adopt(?:s|ed|ing)?|listen(?:s|ing)? to|order(?:s|ing)?|stick(?:s|ing)? (?:with|to)|consider(?:s|ing)?|start(?:s|ed|ing)? (?:with|using)|stay(?:s|ing)? (?:at|in)|hir(?:e|es|ing))";
const FIRMLY =
  "(?:(?:has|had|have|also|just|really|always|often|once|strongly|highly|warmly|definitely|absolutely|at least|(?:is|was) right to|likes to|loves to|tends to) )*";
const SHOULD =
  "(?:should|must|ought to|needs? to|ha[sd] to|have to) (?:really |definitely |absolutely |at least |also |just )*";
/** "A book called Dune", "the library Svelte". */
const SORT = `(?:(?:[Tt]he|an?|some|his|her) )?(?:(?:[\\p{Ll}-]+ ){1,3}(?:called|named) |(?!(?:to|in|on|at|of|from|with|for|by|and|or|than|about|near|that|if|when|how|whether|why|because|not|us|against|over|without|after|before|into)\\b)[\\p{Ll}-]+ ${NAME_AHEAD})?`;
const LOWER =
  "[\\p{Ll}][\\p{L}-]+(?: [\\p{Ll}][\\p{L}-]+)?(?= for | to PERSON| instead\\b| because | last |[.,!;]|$)";
const WHAT = `${SORT}(?<what>THINGS|${LOWER})(?<rest>[^.!?;]{0,60})`;
/** "Bouldering", which is suggested to do and not only done. */
const DOING = "(?<doing>[\\p{Ll}]{3,}ing)(?=[.,!;]|$| and | last | in )";
const NOTHING_VAGUE =
  /^(?:it|that|this|them|him|her|something|anything|nothing|everything|everyone|going|trying|doing|being|having|using|getting|taking|making)$/iu;
const NAMED = `${SORT}(?<what>THINGS)(?<rest>[^.!?;]{0,60})`;

const PURPOSE = new RegExp(`^ ?(?:to \\S+ )?for (?<owned>${OWNED_MARKED})`, "u");

/** Who recommended what, and for what of somebody's. What is "German" alone is a German something. */
function recommended(
  { who, what, rest, owned }: Groups,
  vague: RegExp = VAGUE,
): (RelationMention | undefined)[] {
  const named = each(what).filter((one) => isName(one) || !vague.test(one));
  const purpose = owned ?? PURPOSE.exec(rest ?? "")?.groups?.owned;
  return named.flatMap((one) => [
    ...edges(who, "recommended", one),
    edge(purpose && one, "recommended_for", purpose),
  ]);
}

/** As `recommended`; nobody advises themselves, and who "they" are in "Ann thinks they should" is open. */
function advised(groups: Groups, vague: RegExp = VAGUE): (RelationMention | undefined)[] {
  const whom = groups.whom?.toLowerCase();
  return each(groups.who).some((who) => who.toLowerCase() === whom) ? [] : recommended(groups, vague);
}

/** What one person suggests to another, in the ways that people say so. */
export const RECOMMENDED: readonly ToldRule[] = [
  {
    // "Sarah recommended Rust", "Sarah suggested that Rosa try Rust for Rosa's project".
    hint: /\b(?:recommend|suggest|propos|endors)/,
    pattern: `(?<who>SEVERAL),? (?:who |she |he )?${FIRMLY}(?!proposed to (?:PERSON|them)(?! (?:that|to)\\b))${SUGGESTS} (?:to (?:PERSON|them) )?(?:(?:that )?(?:PERSON|they) (?:should )?(?:${TO_DO}) |(?!(?:that )?PERSON (?!(?:for|as|to|because|when|last|and|or|at)\\b))(?:to )?(?:${TO_DO} )?)(?:${DOING}|${WHAT})`,
    read: ({ doing, ...groups }) =>
      doing ? recommended({ ...groups, what: doing }, NOTHING_VAGUE) : recommended(groups),
  },
  {
    // "Sarah told Rosa to try Postgres", "Sarah told Rosa that Rosa should try Postgres".
    hint: /\b(?:told|telling|advis|urg|encourag|convinc|persuad|want)/,
    pattern: `(?<who>SEVERAL),? (?:who |she |he )?${FIRMLY}(?:told|advised|urged|encouraged|convinced|persuaded|wants|(?:keeps|kept|is|was|been) (?:telling|advising|urging|encouraging)) (?<whom>PERSON|them|him|her)(?: and others)? (?:(?:that )?(?:\\k<whom>|they|he|she) ${SHOULD}|to )(?:${TO_DO}) ${WHAT}`,
    read: (groups) => advised(groups),
  },
  {
    // "Sarah thinks Rosa should use Svelte", "According to Sarah, Rosa should look at Kafka".
    hint: /\b(?:should|must|ought|needs?|ha[sd]|have|would|will)\b/,
    pattern: `(?:(?<=[Aa]ccording to )(?<who>SEVERAL),?|(?<says>SEVERAL) ${FIRMLY}(?:thinks?|thought|says?|said|believes?|believed|reckons?|reckoned|feels?|felt|insists?|insisted|(?:is|was) (?:convinced|sure|certain|adamant))(?: that)?) (?<whom>PERSON)(?: and others)? (?:${SHOULD}(?:${TO_DO}) ${WHAT}|(?:would|will) (?:really |absolutely |totally )?(?:love|like|enjoy) (?!PERSON)(?<liked>THINGS))`,
    read: ({ liked, ...groups }) =>
      advised({ ...groups, who: groups.who ?? groups.says, what: groups.what ?? liked }),
  },
  {
    // "Sarah insisted that Rosa read Middlemarch".
    hint: /\binsist/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}insist(?:s|ed)(?: that)? (?<whom>PERSON)(?: and others)? (?:${TO_DO}) ${WHAT}`,
    read: (groups) => advised(groups),
  },
  {
    // "Sarah mentioned that Deno would be good for Rosa's project".
    hint: /\b(?:would|might|could) be\b/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}(?:said|says|mentioned|mentions|thinks?|thought|told (?:PERSON|them|him|her)(?: and others)?)(?: that)? (?<what>ANY) (?:would|might|could) be (?:an? )?(?:really |very )?(?:good|great|perfect|ideal|better|best|right)(?: [\\p{Ll}]+)? for (?<owned>OWNED)`,
    read: (groups) => recommended(groups),
  },
  {
    // "Sarah told Rosa that Postgres would be a good choice", "Kafka would be worth a look".
    hint: /\b(?:would|might|could) be\b|\bworth\b/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}(?:said|says|mentioned|mentions|thinks?|thought|reckons?|told (?:PERSON|them|him|her)(?: and others)?)(?: that)? (?<what>ANY) (?:would|might|could) be (?:(?:an? |the )?(?:really |very )?(?:good|great|perfect|ideal|better|best|right|solid|sensible) (?:choice|fit|option|pick|idea|match|way to go)|worth (?:a (?:look|try|shot)|trying|checking out|considering|looking (?:at|into)))`,
    read: (groups) => recommended(groups),
  },
  {
    // "Sarah pointed Rosa to Figma".
    hint: /\b(?:point|steer|referr|nudg)/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}(?:pointed|steered|referred|nudged) (?<whom>PERSON|them|him|her)(?: and others)? (?:to|towards?|at) ${NAMED}`,
    read: (groups) => advised(groups),
  },
  {
    // "Sarah got Rosa onto Duolingo", "Sarah turned Rosa on to Radiohead", "Sarah got Rosa into climbing".
    hint: /\b(?:onto|on|into)\b/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}(?:(?:got|put|turned) (?<whom>PERSON|them|him|her)(?: and others)? (?:onto|on to|hooked on)|got (?:PERSON|them|him|her) into) (?!(?:the|an?|trouble|debt|shape|bed|college|school|university|position)\\b)(?:${DOING}|${WHAT})`,
    read: ({ doing, ...groups }) => advised({ ...groups, what: doing ?? groups.what }, NOTHING_VAGUE),
  },
  {
    // "Sarah swears by Notion".
    hint: /\b(?:swears|swore|rav|vouch|praises)/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}(?:swears by|swore by|(?:keeps |is always |was )?rav(?:es|ed|ing) about|vouche[sd] for|sings the praises of) ${NAMED}`,
    read: (groups) => recommended(groups),
  },
  {
    // "Sarah's suggestion for Rosa's project was Vue".
    hint: /\b(?:suggestion|recommendation|advice|tip|proposal)\b/,
    pattern: `(?<who>OWNER)'s (?:\\p{Ll}+ )?(?:suggestion|recommendation|advice|tip|proposal)(?: for (?<owned>OWNED))? (?:was|is) (?:to )?(?:${TO_DO} )?${NAMED}`,
    read: (groups) => recommended(groups),
  },
  {
    // "On Sarah's advice Rosa chose Django".
    hint: /\b(?:suggestion|recommendation|advice|tip)\b/,
    pattern: `(?:[Oo]n|[Aa]t|[Ff]ollowing|[Tt]hanks to|[Bb]ecause of) (?<who>OWNER)'s (?:suggestion|recommendation|advice|tip),? PERSON (?:is |has |had |now |then )*(?:${TO_DO}|used|read|hired|ordered|visited|watched|went with|is using|found|discovered) ${NAMED}`,
    read: (groups) => recommended(groups),
  },
  {
    // "Rosa got the tip about Blender from Sarah".
    hint: /\b(?:suggestion|recommendation|advice|tip)\b/,
    pattern: `PERSON (?:got|had|has|took|followed) (?:the |an? )?(?:suggestion|recommendation|advice|tip) (?:about|for|of|on|to (?:${TO_DO})) (?<what>THINGS) (?:from|by) (?<who>SEVERAL)`,
    read: (groups) => recommended(groups),
  },
  {
    // "Maria gave Rosa the tip to read Solaris".
    hint: /\b(?:gave|given)\b/,
    pattern: `(?<who>SEVERAL) ${FIRMLY}gave (?<whom>PERSON|them|him|her)(?: and others)? (?:the|a|an?) (?:suggestion|recommendation|advice|tip|idea) (?:to |of )(?:${TO_DO}) ${WHAT}`,
    read: (groups) => advised(groups),
  },
  {
    // "Rust was recommended to Rosa by Sarah".
    hint: /\b(?:recommended|suggested|proposed|endorsed)\b[^.!?;]*\bby\b/,
    pattern: `(?<what>THINGS) (?:was|were|is|are|has been|have been|had been|came) (?:strongly |highly |warmly )?(?:recommended|suggested|proposed|endorsed) (?:to (?:PERSON|them) )?(?:for (?<owned>OWNED) )?by (?<who>SEVERAL)(?<rest>[^.!?;]{0,60})`,
    read: (groups) => recommended(groups),
  },
  {
    // "Rosa picked Redis because Sarah recommended it", "Rosa reads Dune, which Sarah recommended".
    hint: /\b(?:recommended|suggested|proposed)\b/,
    pattern: `(?<what>ANY)(?: (?:because|since|as|after)|,? which|,? that|, as) (?<who>SEVERAL) (?:has |had )?(?:strongly |highly |warmly )?(?:recommended|suggested|proposed)(?= it\\b|[.,!;]| to PERSON|$)`,
    read: (groups) => recommended(groups),
  },
  {
    // "Tom introduced Rosa to bouldering", "Lena introduced Rosa to Petra".
    hint: /\bintroduced\b/,
    pattern: `(?<who>WHO) (?:has |had |also |first )*introduced (?<whom>PERSON|them|him|her)(?: and others)? to (?:(?<met>PERSON)|${DOING}|${WHAT})`,
    read: ({ met, doing, ...groups }) =>
      met
        ? [edge(groups.whom, "knows", met)]
        : advised({ ...groups, what: doing ?? groups.what }, NOTHING_VAGUE),
  },
];
