import { estimateTokens } from "@mneme/core/cost/estimate-tokens.ts";
import { NO_TOKENS, type TokenCounts } from "@mneme/core/cost/token-counts.ts";
import type { Embedder, EmbedOptions } from "@mneme/core/embedding/embedder.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type OpenAI from "openai";
import { abortError } from "../abort.ts";
import { QueryCache, type QueryCacheOptions } from "../query-cache.ts";
import { toUnitVector } from "../vector.ts";
import { callModel, createOpenAiClient, type OpenAiServer, tokensOf } from "./client.ts";

export interface OpenAiEmbedderOptions extends OpenAiServer, QueryCacheOptions {
  readonly model: string;
  /** What the model answers with; anything else is refused. */
  readonly dimension: number;
  /** Asks the server to shorten its vectors to `dimension`. Default false: most servers do not know how. */
  readonly requestDimension?: boolean;
  /** How vectors travel; `base64` is a quarter of the size. Servers that ignore it are understood. Default `base64`. */
  readonly encoding?: "base64" | "float";
  /** One request, in milliseconds. Default 10 s. */
  readonly timeoutMs?: number;
  /** Texts a request. Default 128. */
  readonly maxBatch?: number;
  /** A text is cut here, in UTF-16 units; servers refuse texts beyond their model's context. Default 24,000. */
  readonly maxCharacters?: number;
}

/**
 * Embeds through an OpenAI-compatible server. Vectors come back at unit length, whatever the server sends.
 * Nothing is tried twice but a broken connection. Errors are those of `callModel` and `Embedder`.
 */
export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  return new OpenAiEmbedder(options);
}

/** Requests under way for one call of `embed`; more would only queue in the server. */
const PARALLEL = 2;

class OpenAiEmbedder implements Embedder {
  readonly model: string;
  readonly dimension: number;
  readonly #options: OpenAiEmbedderOptions;
  /** Of every error. */
  readonly #of: { readonly model: string; readonly server: "embedder" };
  readonly #client: OpenAI;
  readonly #cache: QueryCache;

  constructor(options: OpenAiEmbedderOptions) {
    this.model = options.model;
    this.dimension = options.dimension;
    this.#options = options;
    this.#of = { model: options.model, server: "embedder" };
    this.#client = createOpenAiClient(options);
    this.#cache = new QueryCache(options);
  }

  async embed(texts: readonly string[], options: EmbedOptions = {}): Promise<Float32Array[]> {
    const { purpose, signal } = options;
    if (signal?.aborted) throw abortError(signal);
    if (purpose !== "query") return this.#compute(texts, options);
    return this.#cache.through(texts, (missing) => this.#compute(missing, options));
  }

  async #compute(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    const { maxBatch = 128 } = this.#options;
    const vectors = new Array<Float32Array>(texts.length);
    let next = 0;
    let failed = false;
    const lane = async () => {
      while (next < texts.length && !failed) {
        const start = next;
        next += maxBatch;
        const batch = await this.#request(texts.slice(start, start + maxBatch), options);
        for (const [row, vector] of batch.entries()) vectors[start + row] = vector;
      }
    };
    const guarded = () =>
      lane().catch((error) => {
        failed = true;
        throw error;
      });
    await Promise.all(Array.from({ length: PARALLEL }, guarded));
    return vectors;
  }

  async #request(texts: readonly string[], { signal, onTokens }: EmbedOptions): Promise<Float32Array[]> {
    const {
      maxCharacters = 24_000,
      encoding = "base64",
      timeoutMs = 10_000,
      requestDimension,
    } = this.#options;
    // An empty input is refused by some servers; a blank one is not.
    const input = texts.map((text) => text.slice(0, maxCharacters).toWellFormed() || " ");
    const answer = await callModel({ ...this.#of, timeoutMs, signal }, (either) =>
      this.#client.embeddings.create(
        {
          model: this.model,
          input,
          encoding_format: encoding,
          ...(requestDimension ? { dimensions: this.dimension } : {}),
        },
        { signal: either },
      ),
    );
    onTokens?.(tokensOf(answer) ?? estimated(input));
    return this.#read(answer, texts.length);
  }

  #read(answer: unknown, count: number): Float32Array[] {
    const rows = (answer as { data?: unknown } | undefined)?.data;
    if (!Array.isArray(rows) || rows.length !== count) throw this.#unreadable();
    const vectors = new Array<Float32Array>(count);
    for (const [position, row] of rows.entries()) {
      const { index = position, embedding } = (row ?? {}) as { index?: number; embedding?: unknown };
      const vector = decode(embedding);
      if (!vector || !Number.isInteger(index) || index < 0 || index >= count || vectors[index]) {
        throw this.#unreadable();
      }
      vectors[index] = toUnitVector(vector, this.dimension, this.#of);
    }
    return vectors;
  }

  #unreadable(): MnemeError {
    return new MnemeError(
      "unavailable",
      "MODEL_OUTPUT_INVALID",
      "the embedder's answer is not a list of vectors",
      { metadata: this.#of },
    );
  }
}

/** Numbers, or base64 of little-endian 32-bit floats. */
function decode(embedding: unknown): Float32Array | undefined {
  if (Array.isArray(embedding)) return Float32Array.from(embedding as number[]);
  if (typeof embedding !== "string") return undefined;
  const bytes = Buffer.from(embedding, "base64");
  if (bytes.byteLength % 4 !== 0) return undefined;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

function estimated(texts: readonly string[]): TokenCounts {
  return { ...NO_TOKENS, input: texts.reduce((sum, text) => sum + estimateTokens(text), 0) };
}
