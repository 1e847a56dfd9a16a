import type { Claim, Reading } from "./claim.ts";

/**
 * A reading with abbreviations as the words that another one spells them out in: where that says "lives in New York
 * City", "lives in NYC" says the same.
 */
export function spelledOut(reading: Reading, other: Reading): Reading {
  const spelled = new Map<string, readonly string[]>();
  const claims = reading.claims.map((claim): Claim => {
    const [short, ...more] = claim.value;
    if (short === undefined || more.length > 0 || !/^\p{L}{2,5}$/u.test(short)) return claim;
    const long = other.claims.find(
      (one) => one.attribute === claim.attribute && isShortFor(short, one.value),
    );
    if (!long) return claim;
    spelled.set(short, long.value);
    return { ...claim, value: long.value };
  });
  if (spelled.size === 0) return reading;
  const spell = (words: ReadonlySet<string>) =>
    new Set([...words].flatMap((word) => spelled.get(word) ?? [word]));
  return {
    ...reading,
    claims,
    words: spell(reading.words),
    parts: reading.parts.map((part) => ({ ...part, words: spell(part.words) })),
  };
}

function isShortFor(short: string, words: readonly string[]): boolean {
  return words.length === short.length && words.every((word, i) => word.startsWith(short[i] as string));
}
