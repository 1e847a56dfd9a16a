import { MnemeError } from "@mneme/core/errors.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type IngestSuite, openIngestSuite } from "../testing/ingest-suite.ts";
import { messagesOf, readByModel } from "../testing/read-by-model.ts";
import { outage } from "../testing/test-bucket.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";

let suite: IngestSuite;

beforeAll(async () => {
  suite = await openIngestSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());

const turns = (count: number) => Array.from({ length: count }, (_, i) => `This is turn ${i}.`);

it.concurrent("keeps what it read of a long add before it reads on", async () => {
  const bucket = await suite.openBucket();
  let failures = 2;
  await using server = await readByModel(bucket, (request) =>
    messagesOf(request).includes("This is turn 47.") && failures-- > 0 ? replies.status(500) : undefined,
  );
  const added = await bucket.add("ada", ...turns(50));
  await (await suite.wake(bucket)).result();
  expect(await bucket.of(added)).toEqual({ state: "searchable", attempts: 2 });
  const read = Map.groupBy(server.requests.flatMap(messagesOf), (text) => text);
  const timesRead = turns(50).map((text) => read.get(text)?.length);
  // Only the eight of the try that failed are read again.
  expect(timesRead).toEqual([...Array(40).fill(1), ...Array(8).fill(3), ...Array(2).fill(1)]);
  expect(await bucket.countIndexed()).toBe(50);
});

it.concurrent("loses nobody's work by another's fault", async () => {
  const bucket = await suite.openBucket();
  await using server = await readByModel(bucket, (request) =>
    messagesOf(request).includes("Refused.") ? replies.refusal() : undefined,
  );
  await bucket.add("ada", "Refused.");
  await bucket.add("ben", "I have a boat.");
  await (await suite.wake(bucket)).result();
  expect(await bucket.states()).toEqual(["failed", "searchable"]);
  expect(server.requests.flatMap(messagesOf).toSorted()).toEqual(["I have a boat.", "Refused.", "Refused."]);
});

it.concurrent("keeps in one transaction what no model need read", async () => {
  const bucket = await suite.openBucket();
  const kept: (readonly string[])[] = [];
  bucket.beforeApply = (texts) => kept.push(texts);
  bucket.extractor = { ...bucket.extractor, concurrency: 2 };
  await bucket.import("ada", "Ada rows.");
  await bucket.import("ben", "Ben sings.");
  await bucket.add("cleo", "I paint.");
  await (await suite.wake(bucket)).result();
  expect(kept.map((texts) => texts.toSorted())).toEqual([["Ada rows.", "Ben sings."], ["I paint."]]);
});

it.concurrent("gives others their turn before the rest of a flood", async () => {
  const bucket = await suite.openBucket();
  const kept: string[] = [];
  bucket.beforeApply = (texts) => kept.push(...texts);
  bucket.extractor = {
    ...bucket.extractor,
    concurrency: 1,
    most: { turns: 5, characters: 10_000, ms: 60_000 },
  };
  await bucket.add("ada", ...turns(60));
  await bucket.add("ben", "I have a boat.");
  await (await suite.wake(bucket)).result();
  expect(kept.indexOf("I have a boat.")).toBe(5);
  expect(await bucket.states()).toEqual(["searchable", "searchable"]);
});

it.concurrent("gives up what cannot be read in the time of a try, each of three", async () => {
  const bucket = await suite.openBucket();
  let read = 0;
  bucket.read = (text, signal) => {
    if (text !== "endless") return;
    read += 1;
    return untilCancelled(signal);
  };
  bucket.extractor = { ...bucket.extractor, concurrency: 2, most: { turns: 1, characters: 100, ms: 300 } };
  const endless = await bucket.add("ada", "endless");
  const after = await bucket.add("ada", "after");
  await (await suite.wake(bucket)).result();
  expect(read).toBe(3);
  expect(await bucket.of(endless)).toEqual({ state: "failed", attempts: 3 });
  expect(await bucket.reasonOf(endless)).toBe("MODEL_TIMEOUT:extractor");
  expect((await bucket.of(after)).state).toBe("searchable");
});

it.concurrent("leaves for the next batch whom it cannot begin to read in time", async () => {
  const bucket = await suite.openBucket();
  bucket.extractor = { ...bucket.extractor, concurrency: 1 };
  for (const user of ["ada", "ben", "cleo"]) await bucket.add(user, `I am ${user}.`);
  const next = () => ingestBatch(bucket.deps, bucket.target, { limit: 10, exclude: [], beginMs: 0 });
  for (let left = 3; left > 0; left -= 1) {
    const { worked, more } = await next();
    expect({ worked: worked.length, more }).toEqual({ worked: 1, more: true });
  }
  expect(await next()).toMatchObject({ worked: [], more: false });
});

it.concurrent("says of nobody that they had their turn whom it did not begin to read", async () => {
  const bucket = await suite.openBucket();
  const most = { turns: 1, characters: 1_000, ms: 60_000 };
  bucket.extractor = { ...bucket.extractor, concurrency: 1, most };
  for (const user of ["ada", "ben"]) await bucket.add(user, `I am ${user}.`, "I row.");
  const { worked, trimmed } = await ingestBatch(bucket.deps, bucket.target, {
    limit: 10,
    exclude: [],
    beginMs: 0,
  });
  expect(worked).toHaveLength(1);
  expect(trimmed).toHaveLength(1);
});

it.concurrent("blames the model for no fault of what is looked up for it, however late", async () => {
  const bucket = await suite.openBucket();
  bucket.extractor = {
    ...bucket.extractor,
    concurrency: 1,
    readsNearest: true,
    most: { turns: 8, characters: 1_000, ms: 1 },
  };
  await bucket.add("ada", "I row.");
  const { embedder, ...deps } = bucket.deps;
  const embed = async (texts: readonly string[]) => {
    await embedder.embed(texts, { purpose: "document" });
    throw new MnemeError("unavailable", "MODEL_TIMEOUT", "too slow", { metadata: { server: "embedder" } });
  };
  const slowly = { ...deps, embedder: { ...embedder, embed } };
  const { failed } = await ingestBatch(slowly, bucket.target, { limit: 10, exclude: [] });
  expect(failed).toMatchObject([{ reason: "MODEL_TIMEOUT:embedder" }]);
});

it.concurrent("keeps what needs no model while its server is away, and asks that once each time", async () => {
  const bucket = await suite.openBucket();
  let asked = 0;
  bucket.read = () => {
    asked += 1;
    if (asked <= 2) throw outage("model");
  };
  let imports = 0;
  bucket.beforeApply = async () => {
    imports += 1;
    if (imports < 6) await bucket.import("ada", `Ada rows ${imports} boats.`);
  };
  bucket.extractor = { ...bucket.extractor, concurrency: 1 };
  await bucket.import("ada", "Ada rows.");
  for (const user of ["ben", "cleo"]) await bucket.add(user, `I am ${user}.`);
  const handle = await suite.wake(bucket);
  await handle.result();
  // Each time one person was asked for, and in the end both.
  expect(asked).toBe(4);
  expect(await bucket.states()).toEqual(Array(8).fill("searchable"));
  const { events } = await handle.fetchHistory();
  const attempts = events?.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0) ?? [];
  expect(Math.max(...attempts)).toBe(3);
});
