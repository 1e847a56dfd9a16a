export interface RequestLimits {
  /** Texts a request. */
  readonly maxTexts: number;
  /** UTF-16 units of all texts of a request; one that is longer goes alone. */
  readonly maxCharacters: number;
}

/** Splits texts into requests, in their order; together they are the texts. */
export function planRequests(
  texts: readonly string[],
  { maxTexts, maxCharacters }: RequestLimits,
): string[][] {
  const requests: string[][] = [];
  let characters = 0;
  for (const text of texts) {
    const last = requests.at(-1);
    characters += text.length;
    if (last && last.length < maxTexts && characters <= maxCharacters) {
      last.push(text);
      continue;
    }
    requests.push([text]);
    characters = text.length;
  }
  return requests;
}
