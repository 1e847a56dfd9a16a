import { isRetryable } from "@mneme/core/errors.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Reply, replies, TEXT_TOKENS } from "../testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "../testing/scripted-server.ts";
import { createCohereReranker } from "./cohere.ts";
import type { RerankServer } from "./reranker.ts";
import { createTeiReranker } from "./tei.ts";

const KINDS = { cohere: createCohereReranker, tei: createTeiReranker };
const TEXTS = ["Ada keeps bees.", "Ada lives in Lisbon.", "Ada lives by the sea in Lisbon."];

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedOpenAi();
});
afterEach(() => server[Symbol.asyncDispose]());

describe.each(["cohere", "tei"] as const)("%s", (kind) => {
  const reranker = (options: Partial<RerankServer> = {}) =>
    KINDS[kind]({
      baseUrl: server.origin,
      model: "test-reranker",
      apiKey: "hidden",
      timeoutMs: 5_000,
      ...options,
    });
  const failureOf = async (reply: Reply, options: Partial<RerankServer> = {}) => {
    server.next("rerank", reply);
    return reranker(options)
      .rerank("where?", TEXTS)
      .then(
        () => expect.fail("expected a failure"),
        (error: unknown) => error,
      );
  };

  test("gives each text its score, in the order of the texts and not of the answer", async () => {
    server.next("rerank", replies.reranked([-1.5, 0.25, 7], kind));
    expect(await reranker().rerank("Where does Ada live?", TEXTS)).toEqual([-1.5, 0.25, 7]);
    const [request] = server.requests;
    expect(request?.headers.authorization).toBe("Bearer hidden");
    expect(request?.body).toEqual(
      kind === "cohere"
        ? { model: "test-reranker", query: "Where does Ada live?", documents: TEXTS, top_n: 3 }
        : { query: "Where does Ada live?", texts: TEXTS, truncate: true },
    );
  });

  test("asks in several requests where there are more texts or characters than one takes", async () => {
    const texts = Array.from({ length: 9 }, (_, index) => (index === 4 ? "a bee" : "x".repeat(10 + index)));
    const told: number[] = [];
    const limits = { maxTexts: 4, maxCharacters: 12, maxRequestCharacters: 30 };
    const scores = await reranker(limits).rerank("bee", texts, { onTokens: ({ input }) => told.push(input) });
    expect(scores).toEqual(texts.map((text) => (text === "a bee" ? 1 : 0)));
    const sent = server.requests.map(({ body }) => (body.documents ?? body.texts) as string[]);
    expect(sent.flat().toSorted()).toEqual(texts.map((text) => text.slice(0, 12)).toSorted());
    for (const part of sent) {
      expect(part.length).toBeLessThanOrEqual(4);
      expect(part.join("").length).toBeLessThanOrEqual(30);
    }
    expect(told.reduce((sum, tokens) => sum + tokens, 0)).toBe(9 * TEXT_TOKENS);
    expect(told).toHaveLength(sent.length);
  });

  test("sends no empty text, and no half of a surrogate pair", async () => {
    await reranker({ maxCharacters: 3 }).rerank("🦀\ud83e", ["", "ab🦀"]);
    const { body } = server.requests[0] ?? {};
    expect(body.documents ?? body.texts).toEqual([" ", "ab\ufffd"]);
    expect(body.query).toBe("🦀\ufffd");
  });

  const row = (index: unknown, score: unknown) =>
    kind === "cohere" ? { index, relevance_score: score } : { index, score };
  const rows = (...list: unknown[]) => replies.json(kind === "cohere" ? { results: list } : list);

  test.each<[string, () => Reply]>([
    ["scores no text twice", () => rows(row(0, 1), row(1, 1), row(1, 1))],
    ["leaves none out", () => rows(row(0, 1), row(1, 1))],
    ["adds none", () => rows(row(0, 1), row(1, 1), row(2, 1), row(3, 1))],
    ["names none that was not sent", () => rows(row(0, 1), row(1, 1), row(3, 1))],
    ["counts from 0", () => rows(row(-1, 1), row(0, 1), row(1, 1))],
    ["counts in whole numbers", () => rows(row(0, 1), row(0.5, 1), row(1, 1))],
    ["has an index each", () => rows(row(0, 1), row(1, 1), row(undefined, 1))],
    ["scores in numbers", () => rows(row(0, 1), row(1, "0.5"), row(2, 1))],
    ["scores all", () => rows(row(0, 1), row(1, null), row(2, 1))],
    ["is a list", () => replies.json({ error: null })],
    ["is not null", () => replies.json(null)],
    ["is JSON", () => replies.brokenBody()],
    ["is no web page", () => replies.html()],
  ])("an answer %s, or is not believed", async (_, reply) => {
    const error = await failureOf(reply());
    expect(error).toMatchObject({
      kind: "unavailable",
      reason: "MODEL_OUTPUT_INVALID",
      metadata: { model: "test-reranker", server: "reranker" },
    });
  });

  test("a number that JSON holds and a double does not is none", async () => {
    const body =
      kind === "cohere" ? '{"results":[{"index":0,"relevance_score":1e999}]}' : '[{"index":0,"score":1e999}]';
    server.next("rerank", {
      kind: "answer",
      status: 200,
      headers: { "content-type": "application/json" },
      body,
    });
    await expect(reranker().rerank("q", ["a"])).rejects.toMatchObject({ reason: "MODEL_OUTPUT_INVALID" });
  });

  test.each<[string, () => Reply, string, boolean]>([
    ["429", () => replies.rateLimited(), "MODEL_RATE_LIMITED", true],
    ["a refused key", () => replies.status(401), "MODEL_CREDENTIALS_REFUSED", false],
    ["an unknown model", () => replies.status(404), "MODEL_NOT_FOUND", false],
    ["too many texts", () => replies.status(422), "MODEL_REQUEST_REFUSED", false],
    ["a failure", () => replies.status(500), "MODEL_SERVER_FAILED", true],
  ])("%s fails as with every model", async (_, reply, reason, retryable) => {
    const error = await failureOf(reply());
    expect(error).toMatchObject({ reason, metadata: { server: "reranker" } });
    expect(isRetryable(error as Error)).toBe(retryable);
  });

  test("a connection that breaks is tried once more, and no third time", async () => {
    server.next("rerank", replies.closeSocket());
    expect(await reranker().rerank("bees", ["Ada keeps bees."])).toEqual([1]);
    server.next("rerank", replies.closeSocket(), replies.closeSocket(), replies.closeSocket());
    await expect(reranker().rerank("bees", ["a"])).rejects.toMatchObject({ reason: "MODEL_SERVER_FAILED" });
    expect(server.requests).toHaveLength(4);
  });

  test.each([
    ["an answer that never comes", replies.hang()],
    ["one that never ends", replies.hangInBody()],
  ])("%s ends at the time limit", async (_, reply) => {
    expect(await failureOf(reply, { timeoutMs: 50 })).toMatchObject({
      kind: "deadline_exceeded",
      reason: "MODEL_TIMEOUT",
    });
  });

  test("is cancelled by whoever asked, before and while it is asked", async () => {
    server.next("rerank", replies.hang());
    const stop = new AbortController();
    const call = reranker().rerank("q", TEXTS, { signal: stop.signal });
    const cancelled = expect(call).rejects.toMatchObject({ kind: "cancelled" });
    await expect.poll(() => server.requests.length).toBe(1);
    stop.abort();
    await cancelled;
    await expect(reranker().rerank("q", TEXTS, { signal: stop.signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
    expect(server.requests).toHaveLength(1);
  });
});
