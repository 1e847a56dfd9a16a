import type { OnCall } from "./count-spending.ts";
import { totalOf } from "./token-counts.ts";

/** A counter of a metrics library. */
export interface LabelledCounter {
  inc(labels: Readonly<Record<string, string>>, amount?: number): void;
}

/** What every process that calls models counts, whoever they are called for: labels name no tenant. */
export const CALL_COUNTERS = {
  modelCalls: {
    name: "mneme_model_calls_total",
    help: "Calls of models' servers that were answered",
    labelNames: ["model", "purpose"],
  },
  modelTokens: {
    name: "mneme_model_tokens_total",
    help: "Tokens of these, as the servers say: input, cached_input or output",
    labelNames: ["model", "purpose", "kind"],
  },
  modelCost: {
    name: "mneme_model_cost_dollars_total",
    help: "What these cost by the table of prices",
    labelNames: ["model", "purpose"],
  },
  unpricedTokens: {
    name: "mneme_model_unpriced_tokens_total",
    help: "Tokens of models that the table of prices does not know",
    labelNames: ["model", "purpose"],
  },
} as const;

export type CallCounters = Readonly<Record<keyof typeof CALL_COUNTERS, LabelledCounter>>;

const PICODOLLARS = 1e12;

/** Counts each call. */
export function countingBy({ modelCalls, modelTokens, modelCost, unpricedTokens }: CallCounters): OnCall {
  return ({ model, purpose }, used, cost) => {
    modelCalls.inc({ model, purpose });
    modelTokens.inc({ model, purpose, kind: "input" }, used.input);
    modelTokens.inc({ model, purpose, kind: "cached_input" }, used.cachedInput);
    modelTokens.inc({ model, purpose, kind: "output" }, used.output);
    if (cost === undefined) unpricedTokens.inc({ model, purpose }, totalOf(used));
    else modelCost.inc({ model, purpose }, Number(cost) / PICODOLLARS);
  };
}
