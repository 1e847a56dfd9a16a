import type { Token } from "../extraction/embedded/language.ts";
import type { Claim, Reading } from "./claim.ts";
import { isAkin } from "./classes.ts";
import { DAYS, LIGHT } from "./lexicon.ts";
import { wordsOf } from "./overlap.ts";
import { sortWords } from "./words.ts";

const JOINS = /^(?:and|or|&|plus)$/;

/** "French and Spanish", "a dog and two cats": what stands side by side behind a verb; empty of what is one thing. */
export function itemsOf(behind: readonly Token[]): readonly (readonly string[])[] {
  const last = behind.findLastIndex(({ lower }) => JOINS.test(lower));
  if (last < 0) return [];
  const groups: Token[][] = [[]];
  for (const [i, token] of behind.entries()) {
    const isComma = token.value === ",";
    // "On Mondays and Tuesdays, else at home": the list has ended.
    if (isComma && i > last) break;
    if (isComma || JOINS.test(token.lower)) groups.push([]);
    else groups.at(-1)?.push(token);
  }
  const named = groups.filter((group) => group.length > 0).map(itself);
  const items = named.filter(isThing).map((group) => sortWords(group).value);
  return items.length === named.length && items.every(isTold) ? items : [];
}

/** "On Mondays and Tuesdays" tells when. */
function isTold(words: readonly string[]): boolean {
  return words.some((word) => !DAYS.has(word));
}

/** Of "allergic to nuts" the nuts, of "two cats from the shelter" the cats. */
function itself(group: readonly Token[], place: number): readonly Token[] {
  const isAdposition = ({ pos, lower }: Token) => pos === "ADP" || lower === "to";
  if (place === 0) return group.slice(group.findLastIndex(isAdposition) + 1);
  const end = group.findIndex(isAdposition);
  return end > 0 ? group.slice(0, end) : group;
}

/** "Red and white wine" is one thing. */
function isThing(group: readonly Token[]): boolean {
  return group.some(
    ({ pos, lower, value }) =>
      pos === "NOUN" || pos === "PROPN" || /^\p{Lu}/u.test(value) || /ing$/.test(lower),
  );
}

/** Who gave the dog away has the two cats still: of what was told side by side, it is of some and not of others. */
export function leavesSome(claim: Claim, old: Claim): boolean {
  return namesSome([...wordsOf(claim), ...claim.not, ...claim.subject.split(/[/ ]/)], old);
}

/** As `leavesSome`, of all that a statement says. */
export function tellsOfSome({ words }: Reading, known: Reading): boolean {
  return known.claims.some((old) => namesSome([...words], old));
}

function namesSome(said: readonly string[], { items = [], mode }: Claim): boolean {
  if (!/^(?:so|planned|denied)$/.test(mode)) return false;
  const isNamed = (item: readonly string[]) =>
    item.some((word) => !LIGHT.has(word) && said.some((other) => isAkin(word, other)));
  const named = items.filter(isNamed);
  return named.length > 0 && named.length < items.length;
}
