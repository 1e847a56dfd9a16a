import type { Reranker } from "@mneme/core/search/reranker.ts";
import { member, type RerankProtocol, readTokens } from "./protocol.ts";
import { createReranker, type RerankServer } from "./reranker.ts";

/** `POST /v2/rerank`. Source: Cohere's API reference, v2; Jina, vLLM and others serve the same. */
const COHERE: RerankProtocol = {
  path: "/v2/rerank",
  maxTexts: 1_000,
  body: (model, query, texts) => ({ model, query, documents: texts, top_n: texts.length }),
  rows: (answer) => {
    const results = member(answer, "results");
    return Array.isArray(results) ? results : undefined;
  },
  row: (row) => ({ index: member(row, "index"), score: member(row, "relevance_score") }),
  // Cohere itself bills searches, not tokens, and names none.
  tokens: (answer) => readTokens(member(member(answer, "usage"), "total_tokens")),
};

/** Reranks through a server that speaks Cohere's protocol. Errors are those of `createReranker`. */
export function createCohereReranker(server: RerankServer): Reranker {
  return createReranker(COHERE, server);
}
