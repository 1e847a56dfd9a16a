import { estimateTokens } from "@mneme/core/cost/estimate-tokens.ts";
import type { TokenCounts } from "@mneme/core/cost/token-counts.ts";
import { isRetryable } from "@mneme/core/errors.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replies, TEXT_TOKENS } from "../testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "../testing/scripted-server.ts";
import { createOpenAiEmbedder, type OpenAiEmbedderOptions } from "./embedder.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedOpenAi();
});
afterEach(() => server[Symbol.asyncDispose]());

function embedder(options: Partial<OpenAiEmbedderOptions> = {}) {
  return createOpenAiEmbedder({
    baseUrl: server.baseUrl,
    model: "test-embedding",
    dimension: 384,
    timeoutMs: 5_000,
    ...options,
  });
}

const length = (vector: Float32Array | undefined) => Math.hypot(...(vector ?? []));

describe("vectors", () => {
  test.each(["base64", "float"] as const)("come at unit length, in order, through %s", async (encoding) => {
    const texts = Array.from({ length: 25 }, (_, i) => `text number ${i}`);
    const all = await embedder({ encoding, maxBatch: 4 }).embed(texts);
    expect(all).toHaveLength(25);
    for (const vector of all) expect(length(vector)).toBeCloseTo(1, 5);
    expect((await embedder().embed([texts[13] as string]))[0]).toEqual(all[13]);
    expect(server.requests.length).toBe(8);
    expect(server.requests[0]?.body).toMatchObject({ model: "test-embedding", encoding_format: encoding });
  });

  test("are put in order by index, and numbers are understood where base64 was asked for", async () => {
    const rows = [new Float32Array([0, 2]), new Float32Array([3, 0])];
    const swapped = replies.vectors(rows);
    if (swapped.kind !== "answer") throw new Error("unexpected");
    const body = JSON.parse(swapped.body);
    body.data = [
      { ...body.data[1], index: 1 },
      { ...body.data[0], index: 0 },
    ];
    server.next("embeddings", { ...swapped, body: JSON.stringify(body) });
    const [first, second] = await embedder({ dimension: 2 }).embed(["a", "b"]);
    expect([...(first ?? [])]).toEqual([0, 1]);
    expect([...(second ?? [])]).toEqual([1, 0]);
  });

  test("tell what the server says they took, once a request", async () => {
    const told: number[] = [];
    const onTokens = ({ input }: TokenCounts) => void told.push(input);
    await embedder({ maxBatch: 4 }).embed(["a", "b", "c", "d", "e"], { onTokens });
    expect(told.sort((a, b) => a - b)).toEqual([TEXT_TOKENS, 4 * TEXT_TOKENS]);
  });

  test("tell what they take at most where the server does not say", async () => {
    const told: TokenCounts[] = [];
    const answered = replies.vectors([new Float32Array([0, 2])]);
    if (answered.kind !== "answer") throw new Error("unexpected");
    const { usage: _, ...silent } = JSON.parse(answered.body);
    server.next("embeddings", { ...answered, body: JSON.stringify(silent) });
    await embedder({ dimension: 2 }).embed(["I moved to Rome."], {
      onTokens: (used) => void told.push(used),
    });
    expect(told).toEqual([{ input: estimateTokens("I moved to Rome."), cachedInput: 0, output: 0 }]);
  });

  test("of queries are remembered, of documents not", async () => {
    const one = embedder();
    for (const purpose of ["query", "query", "document", "document"] as const) {
      await one.embed(["Where is Ada?"], { purpose });
    }
    expect(server.requests).toHaveLength(3);
  });

  test("are asked for without empty, endless or broken texts", async () => {
    await embedder({ maxCharacters: 10 }).embed(["", "x".repeat(100), "\ud800"]);
    expect(server.requests[0]?.body.input).toEqual([" ", "x".repeat(10), "\ufffd"]);
  });
});

describe("failures", () => {
  const fails = (call: Promise<unknown>) =>
    call.then(
      () => expect.unreachable("the call should fail"),
      (error: unknown) => error,
    );

  test("another dimension is refused for good", async () => {
    server.next("embeddings", replies.vectors([new Float32Array(7).fill(1)]));
    const error = await fails(embedder().embed(["a"]));
    expect(error).toMatchObject({
      reason: "EMBEDDING_DIMENSION_MISMATCH",
      metadata: { expected: "384", actual: "7" },
    });
    expect(isRetryable(error)).toBe(false);
  });

  test.each([
    ["too many vectors", replies.vectors([new Float32Array(384).fill(1), new Float32Array(384).fill(1)])],
    ["a zero vector", replies.vectors([new Float32Array(384)])],
    ["NaN", replies.vectors([new Float32Array(384).fill(Number.NaN)], "base64")],
    ["a web page", replies.html()],
    ["half a body", replies.brokenBody()],
  ])("%s is an invalid output that may be tried again", async (_, reply) => {
    server.next("embeddings", reply);
    const error = await fails(embedder().embed(["a"]));
    expect(error).toMatchObject({ kind: "unavailable", reason: "MODEL_OUTPUT_INVALID" });
  });

  test("429 says when to come back", async () => {
    server.next("embeddings", replies.rateLimited(7));
    const error = await fails(embedder().embed(["a"]));
    expect(error).toMatchObject({
      kind: "resource_exhausted",
      reason: "MODEL_RATE_LIMITED",
      retryAfterMs: 7_000,
      metadata: { status: "429", code: "rate_limit_exceeded" },
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [500, "MODEL_SERVER_FAILED", true],
    [503, "DEPENDENCY_UNAVAILABLE", true],
    [400, "MODEL_REQUEST_REFUSED", false],
    [401, "MODEL_CREDENTIALS_REFUSED", false],
    [404, "MODEL_NOT_FOUND", false],
  ])("status %i is %s: may be tried again %s", async (status, reason, retryable) => {
    server.next("embeddings", replies.status(status));
    const error = await fails(embedder().embed(["a"]));
    expect(error).toMatchObject({ reason, metadata: { server: "embedder", status: String(status) } });
    expect(isRetryable(error)).toBe(retryable);
  });

  test("a closed connection is tried once more, then unavailable", async () => {
    server.next("embeddings", replies.closeSocket());
    expect(await embedder().embed(["a"])).toHaveLength(1);
    server.next("embeddings", replies.closeSocket(), replies.closeSocket());
    const error = await fails(embedder().embed(["a"]));
    expect(error).toMatchObject({ kind: "unavailable", reason: "MODEL_SERVER_FAILED" });
  });

  test.each([
    ["never answers", replies.hang()],
    ["stops in the middle of its answer", replies.hangInBody()],
  ])("a server that %s meets the deadline", async (_, reply) => {
    server.next("embeddings", reply);
    const error = await fails(embedder({ timeoutMs: 100 }).embed(["a"]));
    expect(error).toMatchObject({ kind: "deadline_exceeded", reason: "MODEL_TIMEOUT" });
  });

  test("the caller's signal ends a call", async () => {
    const stop = new AbortController();
    server.next("embeddings", replies.hang());
    const call = fails(embedder().embed(["a"], { signal: stop.signal }));
    await expect.poll(() => server.requests.length).toBe(1);
    stop.abort();
    expect(await call).toMatchObject({ kind: "cancelled" });
  });

  test("no error says a word of the texts or of the answer", async () => {
    server.next("embeddings", replies.status(400, "a sentence about Ada's secret"));
    const error = await fails(embedder().embed(["Ada's secret"]));
    expect(JSON.stringify(error) + String(error) + String((error as Error).cause)).not.toMatch(/secret|Ada/);
  });
});
