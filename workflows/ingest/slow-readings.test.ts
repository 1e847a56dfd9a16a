import { replies } from "@mneme/models/testing/replies.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type IngestSuite, openIngestSuite } from "../testing/ingest-suite.ts";
import { messagesOf, readByModel } from "../testing/read-by-model.ts";
import { until } from "../testing/temporal.ts";

let suite: IngestSuite;

beforeAll(async () => {
  suite = await openIngestSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());

it.concurrent("lets nobody wait for one who takes long to be read", async () => {
  const bucket = await suite.openBucket();
  const model = Promise.withResolvers<undefined>();
  await using server = await readByModel(bucket, (request) =>
    messagesOf(request).includes("Slow.") ? model.promise : undefined,
  );
  const slow = await bucket.add("ada", "Slow.");
  const quick = await bucket.add("ben", "I have a boat.");
  const handle = await suite.wake(bucket);
  try {
    await until(async () => (await bucket.of(quick)).state === "searchable");
    // Who comes after the batch began, too, and so often as they come.
    for (const text of ["I paint.", "I sing."]) {
      const late = await bucket.add("cleo", text);
      await until(async () => (await bucket.of(late)).state === "searchable");
    }
    expect((await bucket.of(slow)).state).toBe("running");
  } finally {
    model.resolve(undefined);
  }
  await handle.result();
  expect((await bucket.of(slow)).state).toBe("searchable");
  expect(server.requests.flatMap(messagesOf).toSorted()).toEqual([
    "I have a boat.",
    "I paint.",
    "I sing.",
    "Slow.",
  ]);
});

it.concurrent("asks the model no more at once for slow ones and others together than it may", async () => {
  const bucket = await suite.openBucket();
  const model = Promise.withResolvers<void>();
  let [going, most] = [0, 0];
  bucket.read = async (text) => {
    going += 1;
    most = Math.max(most, going);
    if (text.startsWith("Slow")) await model.promise;
    going -= 1;
  };
  bucket.extractor = { ...bucket.extractor, concurrency: 2 };
  await bucket.add("ada", "Slow.");
  const handle = await suite.wake(bucket);
  try {
    await until(() => going === 1);
    const late = [await bucket.add("ben", "I row."), await bucket.add("cleo", "I paint.")];
    for (const id of late) await until(async () => (await bucket.of(id)).state === "searchable");
    await bucket.add("dan", "Slow too.");
    await until(() => going === 2);
    const loads = bucket.loads.length;
    await bucket.add("eve", "I sing.");
    await until(() => bucket.loads.length > loads + 2);
  } finally {
    model.resolve();
  }
  await handle.result();
  expect(most).toBe(2);
  expect(await bucket.states()).toEqual(Array(5).fill("searchable"));
});

it.concurrent("leaves whom it failed alone while a slow one is read, and tries them again then", async () => {
  const bucket = await suite.openBucket();
  const model = Promise.withResolvers<undefined>();
  await using server = await readByModel(bucket, (request) => {
    if (messagesOf(request).includes("Slow.")) return model.promise;
    return messagesOf(request).includes("Refused.") ? replies.refusal() : undefined;
  });
  await bucket.add("ada", "Slow.");
  await bucket.add("ben", "Refused.");
  const handle = await suite.wake(bucket);
  try {
    const late = await bucket.add("cleo", "I paint.");
    await until(async () => (await bucket.of(late)).state === "searchable");
    expect(server.requests.flatMap(messagesOf).filter((text) => text === "Refused.")).toHaveLength(1);
  } finally {
    model.resolve(undefined);
  }
  await handle.result();
  expect(await bucket.states()).toEqual(["searchable", "failed", "searchable"]);
});

it.concurrent("reads whom it can wait for no longer alone, and counts no try for that", async () => {
  const bucket = await suite.openBucket();
  const model = Promise.withResolvers<undefined>();
  let asked = 0;
  await using _server = await readByModel(bucket, (request) => {
    if (!messagesOf(request).includes("Slow.")) return;
    asked += 1;
    return model.promise;
  });
  bucket.limits = { stayMs: 300, slowMs: 600 };
  const slow = await bucket.add("ada", "Slow.");
  const handle = await suite.wake(bucket);
  try {
    await until(() => asked === 2);
    const late = await bucket.add("ben", "I row.");
    await suite.wake(bucket);
    await until(async () => (await bucket.of(late)).state === "searchable");
  } finally {
    model.resolve(undefined);
  }
  await handle.result();
  expect(asked).toBe(2);
  expect(await bucket.of(slow)).toEqual({ state: "searchable", attempts: 0 });
});

it.concurrent("leaves nothing going on when it is cancelled beside a slow one", async () => {
  const bucket = await suite.openBucket();
  let aborted = false;
  bucket.read = (text, signal) => {
    if (text !== "Slow.") return;
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => {
        aborted = true;
        reject(signal.reason);
      });
    });
  };
  bucket.extractor = { ...bucket.extractor, concurrency: 2 };
  const slow = await bucket.add("ada", "Slow.");
  const handle = await suite.wake(bucket);
  // Loads again: it is slow by then.
  await until(() => bucket.loads.length > 1);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  await until(() => aborted);
  expect(await bucket.of(slow)).toEqual({ state: "running", attempts: 0 });
});
