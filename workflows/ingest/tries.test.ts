import { setTimeout as pause } from "node:timers/promises";
import { MnemeError } from "@mneme/core/errors.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type IngestSuite, openIngestSuite } from "../testing/ingest-suite.ts";
import { historyText, until } from "../testing/temporal.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";

const SECRET = "Rosalind keeps otters";

let suite: IngestSuite;

beforeAll(async () => {
  suite = await openIngestSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());

const tooSlow = () => new MnemeError("unavailable", "MODEL_TIMEOUT", "too slow");
const refused = () => new MnemeError("failed_precondition", "MODEL_REFUSED", "no");

it.concurrent("tries a failed stream alone while the others go on", async () => {
  const bucket = await suite.openBucket();
  let failures = 0;
  bucket.read = (text) => {
    if (text !== "odd" || failures >= 2) return;
    failures += 1;
    throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", "nonsense");
  };
  const odd = await bucket.add("ada", "odd");
  const after = await bucket.add("ada", "after odd");
  const healthy = await bucket.add("ben", ...Array.from({ length: 20 }, (_, i) => `turn ${i}`));
  const handle = await suite.wake(bucket);
  await until(async () => ["extracted", "searchable"].includes((await bucket.of(healthy)).state));
  expect((await bucket.of(odd)).state).toBe("running");
  await handle.result();
  expect(await bucket.of(odd)).toEqual({ state: "searchable", attempts: 2 });
  expect(await bucket.of(after)).toEqual({ state: "searchable", attempts: 0 });
  const streamId = await bucket.streamOf(odd);
  expect(bucket.loads.some((exclude) => exclude.includes(streamId))).toBe(true);
});

it.concurrent("gives up after three tries, and only on the add that fails", async () => {
  const bucket = await suite.openBucket();
  bucket.read = (text) => {
    if (text === "poison") throw tooSlow();
  };
  const before = await bucket.add("ada", "before");
  const poison = await bucket.add("ada", "poison");
  const after = await bucket.add("ada", "after");
  await (await suite.wake(bucket)).result();
  expect((await bucket.of(before)).state).toBe("searchable");
  expect(await bucket.of(poison)).toEqual({ state: "failed", attempts: 3 });
  expect((await bucket.of(after)).state).toBe("searchable");
});

it.concurrent("tries what would fail again for certain twice: with others, and alone", async () => {
  const bucket = await suite.openBucket();
  bucket.read = (text) => {
    if (text === "refused") throw refused();
  };
  const added = await bucket.add("ada", "refused");
  await (await suite.wake(bucket)).result();
  expect(await bucket.of(added)).toEqual({ state: "failed", attempts: 2 });
});

it.concurrent("finds the culprit when a whole batch fails", async () => {
  const bucket = await suite.openBucket();
  bucket.beforeApply = (texts) => {
    if (texts.includes("poison")) throw new Error(`cannot store ${SECRET}`);
  };
  const poison = await bucket.add("ada", "poison");
  const good = await bucket.add("ben", "fine");
  const handle = await suite.wake(bucket);
  await handle.result();
  expect((await bucket.of(poison)).state).toBe("failed");
  expect((await bucket.of(good)).state).toBe("searchable");
  expect((await historyText(handle)).includes(SECRET)).toBe(false);
});

it.concurrent("revives a dead letter into its place", async () => {
  const bucket = await suite.openBucket();
  let isBroken = true;
  bucket.read = (text) => {
    if (isBroken && text === "refused") throw refused();
  };
  const added = await bucket.add("ada", "refused");
  await (await suite.wake(bucket)).result();
  expect((await bucket.of(added)).state).toBe("failed");
  isBroken = false;
  await bucket.revive(added);
  await (await suite.wake(bucket)).result();
  expect((await bucket.of(added)).state).toBe("searchable");
});

it.concurrent("continues as new with the streams it is trying again", async () => {
  const bucket = await suite.openBucket();
  bucket.read = (text) => {
    if (text === "poison") throw tooSlow();
  };
  const poison = await bucket.add("ada", "poison");
  const handle = await suite.wake(bucket, { maxHistoryEvents: 5 });
  await handle.result();
  expect(await bucket.of(poison)).toEqual({ state: "failed", attempts: 3 });
  const { client } = suite.temporal;
  const first = await client.workflow.getHandle(handle.workflowId, handle.signaledRunId).describe();
  expect(first.status.name).toBe("CONTINUED_AS_NEW");
});

it.concurrent("lets a try end before it continues as new", async () => {
  const bucket = await suite.openBucket();
  const model = Promise.withResolvers<void>();
  let read = 0;
  bucket.read = (text) => {
    if (text !== "slow") return;
    read += 1;
    if (read === 1) throw tooSlow();
    return model.promise;
  };
  const slow = await bucket.add("ada", "slow");
  const handle = await suite.wake(bucket, { maxHistoryEvents: 18 });
  await until(() => read === 2);
  let isLongSince: number | undefined;
  const { client } = suite.temporal;
  const first = client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
  try {
    await until(async () => {
      await suite.wake(bucket, { maxHistoryEvents: 18 });
      const { status, historyLength } = await first.describe();
      expect(status.name).toBe("RUNNING");
      if (historyLength > 18) isLongSince ??= bucket.loads.length;
      // An activity has ended since, and with it the moment to continue.
      return bucket.loads.length > (isLongSince ?? Number.POSITIVE_INFINITY) + 2;
    });
  } finally {
    model.resolve();
  }
  await handle.result();
  expect(await bucket.of(slow)).toEqual({ state: "searchable", attempts: 1 });
  expect(read).toBe(2);
});

it.concurrent("gives up what was to be given up when it continued as new, and nothing else", async () => {
  const bucket = await suite.openBucket();
  let failures = 1;
  bucket.read = (text) => {
    if (text === "next" && failures-- > 0) throw tooSlow();
  };
  const poison = await bucket.add("ada", "poison");
  const next = await bucket.add("ada", "next");
  const streamId = await bucket.streamOf(poison);
  const { tenantId } = bucket.target;
  // The run before was continued while this was under way: it had come through, and nobody heard of it.
  await bucket.store.giveUp(tenantId, { streamId, extractionId: poison }, "MODEL_TIMEOUT");
  const retrying = [{ streamId, extractionId: poison, tries: 3, reason: "MODEL_TIMEOUT", isSpent: true }];
  await (await suite.wake(bucket, { carried: { woken: false, indexing: false, retrying } })).result();
  expect(await bucket.of(poison)).toEqual({ state: "failed", attempts: 0 });
  expect(await bucket.of(next)).toEqual({ state: "searchable", attempts: 1 });
});

it.concurrent("counts the tries of another extraction of the stream from the beginning", async () => {
  const bucket = await suite.openBucket();
  let failures = 1;
  bucket.read = (text) => {
    if (text === "next" && failures-- > 0) throw tooSlow();
  };
  const worked = await bucket.add("ada", "worked");
  const next = await bucket.add("ada", "next");
  const streamId = await bucket.streamOf(worked);
  const { tenantId } = bucket.target;
  // It had failed twice when the run before was continued, and is not the next any more.
  await bucket.store.giveUp(tenantId, { streamId, extractionId: worked }, "MODEL_TIMEOUT");
  const retrying = [{ streamId, extractionId: worked, tries: 2, reason: "MODEL_TIMEOUT", isSpent: false }];
  await (await suite.wake(bucket, { carried: { woken: false, indexing: false, retrying } })).result();
  expect(await bucket.of(next)).toEqual({ state: "searchable", attempts: 1 });
});

it.concurrent("keeps what errors say out of the history", async () => {
  const bucket = await suite.openBucket();
  bucket.read = (text) => {
    throw new Error(`cannot parse: ${text}`, { cause: new Error(SECRET) });
  };
  await bucket.add("ada", SECRET);
  let left = 1;
  bucket.beforeLoad = () => {
    if (left-- > 0) throw new Error(`invalid input syntax: ${SECRET}`);
  };
  const handle = await suite.wake(bucket);
  await handle.result();
  const history = await historyText(handle);
  expect(history.includes("INTERNAL")).toBe(true);
  expect(history.includes(SECRET)).toBe(false);
  expect(history.includes("otters")).toBe(false);
}, 60_000);

// The next two have a try run out of time, or nearly: what runs beside them would count as well.
it("counts a try that its time ran out on, and goes on with what follows", async () => {
  const bucket = await suite.openBucket();
  let read = 0;
  bucket.read = (text, signal) => {
    if (text !== "endless") return;
    read += 1;
    // The batch fails at once; alone it goes on for ever, whatever the time.
    if (read === 1) throw tooSlow();
    return untilCancelled(signal);
  };
  const endless = await bucket.add("ada", "endless");
  const after = await bucket.add("ada", "after");
  await (await suite.wake(bucket, { maxActivityMs: 2_000 })).result();
  expect(read).toBe(3);
  expect((await bucket.of(endless)).state).toBe("failed");
  expect((await bucket.of(after)).state).toBe("searchable");
}, 60_000);

it("counts no time that a try waits for its turn", async () => {
  const bucket = await suite.openBucket();
  let failures = 1;
  bucket.read = (text) => {
    if (text === "odd" && failures-- > 0) throw tooSlow();
  };
  bucket.aloneInTurn = async (_, work) => {
    // Longer than a try may take.
    await pause(1_500);
    return work();
  };
  const odd = await bucket.add("ada", "odd");
  await (await suite.wake(bucket, { maxActivityMs: 1_000 })).result();
  expect(await bucket.of(odd)).toEqual({ state: "searchable", attempts: 1 });
});
