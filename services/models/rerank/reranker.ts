import { MnemeError } from "@mneme/core/errors.ts";
import type { Reranker, RerankOptions } from "@mneme/core/search/reranker.ts";
import type OpenAI from "openai";
import { abortError } from "../abort.ts";
import { callModel, createOpenAiClient } from "../openai/client.ts";
import { planRequests } from "./plan-requests.ts";
import type { RerankProtocol } from "./protocol.ts";

/** Where a reranking server is, and what it takes. */
export interface RerankServer {
  /** Without the path, e.g. `https://api.cohere.com`. */
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey?: string;
  /** One request, body included, in milliseconds. Default 10 s; whoever waits sets a shorter one by signal. */
  readonly timeoutMs?: number;
  /** Texts a request; the protocol's own unless told. */
  readonly maxTexts?: number;
  /** A text is cut here, in UTF-16 units. Default 8,000: more than models of today read. */
  readonly maxCharacters?: number;
  /** All texts of a request, in UTF-16 units. Default 400,000. */
  readonly maxRequestCharacters?: number;
}

/** Requests under way for one call; more would only queue in the server. */
const PARALLEL = 2;

/**
 * Reranks through a server. Many texts go in several requests: a text's score does not depend on the others.
 * Nothing is tried twice but a broken connection.
 *
 * @throws MnemeError as `callModel`, and MODEL_OUTPUT_INVALID (`unavailable`) for an answer that does not score each text
 *   once, with a finite number.
 */
export function createReranker(protocol: RerankProtocol, server: RerankServer): Reranker {
  return new HttpReranker(protocol, server);
}

class HttpReranker implements Reranker {
  readonly model: string;
  readonly #protocol: RerankProtocol;
  readonly #server: RerankServer;
  readonly #client: OpenAI;
  /** Of every error. */
  readonly #of: { readonly model: string; readonly server: "reranker" };

  constructor(protocol: RerankProtocol, server: RerankServer) {
    this.model = server.model;
    this.#protocol = protocol;
    this.#server = server;
    // It sends what it is told to any path: what is of OpenAI in it are its connections and its errors.
    this.#client = createOpenAiClient(server);
    this.#of = { model: server.model, server: "reranker" };
  }

  async rerank(query: string, texts: readonly string[], options: RerankOptions = {}): Promise<number[]> {
    if (options.signal?.aborted) throw abortError(options.signal, this.#of);
    const { maxTexts = this.#protocol.maxTexts, maxCharacters = 8_000 } = this.#server;
    const { maxRequestCharacters = 400_000 } = this.#server;
    // An empty text is refused by some servers; a blank one is not.
    const cut = texts.map((text) => text.slice(0, maxCharacters).toWellFormed() || " ");
    const requests = planRequests(cut, { maxTexts, maxCharacters: maxRequestCharacters });
    const scores = new Array<number[]>(requests.length);
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    let next = 0;
    const lane = async () => {
      for (let at = next++; at < requests.length; at = next++) {
        scores[at] = await this.#request(query, requests[at] ?? [], { ...options, signal });
      }
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, lane));
    } finally {
      // Where one fails, nobody wants the others.
      stop.abort();
    }
    return scores.flat();
  }

  async #request(
    query: string,
    texts: readonly string[],
    { signal, onTokens }: RerankOptions,
  ): Promise<number[]> {
    const { path, body, tokens } = this.#protocol;
    const { timeoutMs = 10_000 } = this.#server;
    const { data, response } = await callModel({ ...this.#of, timeoutMs, signal }, (either) =>
      this.#client
        .post<unknown>(path, { body: body(this.model, query.toWellFormed(), texts), signal: either })
        .withResponse(),
    );
    onTokens?.(tokens(data, response.headers));
    return this.#read(data, texts.length);
  }

  #read(answer: unknown, count: number): number[] {
    const rows = this.#protocol.rows(answer);
    if (rows?.length !== count) throw this.#unreadable();
    const scores = new Array<number | undefined>(count).fill(undefined);
    for (const row of rows) {
      const { index, score } = this.#protocol.row(row);
      const fits = Number.isInteger(index) && scores[index as number] === undefined;
      if (!fits || (index as number) < 0 || (index as number) >= count) throw this.#unreadable();
      if (typeof score !== "number" || !Number.isFinite(score)) throw this.#unreadable();
      scores[index as number] = score;
    }
    return scores as number[];
  }

  #unreadable(): MnemeError {
    const text = "the reranker's answer does not score each text once";
    return new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", text, { metadata: this.#of });
  }
}
