import type { Asked } from "./ask.ts";
import type { Conversation } from "./conversation.ts";
import type { Played } from "./play.ts";

/** Two quantiles of a series, in milliseconds. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** Evidence found among the first ten hits, in percent. */
export interface Recall {
  readonly questions: number;
  /** Mean share of the evidence. */
  readonly recall: number;
  /** Questions with all of it. */
  readonly complete: number;
}

/** The figures of a run. */
export interface Summary {
  readonly messages: number;
  readonly sessions: number;
  readonly memories: number;
  readonly counts: Played["counts"];
  readonly failedExtractions: number;
  readonly addMs: Spread;
  /** Messages a second, one after the other. */
  readonly addsPerSecond: number;
  /** From an add's acceptance to its being searchable, by the server's clock. */
  readonly searchableMs: Spread;
  /** From the last add's answer until everything could be found. */
  readonly lagMs: number;
  readonly searchClientMs: Spread;
  readonly searchServerMs: Spread;
  readonly recallAt10: Recall;
  readonly recallByCategory: Readonly<Record<string, Recall>>;
}

/** LoCoMo's categories. */
export const CATEGORIES: Readonly<Record<number, string>> = {
  1: "several facts",
  2: "time",
  3: "open domain",
  4: "one fact",
};

/** Everything that was measured over the conversations of a run. */
export function summarize(
  runs: readonly { conversation: Conversation; played: Played; asked: readonly Asked[] }[],
): Summary {
  const played = runs.map((run) => run.played);
  const asked = runs.flatMap((run) => run.asked);
  const addMs = played.flatMap((one) => one.addMs);
  const categories = Map.groupBy(
    asked,
    ({ question }) => CATEGORIES[question.category] ?? `category ${question.category}`,
  );
  const sum = (pick: (one: Played) => number) => played.reduce((total, one) => total + pick(one), 0);
  const counted = (name: keyof Played["counts"]) => sum((one) => one.counts[name]);
  return {
    messages: addMs.length,
    sessions: runs.reduce(
      (n, { conversation }) => n + new Set(conversation.turns.map(({ session }) => session)).size,
      0,
    ),
    memories: sum((one) => one.memories),
    counts: {
      added: counted("added"),
      updated: counted("updated"),
      superseded: counted("superseded"),
      unchanged: counted("unchanged"),
      deleted: counted("deleted"),
      dropped: counted("dropped"),
    },
    failedExtractions: sum((one) => one.failed.length),
    addMs: spreadOf(addMs),
    addsPerSecond: (addMs.length / addMs.reduce((total, ms) => total + ms, 0)) * 1000,
    searchableMs: spreadOf(played.flatMap((one) => one.searchableMs)),
    lagMs: Math.max(0, ...played.map((one) => one.lagMs)),
    searchClientMs: spreadOf(asked.map(({ clientMs }) => clientMs)),
    searchServerMs: spreadOf(asked.map(({ result }) => result.timings.totalMs)),
    recallAt10: recallOf(asked),
    recallByCategory: Object.fromEntries(
      [...categories].sort().map(([name, some]) => [name, recallOf(some)]),
    ),
  };
}

function recallOf(asked: readonly Asked[]): Recall {
  const scored = asked.flatMap(({ recall, complete }) =>
    recall === undefined ? [] : [{ recall, complete }],
  );
  const mean = (values: readonly number[]) => (100 * values.reduce((a, b) => a + b, 0)) / values.length;
  return {
    questions: scored.length,
    recall: scored.length === 0 ? 0 : mean(scored.map(({ recall }) => recall)),
    complete: scored.length === 0 ? 0 : mean(scored.map(({ complete }) => Number(complete))),
  };
}

/** Nearest-rank quantiles; zero of an empty series. */
export function spreadOf(series: readonly number[]): Spread {
  const sorted = series.toSorted((a, b) => a - b);
  const at = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95) };
}
