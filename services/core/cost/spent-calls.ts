import { monthOf } from "../limits/exceeded.ts";
import type { ModelBill, ModelPurpose } from "./model-spending.ts";
import type { Picodollars, Prices } from "./prices.ts";
import { type ModelUser, shareTokens } from "./share-tokens.ts";
import { type TokenCounts, totalOf } from "./token-counts.ts";

/** What calls of a model took of one user on one day. */
export interface SpentCalls extends ModelUser {
  /** UTC, `2026-03-01`. */
  readonly day: string;
  readonly model: string;
  readonly purpose: ModelPurpose;
  readonly calls: number;
  readonly tokens: TokenCounts;
  /** Of the tokens whose price is known. */
  readonly cost: Picodollars;
  /** Tokens whose price nobody has told. */
  readonly unpricedTokens: number;
}

/** A call as each of its users bears it. */
export function spentOf({ model, purpose, shares }: ModelBill, used: TokenCounts, prices: Prices, at: Date) {
  const day = at.toISOString().slice(0, 10);
  return shareTokens(shares, used).map(({ projectId, apiKeyId, calls, tokens }): SpentCalls => {
    const cost = prices.cost(model, at, tokens, purpose === "extract_batch");
    const unpricedTokens = cost === undefined ? totalOf(tokens) : 0;
    return { projectId, apiKeyId, day, model, purpose, calls, tokens, cost: cost ?? 0n, unpricedTokens };
  });
}

/** Tells apart what is not one count. */
export function slotOf({ projectId, apiKeyId, day, model, purpose }: SpentCalls): string {
  return JSON.stringify([projectId, apiKeyId, day, model, purpose]);
}

export function sumOf(one: SpentCalls, other: SpentCalls): SpentCalls {
  return {
    ...one,
    calls: one.calls + other.calls,
    tokens: {
      input: one.tokens.input + other.tokens.input,
      cachedInput: one.tokens.cachedInput + other.tokens.cachedInput,
      output: one.tokens.output + other.tokens.output,
    },
    cost: one.cost + other.cost,
    unpricedTokens: one.unpricedTokens + other.unpricedTokens,
  };
}

/** The first of the day's month. */
export function monthOfDay(day: string): string {
  return monthOf(new Date(day));
}
