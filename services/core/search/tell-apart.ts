import { type Reading, SELF } from "../claims/claim.ts";
import { compare } from "../claims/compare.ts";
import { readClaims } from "../claims/reading.ts";
import { slotsOf } from "../claims/slot-keys.ts";
import { UNNAMED } from "../claims/tellers.ts";
import { isNearer } from "./layers.ts";
import { disputes } from "./member-disputes.ts";
import type { SearchHit } from "./search-request.ts";
import { placeOf, tellerOf } from "./told-by.ts";

/** What is known of a hit where it is compared with the others. */
interface ReadHit {
  readonly hit: SearchHit;
  readonly reading: Reading;
}

/**
 * Marks what hits tell otherwise of the same, and lets the nearer layer come first: of two layers the farther one is
 * overridden, of two members in one shared place each is disputed by the other. Neither is left out. A member who changes
 * what they have told disputes nothing.
 */
export function tellApart(hits: readonly SearchHit[]): readonly SearchHit[] {
  const overriddenBy = new Map<SearchHit, SearchHit>();
  const overriding: (readonly [SearchHit, SearchHit])[] = [];
  const disputedBy = new Map<SearchHit, Set<string>>();
  for (const [better, worse] of pairsOfOneThing(hits)) {
    const [a, b] = [better.hit, worse.hit];
    const rule = contradiction(better.reading, worse.reading) ?? disputed(better, worse);
    if (rule === undefined) continue;
    const near = isNearer(a.layer, b.layer) ? a : isNearer(b.layer, a.layer) ? b : undefined;
    if (near) {
      if (!rule.startsWith("slot:")) continue;
      const far = near === a ? b : a;
      const known = overriddenBy.get(far);
      if (!known || isNearer(near.layer, known.layer)) overriddenBy.set(far, near);
      overriding.push([near, far]);
    } else if (areMembers(a, b)) {
      note(disputedBy, a, b);
      note(disputedBy, b, a);
    }
  }
  if (overriddenBy.size === 0 && disputedBy.size === 0) return hits;
  const marked = new Map(
    hits.map((hit) => {
      const by = overriddenBy.get(hit)?.memory.id;
      return [hit, { ...hit, overriddenBy: by, disputedBy: [...(disputedBy.get(hit) ?? [])] }];
    }),
  );
  return nearerFirst(hits, overriding).flatMap((hit) => marked.get(hit) ?? []);
}

/** Each two that tell of the same attribute of the same, better ones first; personal ones are compared across layers alone. */
function* pairsOfOneThing(hits: readonly SearchHit[]): Generator<readonly [ReadHit, ReadHit]> {
  const read = hits
    .filter((hit) => hit.layer !== undefined || placeOf(hit.memory.scope) !== undefined)
    .map((hit): ReadHit => ({ hit, reading: readingOf(hit) }));
  const bySlot = Map.groupBy(
    read.flatMap((one) => slotsOf(one.reading).map((slot) => ({ one, slot }))),
    ({ slot }) => slot,
  );
  const seen = new Set<string>();
  for (const group of bySlot.values()) {
    for (const [index, { one }] of group.entries()) {
      for (const { one: other } of group.slice(index + 1)) {
        const pair = `${one.hit.memory.id}/${other.hit.memory.id}`;
        if (!seen.has(pair)) yield [one, other];
        seen.add(pair);
      }
    }
  }
}

const SELVES = new Set<string>(UNNAMED);

/** An unnamed user is not the unnamed user of somebody else's memory; "we" are the same. */
function readingOf({ memory }: SearchHit): Reading {
  const reading = ofAllOfUs(readClaims(memory.text, SELVES), memory.text);
  if (!/\bthe user\b/iu.test(memory.text)) return reading;
  const own = `@${memory.scope.userId ?? memory.id}`;
  const claims = reading.claims.map((claim) => {
    const { subject } = claim;
    const isOwn = subject === SELF || subject.startsWith(`${SELF}/`);
    return isOwn ? { ...claim, subject: own + subject.slice(SELF.length) } : claim;
  });
  return { ...reading, claims };
}

/** "Ana and others launch", as Ben and others do: it is the same "we" that a shared place has. */
function ofAllOfUs(reading: Reading, text: string): Reading {
  const names = [...text.matchAll(/(?<name>\p{Lu}[\p{L}'-]*|\bthe user) and others\b/giu)].map(({ groups }) =>
    groups?.name?.toLowerCase(),
  );
  if (names.length === 0) return reading;
  const claims = reading.claims.map((claim) =>
    names.includes(claim.subject) ? { ...claim, subject: "we" } : claim,
  );
  return { ...reading, claims };
}

const COMPARED = {
  cosine: undefined,
  mayEnd: () => true,
  isTalk: false,
  isOtherMoment: false,
  isAnotherTime: false,
};

/** By which rule one would end the other if the same one had told both; undefined where one says what the other does. */
function contradiction(a: Reading, b: Reading): string | undefined {
  const relations = [compare(a, b, COMPARED), compare(b, a, COMPARED)];
  if (relations.some(({ type }) => type !== "ends" && type !== "none")) return undefined;
  return relations.flatMap((relation) => (relation.type === "ends" ? [relation.rule] : []))[0];
}

/** As a rule that overrides nothing. */
function disputed(a: ReadHit, b: ReadHit): string | undefined {
  const told = ({ hit, reading }: ReadHit) => ({ text: hit.memory.text, reading });
  return areMembers(a.hit, b.hit) && disputes(told(a), told(b)) ? "dispute" : undefined;
}

/** Two who tell in one shared place. */
function areMembers(a: SearchHit, b: SearchHit): boolean {
  const place = placeOf(a.memory.scope);
  return (
    place !== undefined && place === placeOf(b.memory.scope) && tellerOf(a.memory) !== tellerOf(b.memory)
  );
}

function note(disputedBy: Map<SearchHit, Set<string>>, hit: SearchHit, { memory }: SearchHit): void {
  disputedBy.set(hit, (disputedBy.get(hit) ?? new Set()).add(memory.id));
}

/** Those that tell of one thing keep their places among the others, and take them from the nearest layer on. */
function nearerFirst(
  hits: readonly SearchHit[],
  pairs: readonly (readonly [SearchHit, SearchHit])[],
): SearchHit[] {
  const groupOf = new Map<SearchHit, Set<SearchHit>>();
  for (const [near, far] of pairs) {
    const joined = new Set([near, far, ...(groupOf.get(near) ?? []), ...(groupOf.get(far) ?? [])]);
    for (const hit of joined) groupOf.set(hit, joined);
  }
  const ordered = [...hits];
  for (const group of new Set(groupOf.values())) {
    const places = hits.flatMap((hit, place) => (group.has(hit) ? [place] : []));
    const nearest = places.flatMap((place) => hits[place] ?? []).sort(byLayer);
    for (const [index, place] of places.entries()) ordered[place] = nearest[index] as SearchHit;
  }
  return ordered;
}

function byLayer(a: SearchHit, b: SearchHit): number {
  return isNearer(a.layer, b.layer) ? -1 : isNearer(b.layer, a.layer) ? 1 : 0;
}
