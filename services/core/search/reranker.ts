import type { TokenCounts } from "../cost/token-counts.ts";

/** A model that reads a query together with each of some texts, and says how well each one answers it. */
export interface Reranker {
  /** As its server calls it. */
  readonly model: string;
  /**
   * @returns one score a text, in order: finite, higher is better, on the model's own scale.
   * @throws MnemeError where the server does not answer, or answers what can't be trusted.
   */
  rerank(query: string, texts: readonly string[], options?: RerankOptions): Promise<number[]>;
}

export interface RerankOptions {
  readonly signal?: AbortSignal;
  /** Told after each request what its server says that it read; nothing where it does not say. */
  readonly onTokens?: (used: TokenCounts) => void;
}
