import type { Payload } from "@temporalio/common";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataConverter } from "../bundle.ts";
import { ingestWorkflowId, WAKE } from "../contract.ts";
import { ingestActivitiesOver } from "../testing/ingest-activities.ts";
import { type IngestSuite, openIngestSuite, wakeBucket } from "../testing/ingest-suite.ts";
import { historyText, openTestTemporal, until } from "../testing/temporal.ts";
import { outage } from "../testing/test-bucket.ts";

let suite: IngestSuite;

beforeAll(async () => {
  suite = await openIngestSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());

const turns = (count: number) => Array.from({ length: count }, (_, i) => `turn ${i}`);
const isSearchable = (state: string) => state === "searchable";

it.concurrent("works what is pending and ends", async () => {
  const bucket = await suite.openBucket();
  for (const user of ["ada", "ben", "cleo"]) {
    await bucket.add(user, ...turns(10));
    await bucket.add(user, ...turns(3));
  }
  await (await suite.wake(bucket)).result();
  expect(await bucket.states()).toEqual(Array(6).fill("searchable"));
});

it.concurrent("indexes the first of a flood while the rest takes long to read", async () => {
  const bucket = await suite.openBucket();
  const model = Promise.withResolvers<void>();
  bucket.read = (text) => (text === "turn 16" ? model.promise : undefined);
  await bucket.add("ada", ...turns(40));
  const handle = await suite.wake(bucket);
  try {
    await until(async () => (await bucket.countIndexed()) === 16);
  } finally {
    model.resolve();
  }
  await handle.result();
  expect(await bucket.states()).toEqual(["searchable"]);
});

it.concurrent("waits an outage of the record out, however many tries that takes", async () => {
  const bucket = await suite.openBucket();
  let left = 3;
  bucket.beforeLoad = () => {
    if (left-- > 0) throw outage("postgres");
  };
  const added = await bucket.add("ada", "turn");
  await (await suite.wake(bucket)).result();
  expect(await bucket.of(added)).toEqual({ state: "searchable", attempts: 0 });
}, 60_000);

it.concurrent("waits for a model server that is away, without a try being counted", async () => {
  const bucket = await suite.openBucket();
  let left = 3;
  bucket.read = () => {
    if (left-- > 0) throw outage("model");
  };
  const added = [await bucket.add("ada", "turn"), await bucket.add("ben", "turn")];
  const handle = await suite.wake(bucket);
  await handle.result();
  for (const id of added) expect(await bucket.of(id)).toEqual({ state: "searchable", attempts: 0 });
  expect((await historyText(handle)).includes('"ingestStream"')).toBe(false);
});

it.concurrent("reads on while the index is away, and catches up when it is back", async () => {
  const bucket = await suite.openBucket();
  let away = true;
  bucket.beforeRefresh = () => {
    if (away) throw outage("opensearch");
  };
  await bucket.add("ada", "first");
  const handle = await suite.wake(bucket);
  await until(async () => (await bucket.countWorked()) === 1);
  await bucket.add("ada", "second");
  await suite.wake(bucket);
  await until(async () => (await bucket.countWorked()) === 2);
  expect((await bucket.states()).some(isSearchable)).toBe(false);
  away = false;
  await handle.result();
  expect((await bucket.states()).every(isSearchable)).toBe(true);
});

it.concurrent("stops an activity soon after its workflow was cancelled", async () => {
  const bucket = await suite.openBucket();
  let aborted = false;
  bucket.read = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        aborted = true;
        reject(signal.reason);
      });
    });
  await bucket.add("ada", "slow");
  const handle = await suite.wake(bucket);
  await until(() => bucket.loads.length > 0);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
  await until(() => aborted);
});

// By itself: it meets the one moment between a task and its answer, which must not run out of time.

// By itself, as the next: how much is gathered is a matter of time.
it("indexes a flood in large batches, and what it has of one when it can't go on", async () => {
  const bucket = await suite.openBucket();
  const workedAt: number[] = [];
  bucket.beforeRefresh = async () => workedAt.push(await bucket.countWorked());
  let isAway = true;
  bucket.read = (text) => {
    if (isAway && text === "turn 100") throw outage("model");
  };
  await bucket.add("ada", ...turns(130));
  const handle = await suite.wake(bucket);
  await until(async () => (await bucket.countIndexed()) === 96);
  expect(workedAt[0]).toBeGreaterThanOrEqual(64);
  isAway = false;
  await handle.result();
  expect(await bucket.states()).toEqual(["searchable"]);
});

it("loses no wake-up that comes while it ends", async () => {
  const bucket = await suite.openBucket();
  // The codec runs between a workflow task's work and its answer to the server: the last moment there is.
  const late = { left: 3, sent: 0 };
  const { tenantId } = bucket.target;
  const codec = {
    encode: async (payloads: Payload[]) => {
      // Only the workflow's own end has nothing to say.
      if (payloads.every(({ data }) => !data?.length) && late.left > 0) {
        late.left -= 1;
        await bucket.add("ada", `late ${late.left}`);
        await own.client.workflow.getHandle(ingestWorkflowId(tenantId, 3)).signal(WAKE);
        late.sent += 1;
      }
      return payloads;
    },
    decode: async (payloads: Payload[]) => payloads,
  };
  await using own = await openTestTemporal();
  await using _racing = await own.startWorker(ingestActivitiesOver(bucket), {
    ...dataConverter,
    payloadCodecs: [codec],
  });
  await bucket.add("ada", "first");
  const handle = await wakeBucket(own, bucket);
  await handle.result();
  expect(late.sent).toBe(3);
  expect(await bucket.states()).toEqual(Array(4).fill("searchable"));
  const refusals = (await historyText(handle)).match(/UNHANDLED_COMMAND/g);
  expect(refusals).toHaveLength(3);
});
