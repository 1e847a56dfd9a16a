import { monthOf } from "../limits/exceeded.ts";
import type { ModelBill, ModelPurpose, ModelSpending } from "./model-spending.ts";
import { NO_PRICES, type Picodollars, type Prices } from "./prices.ts";
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

/** Where models' calls are counted. */
export interface SpendingStore {
  /** Counts calls of one tenant. */
  add(tenantId: string, spent: readonly SpentCalls[]): Promise<void>;
  /** Brings changes of the counts of memories together. @returns true where there may be more. */
  foldMemoryCounts(): Promise<boolean>;
}

/** Told of each call. */
export type OnCall = (
  bill: Pick<ModelBill, "model" | "purpose">,
  used: TokenCounts,
  cost: Picodollars | undefined,
) => void;

export interface SpendingOptions {
  readonly prices?: Prices;
  /** How long what nobody waits for is gathered, 5,000 ms by default. */
  readonly gatherMs?: number;
  readonly onCall?: OnCall;
  /** Told when calls could not be kept; it is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

/** Disposal keeps what is counted until then. */
export type CountedSpending = ModelSpending & AsyncDisposable;

/**
 * Counts models' calls: gathered in memory, and kept in one write a tenant. Looks after the counts of memories
 * meanwhile.
 */
export function countSpending(store: SpendingStore, options: SpendingOptions = {}): CountedSpending {
  const { prices = NO_PRICES, gatherMs = 5_000, onCall, onFailure } = options;
  /** By tenant, then by what rows are told apart by. */
  const gathered = new Map<string, Map<string, SpentCalls>>();
  let keeping = Promise.resolve();

  function gather(tenantId: string, spent: readonly SpentCalls[]): void {
    const ofTenant = gathered.get(tenantId) ?? new Map<string, SpentCalls>();
    for (const one of spent) {
      const slot = slotOf(one);
      const before = ofTenant.get(slot);
      ofTenant.set(slot, before ? sumOf(before, one) : one);
    }
    gathered.set(tenantId, ofTenant);
  }

  async function keepAll(): Promise<void> {
    try {
      for (const [tenantId, ofTenant] of [...gathered]) {
        gathered.delete(tenantId);
        const spent = [...ofTenant.values()];
        await store.add(tenantId, spent).catch((error: unknown) => {
          gather(tenantId, spent);
          throw error;
        });
      }
      while (await store.foldMemoryCounts());
    } catch (error) {
      onFailure?.(error);
    }
  }

  function keep(): Promise<void> {
    keeping = keeping.then(keepAll);
    return keeping;
  }

  function note(bill: ModelBill, used: TokenCounts): void {
    const at = new Date();
    onCall?.(bill, used, prices.cost(bill.model, at, used));
    gather(bill.tenantId, spentOf(bill, used, prices, at));
  }

  const timer = setInterval(keep, gatherMs).unref();
  return {
    note,
    async run(bill, _, request) {
      const { value, used } = await request();
      note(bill, used);
      return value;
    },
    [Symbol.asyncDispose]() {
      clearInterval(timer);
      return keep();
    },
  };
}

/** A call as each of its users bears it. */
function spentOf({ model, purpose, shares }: ModelBill, used: TokenCounts, prices: Prices, at: Date) {
  const day = at.toISOString().slice(0, 10);
  return shareTokens(shares, used).map(({ projectId, apiKeyId, calls, tokens }): SpentCalls => {
    const cost = prices.cost(model, at, tokens);
    const unpricedTokens = cost === undefined ? totalOf(tokens) : 0;
    return { projectId, apiKeyId, day, model, purpose, calls, tokens, cost: cost ?? 0n, unpricedTokens };
  });
}

function slotOf({ projectId, apiKeyId, day, model, purpose }: SpentCalls): string {
  return JSON.stringify([projectId, apiKeyId, day, model, purpose]);
}

function sumOf(one: SpentCalls, other: SpentCalls): SpentCalls {
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
