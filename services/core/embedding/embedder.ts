import type { TokenCounts } from "../cost/token-counts.ts";

/**
 * Turns texts into vectors. Model and dimension are part of an index generation: vectors of two
 * models never meet in one index.
 */
export interface Embedder {
  /** Model name with revision, e.g. `all-MiniLM-L6-v2/q8`. */
  readonly model: string;
  readonly dimension: number;
  /**
   * @returns one unit vector of `dimension` floats per text, in order.
   * @throws MnemeError `unavailable`/`deadline_exceeded` when another try may help,
   *   `EMBEDDING_DIMENSION_MISMATCH` when the model answers with another dimension.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array[]>;
}

export interface EmbedOptions {
  readonly signal?: AbortSignal;
  /** `query` may be cached and is served before waiting `document` batches. */
  readonly purpose?: "query" | "document";
  /** Told after each request to a model what its server says that it read. */
  readonly onTokens?: (used: TokenCounts) => void;
}
