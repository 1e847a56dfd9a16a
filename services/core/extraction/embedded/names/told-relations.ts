import type { EntityMention, RelationMention } from "../../../memory/memory.ts";
import { tokenize } from "../language.ts";
import { COMPANION } from "./entity-types.ts";
import { ownedThing } from "./possessions.ts";
import { KIN_TOLD } from "./told/kin.ts";
import { A_NAME, A_PERSON, AN_OWNER, marked, NAME_AHEAD, unmarked } from "./told/marked-names.ts";
import { OWNED_MARKED } from "./told/owned.ts";
import { PLACES_TOLD } from "./told/places.ts";
import { RECOMMENDED } from "./told/recommended.ts";
import { ALIASES_TOLD, THINGS_TOLD } from "./told/things.ts";
import type { ToldRule } from "./told/told-rule.ts";
import { toldAsOver } from "./told-as-over.ts";

/** Whom and what a text names. */
interface Names {
  /** As they are written elsewhere, by their lower-cased forms. */
  readonly known: ReadonlyMap<string, string>;
  /** Whose "their" is, where only one has been named. */
  readonly speaker: string | undefined;
}

const WHICH = "best|old|new|older|younger|little|big|twin|former";
const WHO = `(?:${AN_OWNER}'s (?:(?:${WHICH}) )?(?:${COMPANION})(?! ${NAME_AHEAD})|${A_NAME})`;
/** Bounded, so that a long list of names is read in linear time. */
const listOf = (one: string) => `${one}(?:, ${one}){0,8}(?:,? (?:and|or) ${one})?`;
const PARTS: Readonly<Record<string, string>> = {
  PERSON: A_PERSON,
  PERSONS: listOf(A_PERSON),
  ANY: A_NAME,
  NAMED: NAME_AHEAD,
  WHO,
  SEVERAL: `${listOf(WHO)}(?: from (?:the )?[\\p{Ll}]+)?(?: both| all)?`,
  PAIR: `${A_NAME}(?:, ${A_NAME}){0,8},? and ${A_NAME}`,
  THINGS: listOf(A_NAME),
  OWNER: AN_OWNER,
  OWNED: OWNED_MARKED,
  KIN: `(?:${COMPANION})s?`,
};
const PART = new RegExp(
  Object.keys(PARTS)
    .toSorted((a, b) => b.length - a.length)
    .join("|"),
  "g",
);

const RULES: readonly (ToldRule & { readonly expression: RegExp })[] = [
  ...RECOMMENDED,
  ...THINGS_TOLD,
  ...ALIASES_TOLD,
  ...PLACES_TOLD,
  ...KIN_TOLD,
].map((rule) => ({
  ...rule,
  expression: new RegExp(
    rule.pattern.replace(PART, (part) => PARTS[part] ?? part),
    "gu",
  ),
}));

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
  if (likely.length === 0) return [];
  const { names, clause } = read(text, entities, speakers);
  const told: RelationMention[] = [];
  for (const { expression, read: relationsIn } of likely) {
    for (const match of clause.matchAll(expression)) {
      const end = match.index + match[0].length;
      const before = unmarked(clause.slice(Math.max(0, match.index - AROUND), match.index));
      if (isUnreal(before) || isAsked(clause.slice(end, end + AROUND))) continue;
      for (const relation of relationsIn(match.groups ?? {})) {
        const resolved = relation && resolve(relation, names, text);
        if (!resolved) continue;
        const over = toldAsOver(resolved.type, unmarked(match[0]), unmarked(clause.slice(end, end + AROUND)));
        if (over !== "unknown") told.push(over ? { ...resolved, over } : resolved, ...ownership(resolved));
      }
    }
  }
  return told;
}

/** So much of what stands before and behind a clause tells whether it is so, in UTF-16 code units. */
const AROUND = 400;

/** "Is it written in Rust?" */
function isAsked(behind: string): boolean {
  return /^[^.!?;]*\?/.test(behind);
}

function read(
  text: string,
  entities: readonly EntityMention[],
  speakers: readonly string[],
): { readonly names: Names; readonly clause: string } {
  const lower = text.toLowerCase();
  const isHere = (name: string) => lower.includes(name.toLowerCase());
  const own = speakers.filter(isHere);
  const all = [...new Set([...entities.map(({ name }) => name), ...own])].filter(isHere);
  const persons = entities.filter(({ type }) => type === "person").map(({ name }) => name);
  const known = new Map(all.map((name) => [name.toLowerCase(), name]));
  const names = { known, speaker: own.length === 1 ? own[0] : undefined };
  return { names, clause: marked(text, all, new Set([...persons, ...own])) };
}

/** Both ends by their full names; undefined where one of them is nobody's, or names nothing. */
function resolve(
  { source, type, target }: RelationMention,
  { speaker, known }: Names,
  text: string,
): RelationMention | undefined {
  const [from, to] = [source, target].map((end) => {
    const name = known.get(end.toLowerCase()) ?? ownedThing(end, speaker)?.name;
    if (name === undefined) return undefined;
    return known.get(name.toLowerCase()) ?? (namesSomething(name, text) ? name : undefined);
  });
  return from && to && from !== to ? { source: from, type, target: to } : undefined;
}

/** Any word may open a sentence with a capital. */
function namesSomething(name: string, text: string): boolean {
  if (!/^\p{Lu}/u.test(name) || name.includes("'s ")) return true;
  return tokenize(text).some(({ value, pos }) => pos === "PROPN" && name.startsWith(value));
}

/** Whose a thing is, is told with it. */
function ownership({ source, target }: RelationMention): RelationMention[] {
  return [source, target].flatMap((name) => {
    const { owner } = ownedThing(name, undefined) ?? {};
    return owner ? [{ source: owner, type: "has", target: name }] : [];
  });
}
