import type { ModelBill, ModelSpending } from "../cost/model-spending.ts";
import type { Prices } from "../cost/prices.ts";
import { type TokenCounts, totalOf } from "../cost/token-counts.ts";
import type { ModelAnswers } from "../extraction/model-answers.ts";
import type { ReplaySpent } from "./replay.ts";

/** What a replay's calls of models took, counted beside the month's: under their own purpose, and on nobody's key. */
export class SpendingTally {
  #calls = 0;
  #knownAnswers = 0;
  #tokens: TokenCounts = { input: 0, cachedInput: 0, output: 0 };
  #picodollars = 0n;
  #unpricedTokens = 0;
  #since = performance.now();
  readonly #prices: Prices;

  constructor(prices: Prices) {
    this.#prices = prices;
  }

  /** Spending that is held to the budgets, and tallied. */
  over(spending: ModelSpending): ModelSpending {
    return {
      run: (bill, most, request) => spending.run(this.#billed(bill), most, request),
      note: (bill, used) => spending.note(this.#billed(bill), used),
    };
  }

  #billed(bill: ModelBill): ModelBill {
    return {
      ...bill,
      purpose: "replay",
      shares: bill.shares.map((share) => ({ ...share, apiKeyId: undefined })),
      onCounted: (used) => this.#count(bill.model, used),
    };
  }

  /** Answers, of which the known ones are counted. */
  countingKnown(answers: ModelAnswers, openedAt: Date): ModelAnswers {
    return {
      ...answers,
      find: async (owner, asked, signal) => {
        const answer = await answers.find(owner, asked, signal);
        if (answer !== undefined) this.#knownAnswers += 1;
        return answer;
      },
      // Memories that it was shown are the shadow's, which nobody deletes.
      keep: ({ memoryIds, ...owner }, asked, answer, signal) => {
        const shown = memoryIds?.length === 0 && owner.purpose === "extract" ? [] : undefined;
        return answers.keep({ ...owner, memoryIds: shown, quietSince: openedAt }, asked, answer, signal);
      },
    };
  }

  /** What was counted since this was asked last. */
  take(): ReplaySpent {
    const now = performance.now();
    const spent: ReplaySpent = {
      calls: this.#calls,
      knownAnswers: this.#knownAnswers,
      inputTokens: this.#tokens.input,
      cachedInputTokens: this.#tokens.cachedInput,
      outputTokens: this.#tokens.output,
      picodollars: this.#picodollars,
      unpricedTokens: this.#unpricedTokens,
      milliseconds: Math.round(now - this.#since),
    };
    this.#calls = 0;
    this.#knownAnswers = 0;
    this.#tokens = { input: 0, cachedInput: 0, output: 0 };
    this.#picodollars = 0n;
    this.#unpricedTokens = 0;
    this.#since = now;
    return spent;
  }

  #count(model: string, used: TokenCounts): void {
    const { input, cachedInput, output } = this.#tokens;
    const cost = this.#prices.cost(model, new Date(), used);
    this.#calls += 1;
    this.#tokens = {
      input: input + used.input,
      cachedInput: cachedInput + used.cachedInput,
      output: output + used.output,
    };
    this.#picodollars += cost ?? 0n;
    this.#unpricedTokens += cost === undefined ? totalOf(used) : 0;
  }
}
