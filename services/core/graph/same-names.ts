import { distance } from "fastest-levenshtein";
import { knownKind } from "../extraction/embedded/names/names.ts";
import { tokensOf } from "./fold-name.ts";
import { LEAST_LETTERS, SPELT } from "./name-keys.ts";

/** How two names were found to be one. */
export type MergeRule = "name" | "alias" | "part" | "similar" | "hand";

/** A name of one type, as it is known where names are compared. */
export interface KnownName {
  readonly id: string;
  readonly folded: string;
  readonly type: string;
}

export interface NamePair {
  readonly a: string;
  readonly b: string;
  readonly rule: Exclude<MergeRule, "alias" | "hand">;
}

export interface NameDecision {
  readonly pairs: readonly NamePair[];
  /** First names that fit nobody or several: whatever they were taken for, they are not any more. */
  readonly ambiguous: readonly string[];
}

/**
 * Which of these names are one. Conservative: two persons taken for one can't be told apart by any reader, while one
 * under two names is found under both.
 *
 * @param fresh ids of names that are new here; pairs without one of them were decided before.
 * @param among all names here that have a key in common with a fresh one, the fresh ones too.
 */
export function sameNames(fresh: ReadonlySet<string>, among: readonly KnownName[]): NameDecision {
  const pairs: NamePair[] = [];
  const isNew = (a: KnownName, b: KnownName) => a !== b && (fresh.has(a.id) || fresh.has(b.id));
  for (const [index, a] of among.entries()) {
    for (const b of among.slice(index + 1)) {
      if (isNew(a, b) && isSpeltAlike(a, b)) pairs.push({ a: a.id, b: b.id, rule: "similar" });
    }
    if (a.type !== "other") continue;
    const typed = among.filter((b) => b.folded === a.folded && b.type !== "other");
    const [only] = typed;
    if (only && typed.length === 1 && isNew(a, only)) pairs.push({ a: a.id, b: only.id, rule: "name" });
  }
  const parts = firstNames(fresh, among);
  return { pairs: [...pairs, ...parts.pairs], ambiguous: parts.ambiguous };
}

/** "Sarah" is Sarah Chen where there is no other Sarah with a second name. */
function firstNames(fresh: ReadonlySet<string>, among: readonly KnownName[]): NameDecision {
  const persons = among.filter(({ type }) => type === "person");
  // Of other words not everybody who has them is among these.
  const known = new Set(persons.filter(({ id }) => fresh.has(id)).flatMap(({ folded }) => tokensOf(folded)));
  const pairs: NamePair[] = [];
  const ambiguous: string[] = [];
  for (const short of persons) {
    if (tokensOf(short.folded).length > 1 || !known.has(short.folded)) continue;
    const fits = persons.filter(({ folded }) => folded.startsWith(`${short.folded} `) && isFullName(folded));
    const [only] = fits;
    if (only && fits.length === 1) pairs.push({ a: short.id, b: only.id, rule: "part" });
    else ambiguous.push(short.id);
  }
  return { pairs, ambiguous };
}

/** "Sarah and Tom", "Sarah from work": more than a name. */
function isFullName(folded: string): boolean {
  const tokens = tokensOf(folded);
  return (
    tokens.length <= 3 && tokens.every((token) => /^\p{L}[\p{L}\p{M}'.-]*$/u.test(token) && !JOINS.has(token))
  );
}

const JOINS = new Set(["and", "or", "from", "with", "of", "at", "in", "&"]);

/** One letter's difference, in what is long enough to be misspelt and is not two names that both exist. */
function isSpeltAlike(a: KnownName, b: KnownName): boolean {
  if (a.type !== b.type || !SPELT.has(a.type) || a.folded === b.folded) return false;
  const [left, right] = [tokensOf(a.folded), tokensOf(b.folded)];
  if (left.length !== right.length) return false;
  const differing = left.flatMap((token, i) =>
    token === right[i] ? [] : [[token, right[i] ?? ""] as const],
  );
  const [only] = differing;
  if (!only || differing.length > 1) return false;
  const [one, other] = only;
  const isFirstName = a.type === "person" && left.length === 1;
  // Daniela and Daniele are two; Phillip and Philip are one.
  if (isFirstName ? undoubled(one) !== undoubled(other) : distance(one, other) !== 1) return false;
  return (
    Math.min(one.length, other.length) >= (isFirstName ? LEAST_LETTERS - 1 : LEAST_LETTERS) &&
    one[0] === other[0] &&
    !/\d/u.test(one + other) &&
    // A plural, or a feminine: Andrea, Andreas.
    !(one.startsWith(other) || other.startsWith(one)) &&
    !(knownKind(one) !== undefined && knownKind(other) !== undefined)
  );
}

function undoubled(token: string): string {
  return token.replace(/(\p{L})\1/gu, "$1");
}
