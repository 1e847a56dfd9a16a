import { stem } from "./words.ts";

/** Where to live is to live in a town too. */
const CITIES = /^(?:Singapore|Monaco|Luxembourg|Gibraltar|Hong Kong|Macao|Vatican)/;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const OTHERS = ["UK", "USA", "US", "America", "England", "Scotland", "Wales", "Holland", "Türkiye", "Turkey"];

/** Whether words of a value, as claims have them, name a country or the like, in which a town may lie. */
export function isCountry(value: readonly string[]): boolean {
  return value.length > 0 && COUNTRIES.has(keyOf(value));
}

function keyOf(words: readonly string[]): string {
  return words.toSorted().join(" ");
}

const COUNTRIES = new Set(
  [...regions(), ...OTHERS].map((name) => keyOf((name.toLowerCase().match(/\p{L}+/gu) ?? []).map(stem))),
);

/** The English names of all regions of ISO 3166 that the runtime knows. */
function* regions(): Generator<string> {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  for (const a of LETTERS)
    for (const b of LETTERS) {
      const name = names.of(a + b);
      if (name !== undefined && !CITIES.test(name)) yield name;
    }
}
