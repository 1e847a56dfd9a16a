/** What a call of a model takes, in tokens. The three don't overlap. */
export interface TokenCounts {
  /** Read anew. */
  readonly input: number;
  /** Read from the server's cache, which some charge less for; 0 where a server does not tell. */
  readonly cachedInput: number;
  /** Written. */
  readonly output: number;
}

export const NO_TOKENS: TokenCounts = { input: 0, cachedInput: 0, output: 0 };

/** All of them. */
export function totalOf({ input, cachedInput, output }: TokenCounts): number {
  return input + cachedInput + output;
}
