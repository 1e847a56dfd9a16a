import type { EntityMention, RelationMention } from "../../../memory/memory.ts";
import { COMPANION } from "./entity-types.ts";
import { ownedThing, POSSESSED } from "./possessions.ts";

/** What a clause is read with: those it names, longest first, as parts of a pattern. */
interface Names {
  readonly person: string;
  readonly any: string;
  /** As they are written elsewhere, by their lower-cased forms. */
  readonly known: ReadonlyMap<string, string>;
  /** Whose "their" is, where only one has been named. */
  readonly speaker: string | undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

interface ToldRule {
  /** What a text must hold: a pattern of names is made anew for most texts, which takes longer than looking. */
  readonly hint: RegExp;
  /** With PERSON for any person's name, ANY for anything named, OWNED for somebody's thing. */
  readonly pattern: string;
  readonly read: (groups: Groups) => (RelationMention | undefined)[];
}

const SUGGESTS = "(?:recommend|suggest|propos|endors)(?:e|s|es|ed)?";
const MADE =
  "(?:written|built|made|developed|implemented|coded|created|powered|based|running|runs|run|hosted)";
const BY = "(?:in|with|on|by|using|upon)";
const HAS_MADE =
  "(?:builds|built|building|writes|wrote|writing|made|makes|making|develops|developed|developing|created|creates|creating|codes|coded|coding|runs|running|hosts|hosted)";
const TO_DO =
  "(?:try|tries|use|uses|read|reads|learn|learns|visit|visits|buy|buys|get|gets|watch|watches|switch to|switches to|look at|looks at|look into|looks into|go with|goes with|take|takes|choose|chooses|pick|picks|apply to|applies to|call|calls|see|sees)";
const GROUP = "club|band|team|choir|orchestra|group|society|committee|gym|union|board|association";

const edge = (source: string | undefined, type: string, target: string | undefined) =>
  source && target ? { source, type, target } : undefined;

const RULES: readonly ToldRule[] = [
  {
    // "Sarah recommended Rust", "Sarah told Rosa to use Rust for Rosa's project".
    hint: /\b(?:recommend|suggest|propos|endors|told|advised|urged|encouraged|asked)/,
    pattern: `(?<who>PERSON|OWNED_PERSON)(?:, (?:who|she|he))? (?:has |had |also |just |strongly |highly )*(?:${SUGGESTS}|(?:told|advised|urged|encouraged|asked) (?:PERSON|them|him|her)) (?:to (?:PERSON|them) )?(?:that (?:PERSON|they) )?(?:should )?(?:to )?(?:${TO_DO} )?(?:[Tt]he |an? )?(?<what>ANY|[\\p{Ll}][\\p{L}-]+(?: [\\p{Ll}][\\p{L}-]+)?(?= for | to PERSON|[.,!;]|$))(?<rest>[^.!?;]{0,60})`,
    read: ({ who, what, rest }) => {
      if (!what || VAGUE.test(what)) return [];
      const purpose = new RegExp(`^ ?(?:to \\S+ )?for (?<owned>${POSSESSED})`, "u").exec(rest ?? "")?.groups
        ?.owned;
      return [edge(who, "recommended", what), purpose ? edge(what, "recommended_for", purpose) : undefined];
    },
  },
  {
    // "Rosa is using Rust for their project".
    hint: /\b(?:using|use[sd]|chose|picked|chosen)\b/,
    pattern: `(?:PERSON) (?:is |was |has |had |been |now |also |currently |still )*(?:using|uses|used|chose|picked|chosen) (?:the )?(?<what>ANY) (?:for|in|on) (?<owned>OWNED)`,
    read: ({ what, owned }) => [edge(what, "used_for", owned)],
  },
  {
    // "Rosa's project is written in Rust".
    hint: /\b(?:written|built|made|developed|implemented|coded|created|powered|based|run|runs|running|hosted|use[sd]|using|relies|depends)\b/,
    pattern: `(?<owned>OWNED) (?:is |was |has |been |being |now |also |entirely |mostly )*(?:${MADE} ${BY}|uses|used|using|relies on|depends on) (?:the )?(?<what>ANY)`,
    read: ({ what, owned }) => [edge(what, "used_for", owned)],
  },
  {
    // "Rosa built their app with Postgres".
    hint: /\b(?:buil|writ|wrote|mak|made|develop|creat|cod|run|host)/,
    pattern: `(?:PERSON) (?:is |was |has |had |been |now |also )*${HAS_MADE} (?<owned>OWNED) ${BY} (?:the )?(?<what>ANY)`,
    read: ({ what, owned }) => [edge(what, "used_for", owned)],
  },
  {
    hint: /\bcalls?\b/,
    pattern: `(?<who>PERSON),? (?:whom |who )?(?:everyone|everybody|people|friends|they|we|PERSON|all|most) (?:just |usually |often )?calls? (?:him |her |them )?(?<what>PERSON)`,
    read: ({ who, what }) => [edge(who, "also_called", what)],
  },
  {
    hint: /\b(?:known|called|goes by|went by|nicknamed|nickname|short for)\b/,
    pattern: `(?<who>ANY)(?:,| is| was)? (?:(?:also|better|often) (?:known as|called)|goes by|went by|nicknamed|is short for|'s nickname is|is called) (?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "also_called", what)],
  },
  {
    hint: /\b(?:based|located|headquartered|situated) in\b/,
    pattern: `(?<who>ANY) (?:is|was) (?:now )?(?:based|located|headquartered|situated) in (?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "located_in", what)],
  },
  {
    hint: /\b(?:part|division|subsidiary|suburb|district) of\b/,
    pattern: `(?<who>ANY) (?:is|was) (?:an? )?(?:part|division|subsidiary|suburb|district) of (?:the )?(?<what>ANY)`,
    read: ({ who, what }) => [edge(who, "part_of", what)],
  },
  {
    hint: /\b(?:member of|belongs to|plays in|sings in)\b/,
    pattern: `(?<who>PERSON) (?:is |was |now )*(?:an? (?:\\p{Ll}+ )?member of|belongs to|plays in|sings in) (?:the |an? |their )?(?<what>ANY|(?:\\p{Ll}+ ){0,2}(?:${GROUP})\\b)`,
    read: ({ who, what }) => [edge(who, "member_of", what)],
  },
  {
    hint: /\b(?:met|knows|known|befriended|friends with)\b/,
    pattern: `(?<who>PERSON) (?:has |had )?(?:met|knows|known|befriended|is friends with|became friends with) (?<what>PERSON)`,
    read: ({ who, what }) => [edge(who, "knows", what)],
  },
  {
    hint: /\b(?:married|engaged) to\b/,
    pattern: `(?<who>PERSON) (?:is|was|got) (?:now )?(?:married|engaged) to (?<what>PERSON)`,
    read: ({ who, what }) => [edge(who, "married_to", what)],
  },
  {
    hint: /\bprefers?\b/,
    pattern: `(?<who>PERSON) (?:really |always |now )?prefers? (?:the )?(?<what>ANY|[\\p{Ll}][\\p{L}-]+(?: [\\p{Ll}][\\p{L}-]+)?)(?= over | to |[.,!;]|$)`,
    read: ({ who, what }) => [VAGUE.test(what ?? "") ? undefined : edge(who, "prefers", what)],
  },
];

/** What names nothing: "recommended going", "suggested something else". */
const VAGUE =
  /^\S*ing\b|^(?:it|that|this|to|them|him|her|one|some|something|anything|nothing|everything|someone|both|all|other|more|less|how|what|when|not|a lot|in|on|at|for|against|so|strongly|very|just|taking|their|his|its)\b/u;

/**
 * Edges that a statement tells of whomever and whatever it names, not only of those who speak. Ends like "their project" are
 * the owner's: "Rosa's project".
 *
 * @param isUnreal whether what stands before a clause keeps it from being told.
 */
export function toldRelations(
  text: string,
  entities: readonly EntityMention[],
  speakers: readonly string[],
  isUnreal: (before: string) => boolean,
): RelationMention[] {
  const likely = RULES.filter(({ hint }) => hint.test(text));
  const names = likely.length > 0 && namesIn(text, entities, speakers);
  if (!names) return [];
  const told: RelationMention[] = [];
  for (const { pattern, read } of likely) {
    for (const match of text.matchAll(compile(pattern, names))) {
      if (isUnreal(text.slice(0, match.index))) continue;
      for (const relation of read(match.groups ?? {})) {
        const resolved = relation && resolve(relation, names);
        if (resolved) told.push(resolved, ...ownership(resolved));
      }
    }
  }
  return told;
}

function namesIn(
  text: string,
  entities: readonly EntityMention[],
  speakers: readonly string[],
): Names | undefined {
  const own = speakers.filter((name) => text.toLowerCase().includes(name.toLowerCase()));
  const all = [...new Set([...entities.map(({ name }) => name), ...own])].filter((name) =>
    text.toLowerCase().includes(name.toLowerCase()),
  );
  const persons = new Set([
    ...entities.filter(({ type }) => type === "person").map(({ name }) => name),
    ...own,
  ]);
  if (all.length < 1) return undefined;
  const anyOf = (list: readonly string[]) =>
    list.length === 0
      ? "(?!)"
      : `(?<![\\p{L}\\p{N}])(?:${list
          .toSorted((a, b) => b.length - a.length)
          .flatMap((name) => [name, name.charAt(0).toUpperCase() + name.slice(1)])
          .map((name) => RegExp.escape(name))
          .join("|")})(?!'s)(?![\\p{L}\\p{N}])`;
  return {
    person: anyOf([...persons]),
    any: anyOf(all),
    known: new Map(all.map((name) => [name.toLowerCase(), name])),
    speaker: own.length === 1 ? own[0] : undefined,
  };
}

/** A thing that is somebody's may be named with its owner: "Rosa's" is no end of a name there. */
function compile(pattern: string, { person, any }: Names): RegExp {
  const owner = person.replace("(?!'s)", "");
  const whole = pattern
    .replaceAll("OWNED_PERSON", () => `${owner}'s (?:${COMPANION})(?! \\p{Lu})`)
    .replaceAll("OWNED", () => POSSESSED)
    .replaceAll("PERSON", () => person)
    .replaceAll("ANY", () => any);
  return new RegExp(whole, "gu");
}

/** Both ends by their full names; undefined where one of them is nobody's. */
function resolve(
  { source, type, target }: RelationMention,
  { speaker, known }: Names,
): RelationMention | undefined {
  const [from, to] = [source, target].map((end) => {
    const name = known.get(end.toLowerCase()) ?? ownedThing(end, speaker)?.name;
    return name && (known.get(name.toLowerCase()) ?? name);
  });
  return from && to && from !== to ? { source: from, type, target: to } : undefined;
}

/** Whose a thing is, is told with it. */
function ownership({ source, target }: RelationMention): RelationMention[] {
  return [source, target].flatMap((name) => {
    const { owner } = ownedThing(name, undefined) ?? {};
    return owner ? [{ source: owner, type: "has", target: name }] : [];
  });
}
