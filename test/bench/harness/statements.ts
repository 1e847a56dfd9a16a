const NAMES =
  "Ana Ben Chloe Dev Elif Finn Gita Hugo Iris Jun Kofi Lena Milo Nora Omar Pia Quinn Rosa Sven Tara".split(
    " ",
  );
const VERBS =
  "bought repaired painted visited sold planned photographed borrowed described recommended".split(" ");
const THINGS =
  "kayak piano bicycle greenhouse telescope cottage violin camper bookshelf sailboat kiln loom tent drone canoe easel printer saddle terrace wardrobe".split(
    " ",
  );
const PLACES =
  "Lisbon Oslo Kyoto Quito Dakar Turin Bergen Porto Leeds Ghent Perth Lima Cork Nantes Split Tartu Bonn Malmo Gijon Trento".split(
    " ",
  );
const REASONS =
  "for a friend's birthday;because the old one broke;after a long winter;before the move;with the savings from last year;for the neighbours;as a surprise;to learn something new;for the school fair;on doctor's advice".split(
    ";",
  );
const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");

/** Small and even: the same numbers give the same statement in every run. */
function pick<T>(list: readonly T[], ...seed: number[]): T {
  let hash = 2_166_136_261;
  for (const part of seed) hash = Math.imul(hash ^ (part + 0x9e37), 16_777_619) >>> 0;
  return list[(hash >>> 8) % list.length] as T;
}

/** A made-up statement of some 20 words about one of a tenant's people. */
export function statement(tenant: number, user: number, i: number): string {
  const name = pick(NAMES, user);
  const words = [
    `${name} ${pick(VERBS, tenant, user, i, 1)} a ${pick(THINGS, tenant, user, i, 2)} in ${pick(PLACES, tenant, user, i, 3)}`,
    `${pick(REASONS, tenant, user, i, 4)} on a ${pick(DAYS, tenant, user, i, 5)}`,
    `and paid ${100 + ((i * 37 + user * 11 + tenant) % 900)} euros to ${pick(NAMES, tenant, user, i, 6)}.`,
  ];
  return words.join(" ");
}

/**
 * A question of some 10 words that one of a user's statements answers; distinct for distinct `i` by small numbers,
 * for a large one is a code, which is looked up by itself.
 */
export function question(tenant: number, user: number, i: number): string {
  const name = pick(NAMES, user);
  return `What did ${name} do with the ${pick(THINGS, tenant, user, i, 2)} in ${pick(PLACES, tenant, user, i, 3)} (${i % 1_000}, ${Math.floor(i / 1_000)})?`;
}
