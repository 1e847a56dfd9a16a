import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { isRetryable } from "@mneme/core/errors.ts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { installedModelDir } from "../testing/model-dir.ts";
import { createMiniLmEmbedder } from "./embedder.ts";

const modelDir = installedModelDir();
const started: Worker[] = [];
const note = (worker: Worker) => started.push(worker);
beforeEach(() => {
  started.length = 0;
  process.on("worker", note);
});
afterEach(() => {
  process.off("worker", note);
});

const documents = Array.from(
  { length: 200 },
  (_, i) => `On day ${i} Ada planted ${i % 7} apple trees ${"behind the old house ".repeat(i % 9)}`,
);

test("two threads give what one gives, bit for bit, in the order of the texts", async () => {
  await using one = await createMiniLmEmbedder({ modelDir });
  await using two = await createMiniLmEmbedder({ modelDir, threads: 2 });
  const expected = await one.embed(documents);
  for (const vectors of await Promise.all([two.embed(documents), two.embed(documents)]))
    expect(vectors).toEqual(expected);
  expect(started).toHaveLength(3);
});

test("the second thread starts when a second batch waits, and not before", async () => {
  await using embedder = await createMiniLmEmbedder({ modelDir, threads: 2 });
  await embedder.embed(["alone"]);
  await Promise.all(["asked", "together"].map((text) => embedder.embed([text], { purpose: "query" })));
  expect(started).toHaveLength(1);
  await Promise.all(["one", "and another"].map((text) => embedder.embed([text])));
  expect(started).toHaveLength(2);
});

test("both threads start at once where they are asked to", async () => {
  await using embedder = await createMiniLmEmbedder({ modelDir, threads: 2, eager: true });
  expect(started).toHaveLength(2);
  expect(await Promise.all([embedder.embed(["one"]), embedder.embed(["another"])])).toHaveLength(2);
  expect(started).toHaveLength(2);
});

test("batches run beside each other: a thread that dies fails its own alone, and is replaced", async () => {
  await using embedder = await createMiniLmEmbedder({ modelDir, threads: 2 });
  process.once("worker", (worker) => worker.terminate());
  const spared = embedder.embed(["on the first thread"]);
  await expect(embedder.embed(["on the second"])).rejects.toSatisfy(isRetryable);
  expect(await spared).toHaveLength(1);
  expect(await Promise.all([embedder.embed(["once"]), embedder.embed(["more"])])).toHaveLength(2);
  expect(started).toHaveLength(3);
});

test("while both threads work, one call is cancelled and another runs out of time; the third is served", async () => {
  await using embedder = await createMiniLmEmbedder({ modelDir, threads: 2 });
  await Promise.all([embedder.embed(["one"]), embedder.embed(["another"])]);
  const stop = new AbortController();
  const cancelled = embedder.embed(documents, { signal: stop.signal });
  const late = embedder.embed(documents, { signal: AbortSignal.timeout(20) });
  const served = embedder.embed(documents);
  await setImmediate();
  stop.abort();
  await Promise.all([
    expect(cancelled).rejects.toMatchObject({ kind: "cancelled" }),
    expect(late).rejects.toMatchObject({ kind: "deadline_exceeded", reason: "MODEL_TIMEOUT" }),
  ]);
  expect(await served).toHaveLength(documents.length);
  expect(started).toHaveLength(2);
});

test("others get their turn between long texts: a call cancelled there never reaches a thread", async () => {
  await using embedder = await createMiniLmEmbedder({ modelDir });
  const reached = vi.spyOn(started[0] as Worker, "postMessage");
  const stop = new AbortController();
  const call = embedder.embed(Array<string>(50).fill("天気がいい".repeat(1_600)), { signal: stop.signal });
  const cancelled = expect(call).rejects.toMatchObject({ kind: "cancelled" });
  await setImmediate();
  stop.abort();
  await cancelled;
  expect(reached).not.toHaveBeenCalled();
});

test("closing while both threads compute lets these batches end, refuses what waits, and ends both threads", async () => {
  const embedder = await createMiniLmEmbedder({ modelDir, threads: 2 });
  await Promise.all([embedder.embed(["one"]), embedder.embed(["another"])]);
  const long = "behind the old house ".repeat(60);
  const [first, second, third] = ["Ada", "Ben", "Cleo"].map((name) => embedder.embed([name + long]));
  const refused = expect(third).rejects.toMatchObject({ kind: "unavailable", reason: "DRAINING" });
  await setImmediate();
  const ended = Promise.all(started.map((worker) => once(worker, "exit")));
  await embedder[Symbol.asyncDispose]();
  await Promise.all([refused, ended]);
  expect(await Promise.all([first, second])).toHaveLength(2);
  expect(started).toHaveLength(2);
});
