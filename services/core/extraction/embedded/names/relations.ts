import type { EntityMention, RelationMention } from "../../../memory/memory.ts";
import { COMPANION } from "./entity-types.ts";
import { toldAsOver } from "./told-as-over.ts";
import { toldRelations } from "./told-relations.ts";

const NAME =
  "(?:(?:Dr|Mr|Mrs|Ms|Prof)[.] )?\\p{Lu}[\\p{L}\\p{N}&'-]*(?: (?:(?:of|the) )?\\p{Lu}[\\p{L}\\p{N}&'-]*)*";
const PET =
  "dog|puppy|cat|kitten|hamster|rabbit|bunny|parrot|bird|turtle|tortoise|horse|guinea pig|snake|lizard|ferret";
const THING =
  "car|house|apartment|flat|boat|bike|bicycle|motorcycle|guitar|piano|violin|camera|garden|shop|store|restaurant|cafe|bakery|business|company|studio|farm|cabin|van|truck";
/** "Works in a bank and lives in Graz". */
const JOINED = '(?:[^.!?;:"]{0,60} and )?';
/** "Ada said they met their brother Tom" is about theirs. */
const ALONE = "(?:(?!\\b(?:they|them|people|everyone|who|he|she)\\b|(?<!\\bin )\\b\\p{Lu})[^.!?])*?";
const ADVERB = "(?:(?:now|currently|still|also|just|really|recently|always|definitely|absolutely) )*";

/** What "loves" takes without naming anything. */
const VAGUE =
  "(?:to|it|that|this|how|when|what|why|being|having|doing|going|playing|holding|seeing|getting|spending|watching|is|brings|helps|the way|the idea|all|their|them|him|her|his|its)";

interface Rule {
  readonly type: (match: RegExpMatchArray) => string;
  /** With `SUBJECT` for the person's name; group 1 is the target. */
  readonly pattern: string;
  readonly entity: string;
}

const RULES: readonly Rule[] = [
  {
    type: () => "lives_in",
    entity: "place",
    pattern: `SUBJECT ${JOINED}(?:has )?${ADVERB}(?:lives|lived|is living|been living|is based|resides) (?:\\w+ )?in (${NAME})`,
  },
  {
    type: () => "lives_in",
    entity: "place",
    pattern: `SUBJECT (?:has )?${ADVERB}(?:moved|relocated|is moving) (?:back )?(?:from ${NAME} )?to (${NAME})`,
  },
  {
    type: () => "works_at",
    entity: "organization",
    pattern: `SUBJECT ${JOINED}(?:has )?${ADVERB}(?:works|worked|is working|been working|interns|is employed) (?:\\w+ ){0,3}?(?:at|for) (${NAME})`,
  },
  {
    type: () => "works_at",
    entity: "organization",
    pattern: `SUBJECT (?:has )?${ADVERB}(?:joined|started at|got a job at|was hired by|got hired by) (${NAME})`,
  },
  {
    type: () => "works_as",
    entity: "other",
    pattern: `SUBJECT (?:has )?${ADVERB}(?:works|worked|is working|been working) as (?:an?|the) ((?:(?!and\\b|or\\b|at\\b|for\\b|in\\b|with\\b|but\\b|who\\b|because\\b)[a-z]+ ?){1,3})`,
  },
  {
    type: () => "likes",
    entity: "other",
    pattern: `SUBJECT ${ADVERB}(?:loves|likes|enjoys|adores) ((?!(?:${VAGUE}|SUBJECT's)\\b)(?:[\\p{L}'-]+ ?){1,3})(?=[.,!;]| and | but | because | with | in | on | at | so |$)`,
  },
  {
    type: () => "dislikes",
    entity: "other",
    pattern: `SUBJECT ${ADVERB}(?:hates|dislikes|can't stand) ((?!(?:${VAGUE}|SUBJECT's)\\b)(?:[\\p{L}'-]+ ?){1,3})(?=[.,!;]| and | but | because |$)`,
  },
  {
    type: () => "owns",
    entity: "other",
    pattern: `SUBJECT ${ADVERB}(?:has|owns|got|bought|adopted|rescued) (?:an?|another|their|SUBJECT's) (?:[\\p{L}-]+ ){0,2}?(${PET}|${THING})\\b`,
  },
  {
    type: () => "plans",
    entity: "other",
    pattern: `SUBJECT ${ADVERB}(?:plans|is planning|is going|intends|hopes|wants) (?:to|on) ((?!(?:just |really |still )?(?:keep|make|try|be|stay|get|continue|give|help|do|have|go on|go for|see|know|take a|reach|achieve|pursue|push|show|feel)\\b)(?:[\\p{L}'-]+ ?){1,5})(?=[.,!;]| and | but | because |$)`,
  },
  {
    type: (m) => `has_${(m[2] ?? "").toLowerCase().replaceAll(/[\s-]+/g, "_")}`,
    entity: "person",
    pattern: `(?:SUBJECT's|SUBJECT${ALONE} their) (?:(?:older|younger|little|big|late|twin|best) )?(?=(?:${COMPANION})\\b,? (${NAME}))(${COMPANION})\\b`,
  },
];

/**
 * Typed edges that a statement tells, by a few general rules. A target that is not
 * among the entities is added to `entities`.
 */
export function relationsOf(
  text: string,
  entities: EntityMention[],
  participants: readonly string[],
): RelationMention[] {
  const relations: RelationMention[] = [];
  // What follows "said:" has its own subject; a question in quotes states nothing.
  const plain = text.replace(/^[^".]*, asked\b[^"]*"[^"]*", [^:]*: /, "");
  const others = entities.filter(({ name, type }) => type === "person" && !participants.includes(name));
  for (const name of [...participants, ...others.map((other) => other.name)]) {
    if (!text.includes(name) && !text.includes(capitalize(name))) continue;
    for (const rule of RULES) {
      for (const match of plain.matchAll(patternFor(rule, name))) {
        const target = (match[1] ?? "").trim().replace(/'s$/, "");
        if (
          target === "" ||
          /\b(?:them|him|her|it)$/.test(target) ||
          participants.includes(target) ||
          !fits(entities, target, rule.entity) ||
          isUnreal(plain.slice(0, match.index)) ||
          relations.some((r) => r.source === name && r.type === rule.type(match) && r.target === target)
        )
          continue;
        const over = overOf(rule.type(match), match, plain);
        if (over === "unknown") continue;
        relations.push({ source: name, type: rule.type(match), target, ...(over && { over }) });
        addEntity(entities, target, rule.entity);
      }
    }
  }
  for (const told of toldRelations(plain, entities, participants, isUnreal)) {
    const { source, type, target } = told;
    if (relations.some((r) => r.source === source && r.type === type && r.target === target)) continue;
    relations.push(told);
    for (const end of [source, target])
      addEntity(entities, end, participants.includes(end) || KIN_END.test(end) ? "person" : "other");
  }
  return relations;
}

function overOf(type: string, match: RegExpMatchArray, text: string) {
  return toldAsOver(type, match[0], text.slice((match.index ?? 0) + match[0].length));
}

/** "The user's doctor". */
const KIN_END = new RegExp(`'s (?:${COMPANION})$`);

const UNREAL =
  /(?:^|[.!?;:]\s|,\s|\b(?:and|but)\s)[^.!?;:,]{0,120}?\b(?:if|unless|wish\w*|would|could|might|may|maybe|perhaps|imagin\w*|suppos\w*|pretend\w*|assum\w*|dream\w*|doubt\w*|thinks?|thought|hop\w+|wonder\w*|whether|never|not|\w+n't|denie[sd]|lied|in (?:the|this|my|an?) (?:novel|movie|story|dream|fairy tale))\b(?:(?!,\s|\b(?:and|but)\s)[^.!?;:]){0,120}$/i;

/** "If Maya lived in Rome", "Tom thinks Maya ...": nobody has told that it is so. */
function isUnreal(before: string): boolean {
  return UNREAL.test(before.slice(-240));
}

const patterns = new Map<string, RegExp>();
const REMEMBERED = 2000;

function patternFor(rule: Rule, name: string): RegExp {
  const key = `${rule.pattern}\n${name}`;
  const known = patterns.get(key);
  if (known) return known;
  if (patterns.size > REMEMBERED) patterns.clear();
  const forms = [name, capitalize(name)].map((form) => RegExp.escape(form));
  const subject = `(?<![\\p{L}\\p{N}])(?:${forms.join("|")})`;
  const made = new RegExp(
    rule.pattern.replaceAll("SUBJECT", () => subject),
    "gu",
  );
  patterns.set(key, made);
  return made;
}

/** "Moved to Slack" tells no place to live in. */
function fits(entities: readonly EntityMention[], name: string, type: string): boolean {
  const known = entities.find((entity) => entity.name.toLowerCase() === name.toLowerCase())?.type;
  return known === undefined || known === "other" || type === "other" || known === type;
}

function addEntity(entities: EntityMention[], name: string, type: string): void {
  const at = entities.findIndex((entity) => entity.name.toLowerCase() === name.toLowerCase());
  if (at < 0) entities.push({ name, type });
  else if (entities[at]?.type === "other") entities[at] = { name, type };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
