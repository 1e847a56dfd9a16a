import { ANSWER_BYTES } from "../answer-bytes.ts";
import { countTokens } from "../tokens/count-tokens.ts";

export interface PackItem {
  readonly text: string;
}

export interface PackOptions<T extends PackItem = PackItem> {
  /** Tokens that the packed texts may take together. */
  readonly tokenBudget: number;
  /** At least this many are wanted before a long one is passed over for shorter ones behind it. */
  readonly minHits: number;
  readonly maxHits: number;
  /** Bytes that the hits may take together; the first may take more. */
  readonly maxBytes: number;
  /** What is written around each text (bullet, date, citation), counted with it. */
  readonly render?: (item: T) => string;
  /** Bytes that an item takes in the answer; none by default. */
  readonly bytesOf?: (item: T) => number;
}

export const DEFAULT_PACK: Omit<PackOptions, "render" | "bytesOf"> = {
  tokenBudget: 200,
  minHits: 5,
  maxHits: 10,
  maxBytes: ANSWER_BYTES,
};

export type OmittedReason = "token_budget" | "max_hits" | "max_bytes";

export interface Packed<T extends PackItem> {
  readonly hits: readonly T[];
  /** Tokens of all hits as rendered (o200k_base), never above the budget. */
  readonly tokens: number;
  readonly omitted: readonly { readonly item: T; readonly reason: OmittedReason }[];
  /**
   * Why nothing behind these items would be taken; undefined where something may still be. Of bytes it is
   * full where there is less room than a hit takes on average: one that is merely too large does not fill it.
   */
  readonly full: OmittedReason | undefined;
}

/**
 * Fills a token budget from the best item down. An item that does not fit is passed over and shorter ones
 * behind it are tried until there are `minHits`; after that the first that does not fit ends the packing,
 * so that weak hits never displace good ones for being short. One that is too large for the answer, its
 * sources' texts counted, is passed over at any place.
 */
export function pack<T extends PackItem>(
  items: readonly T[],
  options: Partial<PackOptions<T>> = {},
): Packed<T> {
  const { tokenBudget, minHits, maxHits, maxBytes, render, bytesOf }: PackOptions<T> = {
    ...DEFAULT_PACK,
    ...options,
  };
  const hits: T[] = [];
  const omitted: { item: T; reason: OmittedReason }[] = [];
  let tokens = 0;
  let bytes = 0;
  let full = false;
  for (const item of items) {
    if (hits.length >= maxHits) {
      omitted.push({ item, reason: "max_hits" });
      continue;
    }
    // One more for the line break between two texts.
    const cost = full ? Number.POSITIVE_INFINITY : countTokens(render ? render(item) : item.text) + 1;
    if (tokens + cost > tokenBudget) {
      omitted.push({ item, reason: "token_budget" });
      full = hits.length >= minHits;
      continue;
    }
    const size = bytesOf?.(item) ?? 0;
    if (hits.length > 0 && bytes + size > maxBytes) {
      omitted.push({ item, reason: "max_bytes" });
      continue;
    }
    hits.push(item);
    tokens += cost;
    bytes += size;
  }
  const whyFull = () => {
    if (hits.length >= maxHits) return "max_hits";
    if (full) return "token_budget";
    return bytes > 0 && maxBytes - bytes < bytes / hits.length ? "max_bytes" : undefined;
  };
  return { hits, tokens, omitted, full: whyFull() };
}
