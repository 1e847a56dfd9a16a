import type { MemoryKind, MemoryOrigin } from "../memory/memory.ts";
import { DAY_MS } from "../time/day.ts";
import { layerFactor } from "./layers.ts";
import type { Candidate } from "./memory-index.ts";

/**
 * How age counts, in days since it was said. `decay`: `factor` per `days`, never under `floor`.
 * `linear`: `1 - age / maxDays * strength`, age at most maxDays.
 */
export type RecencyRule =
  | { readonly rule: "off" }
  | { readonly rule: "decay"; readonly factor: number; readonly days: number; readonly floor: number }
  | { readonly rule: "linear"; readonly strength: number; readonly maxDays: number };

export interface MultiplierOptions {
  readonly recency: RecencyRule;
  /** 0..1: a memory of importance 0 is multiplied by `1 - strength`; 0 is neutral. */
  readonly importance: number;
  /** As `importance`. */
  readonly confidence: number;
  /** Factor by origin; an absent one is 1. */
  readonly origin: Readonly<Partial<Record<MemoryOrigin, number>>>;
  /** Factor by kind; an absent one is 1. */
  readonly kind: Readonly<Partial<Record<MemoryKind, number>>>;
  /** 0..0.14: by how much each layer that a memory is farther away lowers its score; 0 is neutral. */
  readonly layer: number;
}

export interface Multipliers {
  readonly recency: number;
  readonly importance: number;
  readonly confidence: number;
  readonly origin: number;
  readonly kind: number;
  /** What people said of it: see `feedbackFactor`. */
  readonly feedback: number;
  /** How strong it still is, where the project ranks by that. */
  readonly strength: number;
  /** How near it is, where shared layers are taken along: see `layerFactor`. */
  readonly layer?: number;
}

/** `.95` per 30 days, not under .7: strong enough to put last week's aside over last year's fact. */
export const DECAY: RecencyRule = { rule: "decay", factor: 0.95, days: 30, floor: 0.7 };
/** The same, not under .9: settles near ties in favour of the newer. */
export const GENTLE_DECAY: RecencyRule = { rule: "decay", factor: 0.95, days: 30, floor: 0.9 };
/** `1 - days / 365 * .3`. */
export const LINEAR: Extract<RecencyRule, { rule: "linear" }> = {
  rule: "linear",
  strength: 0.3,
  maxDays: 365,
};

/**
 * Age is off: asked right after a conversation's last session, DECAY costs 3.3 points of evidence recall@10,
 * GENTLE_DECAY none that can be measured. Importance and confidence only settle near ties: at these
 * strengths recall@10 stays as it is or gains some tenths. A layer does the same between what is one's own and what is
 * shared: `test/bench/recall/layers-lab.ts`.
 */
export const DEFAULT_MULTIPLIERS: MultiplierOptions = {
  recency: { rule: "off" },
  importance: 0.15,
  confidence: 0.1,
  origin: {},
  kind: {},
  layer: 0.01,
};

/** Factors, each above 0, that the base score of a candidate is multiplied by. */
export function multipliers(
  candidate: Candidate,
  options: MultiplierOptions,
  now: Date,
  { feedback = 1, strength = 1 }: Partial<Pick<Multipliers, "feedback" | "strength">> = {},
): Multipliers {
  const age = Math.max(0, now.getTime() - candidate.saidAt.getTime()) / DAY_MS;
  return {
    recency: recency(age, options.recency),
    importance: 1 - options.importance * (1 - candidate.importance),
    confidence: 1 - options.confidence * (1 - candidate.confidence),
    origin: options.origin[candidate.origin] ?? 1,
    kind: options.kind[candidate.kind] ?? 1,
    feedback,
    strength,
    ...(candidate.layer && { layer: layerFactor(candidate.layer, options.layer) }),
  };
}

/** All of them together. */
export function productOf(factors: Multipliers): number {
  return Object.values(factors).reduce<number>((product, factor) => product * factor, 1);
}

function recency(age: number, rule: RecencyRule): number {
  if (rule.rule === "decay") return Math.max(rule.floor, rule.factor ** (age / rule.days));
  if (rule.rule === "linear") return 1 - (Math.min(age, rule.maxDays) / rule.maxDays) * rule.strength;
  return 1;
}
