import type { Reranker } from "@mneme/core/search/reranker.ts";
import { member, type RerankProtocol, readTokens } from "./protocol.ts";
import { createReranker, type RerankServer } from "./reranker.ts";

/** `POST /rerank`. Source: the OpenAPI description of Hugging Face's text-embeddings-inference. */
const TEI: RerankProtocol = {
  path: "/rerank",
  // Its `--max-client-batch-size`, by default.
  maxTexts: 32,
  // The model is the one that it was started with. What is too long for it is cut there, not refused.
  body: (_, query, texts) => ({ query, texts, truncate: true }),
  rows: (answer) => (Array.isArray(answer) ? answer : undefined),
  row: (row) => ({ index: member(row, "index"), score: member(row, "score") }),
  tokens: (_, headers) => readTokens(Number(headers.get("x-compute-tokens"))),
};

/** Reranks through text-embeddings-inference. Errors are those of `createReranker`. */
export function createTeiReranker(server: RerankServer): Reranker {
  return createReranker(TEI, server);
}
