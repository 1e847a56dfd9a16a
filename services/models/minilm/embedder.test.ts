import type { Worker } from "node:worker_threads";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { isRetryable } from "@mneme/core/errors.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installedModelDir } from "../testing/model-dir.ts";
import { createMiniLmEmbedder } from "./embedder.ts";

const modelDir = installedModelDir();

function dot(a: Float32Array | undefined, b: Float32Array | undefined): number {
  return a && b ? a.reduce((sum, value, i) => sum + value * (b[i] ?? Number.NaN), 0) : Number.NaN;
}

const sentence = (i: number) =>
  `On day ${i} Ada planted ${i % 7} apple trees ${"behind the old house ".repeat(i % 9)}`;

describe.each(["fp32", "q8"] as const)("MiniLM %s", (variant) => {
  let embedder: Embedder & AsyncDisposable;
  beforeAll(async () => {
    embedder = await createMiniLmEmbedder({ modelDir, variant });
  });
  afterAll(() => embedder[Symbol.asyncDispose]());

  test("agrees with the published model's cosines", async () => {
    const [weather, sunny, stadium] = await embedder.embed([
      "The weather is lovely today.",
      "It's so sunny outside!",
      "He drove to the stadium.",
    ]);
    expect(Math.abs(dot(weather, sunny) - 0.666)).toBeLessThan(0.002);
    expect(Math.abs(dot(weather, stadium) - 0.105)).toBeLessThan(0.002);
  });

  test("a vector depends on its text alone: the same in any batch, in the order of the texts", async () => {
    const texts = Array.from({ length: 150 }, (_, i) => sentence(i));
    const together = await embedder.embed(texts);
    expect(together).toHaveLength(texts.length);
    for (const i of [0, 8, 77, 149]) {
      const [alone] = await embedder.embed([sentence(i)]);
      expect(dot(alone, together[i])).toBeGreaterThan(0.999999);
    }
  });

  test("gives unit vectors for whatever text", async () => {
    const odd = [
      "",
      " \n\t",
      "\ud800 broken",
      "🦀".repeat(300),
      "天気がいい".repeat(200),
      "x".repeat(2_000_000),
    ];
    for (const vector of await embedder.embed(odd)) {
      expect(vector).toHaveLength(embedder.dimension);
      expect(dot(vector, vector)).toBeCloseTo(1, 5);
    }
  });

  test("reads 256 tokens and no more", async () => {
    const words = "apple ".repeat(254);
    const [full, longer, shorter] = await embedder.embed([words, `${words}dragon`, words.slice(0, 600)]);
    expect(dot(full, longer)).toBeGreaterThan(0.999999);
    expect(dot(full, shorter)).toBeLessThan(0.999999);
  });
});

describe("q8 beside fp32", () => {
  test("stays close on sentences of all lengths", async () => {
    await using exact = await createMiniLmEmbedder({ modelDir, variant: "fp32" });
    await using fast = await createMiniLmEmbedder({ modelDir, variant: "q8" });
    const texts = Array.from({ length: 60 }, (_, i) => sentence(i));
    const [a, b] = await Promise.all([exact.embed(texts), fast.embed(texts)]);
    const cosines = a.map((vector, i) => dot(vector, b[i]));
    expect(Math.min(...cosines)).toBeGreaterThan(0.99);
    expect(cosines.reduce((sum, value) => sum + value) / cosines.length).toBeGreaterThan(0.998);
    expect(exact.model).not.toBe(fast.model);
  });
});

describe("the queue", () => {
  const documents = Array.from({ length: 400 }, (_, i) => sentence(i));

  test("a query overtakes waiting documents", async () => {
    await using embedder = await createMiniLmEmbedder({ modelDir });
    const order: string[] = [];
    const load = embedder.embed(documents).then(() => order.push("documents"));
    await embedder.embed(["Where does Ada live?"], { purpose: "query" }).then(() => order.push("query"));
    await load;
    expect(order).toEqual(["query", "documents"]);
  });

  test("the event loop stays free while long documents are worked", async () => {
    await using embedder = await createMiniLmEmbedder({ modelDir });
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await embedder.embed(documents);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(20);
  });

  test("an aborted call ends at once as cancelled, one past its deadline as such", async () => {
    await using embedder = await createMiniLmEmbedder({ modelDir });
    const stop = new AbortController();
    const call = embedder.embed(documents, { signal: stop.signal });
    stop.abort();
    await expect(call).rejects.toMatchObject({ kind: "cancelled" });
    const late = embedder.embed(documents, { signal: AbortSignal.timeout(1) });
    await expect(late).rejects.toMatchObject({ kind: "deadline_exceeded", reason: "MODEL_TIMEOUT" });
    expect(await embedder.embed(["still there"])).toHaveLength(1);
  });
});

describe("the memory of query vectors", () => {
  test("gives the same vector again, untouched by what a caller does with the first", async () => {
    await using embedder = await createMiniLmEmbedder({ modelDir });
    const [first] = await embedder.embed(["Where is Ada?"], { purpose: "query" });
    const kept = first?.slice();
    first?.fill(0);
    const [again, other] = await embedder.embed(["Where is Ada?", "Who is Ada?"], { purpose: "query" });
    expect(again).toEqual(kept);
    expect(dot(again, other)).toBeLessThan(0.99);
  });

  test("can be switched off", async () => {
    await using embedder = await createMiniLmEmbedder({ modelDir, cacheSize: 0 });
    const [a] = await embedder.embed(["Where is Ada?"], { purpose: "query" });
    const [b] = await embedder.embed(["Where is Ada?"], { purpose: "query" });
    expect(b).toEqual(a);
  });
});

describe("faults", () => {
  test("a thread that dies fails its batch as retryable and is replaced", async () => {
    const started: Worker[] = [];
    const note = (worker: Worker) => started.push(worker);
    process.on("worker", note);
    await using embedder = await createMiniLmEmbedder({ modelDir });
    const failed = expect(embedder.embed([sentence(1)])).rejects.toSatisfy(isRetryable);
    await started[0]?.terminate();
    await failed;
    expect(await embedder.embed(["once more"])).toHaveLength(1);
    process.off("worker", note);
    expect(started).toHaveLength(2);
  });

  test("a missing model and one that does not come up in time are said", async () => {
    await expect(createMiniLmEmbedder({ modelDir: "/nonexistent" })).rejects.toMatchObject({
      kind: "unavailable",
    });
    await expect(createMiniLmEmbedder({ modelDir, timeoutMs: 1 })).rejects.toMatchObject({
      kind: "deadline_exceeded",
    });
  });

  test("after closing, calls are refused", async () => {
    const embedder = await createMiniLmEmbedder({ modelDir });
    await embedder[Symbol.asyncDispose]();
    await expect(embedder.embed(["too late"])).rejects.toMatchObject({ kind: "unavailable" });
  });
});
