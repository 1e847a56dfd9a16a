import { NO_TOKENS, type TokenCounts } from "@mneme/core/cost/token-counts.ts";

/** How a kind of reranking server is asked, and answers. */
export interface RerankProtocol {
  /** Behind the server's address. */
  readonly path: string;
  /** Texts a request at most, unless told: what such servers take without further settings. */
  readonly maxTexts: number;
  body(model: string, query: string, texts: readonly string[]): object;
  /** @returns the list that the answer is, each item in any shape; undefined where there is none. */
  rows(answer: unknown): readonly unknown[] | undefined;
  /** @returns index of the text and its score, unchecked. */
  row(row: unknown): { readonly index: unknown; readonly score: unknown };
  /** What the server says that it read; nothing where it does not say. */
  tokens(answer: unknown, headers: Headers): TokenCounts;
}

/** A member of what may be anything. */
export function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** A count of tokens that were read, if it is one. */
export function readTokens(count: unknown): TokenCounts {
  return Number.isSafeInteger(count) && (count as number) > 0
    ? { ...NO_TOKENS, input: count as number }
    : NO_TOKENS;
}
