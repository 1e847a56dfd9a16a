import type { CallMeter } from "../cost/model-spending.ts";

/** An episode as a summariser reads it. */
export interface ToldEpisode {
  readonly text: string;
  /** When it began to be so. */
  readonly at: Date;
}

/** A sentence of a summary, and the places of the episodes that it rests on. */
export interface SummarySentence {
  readonly text: string;
  readonly episodes: readonly number[];
}

/** Words what a cluster tells; where there is none, it is told in the episodes' own words. */
export interface Summariser {
  /** The model's name. */
  readonly name: string;
  /** Changes whenever the same episodes could get another summary. */
  readonly version: string;
  /**
   * @returns its sentences; none where the answer could not be used.
   * @throws MnemeError with a `MODEL_*` reason, BUDGET_EXCEEDED.
   */
  summarise(
    episodes: readonly ToldEpisode[],
    options: { readonly meter?: CallMeter; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly SummarySentence[]>;
}
