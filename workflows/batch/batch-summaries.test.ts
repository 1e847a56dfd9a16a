import { gatherBatches } from "@mneme/core/extraction/bulk/gather-batches.ts";
import { sendBatch } from "@mneme/core/extraction/bulk/send-batch.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import type { Handler } from "@mneme/models/testing/scripted-server.ts";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type BulkBench, openBulkSuite } from "../testing/bulk-suite.ts";
import { messagesOf } from "../testing/read-by-model.ts";

let suite: Awaited<ReturnType<typeof openBulkSuite>>;
let bench: BulkBench;
beforeAll(async () => {
  suite = await openBulkSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());
afterEach(() => bench[Symbol.asyncDispose]());

const LIMITS = { requests: 100, bytes: 1_000_000, messages: 100 };

/** One statement a message, and always something told so far. */
const chat: Handler = (request) =>
  replies.content({
    statements: messagesOf(request).map((text, i) => ({
      text,
      evidence: [{ message: i + 1, quote: text }],
      category: "other",
    })),
    skipped: [],
    summary: "Ada was in Rome.",
  });

const summaries = () => bench.query("select from mneme.stream_summaries where tenant_id = $1");

/** As if so many minutes had passed. */
async function age(minutes: number): Promise<void> {
  const back = `- make_interval(mins => ${minutes})`;
  await bench.query(`update mneme.tombstones set created_at = created_at ${back} where tenant_id = $1`);
  await bench.query(`update mneme.model_batches set sending_at = sending_at ${back} where tenant_id = $1`);
}

it("a batch's answer tells nothing of what was deleted since it was sent, however long ago", async () => {
  bench = await suite.open({ chat });
  const { bucket, bulk } = bench;
  await bucket.add("ada", "Ada was in Rome.");
  await bench.work();
  expect(await summaries()).toHaveLength(1);
  await bucket.addBulk("ada", "Ada has a boat.");
  await bench.work();
  await gatherBatches(bulk, { waitMs: 0, streams: 100 });
  const [batch] = await bench.query<{ id: string }>(
    "select id from mneme.model_batches where tenant_id = $1",
  );
  const id = { tenantId: bucket.target.tenantId, batchId: batch?.id ?? "" };
  expect(await sendBatch(bulk, id, LIMITS)).toBe("sent");
  await bucket.deleteKnown("ada");
  expect(await summaries()).toHaveLength(0);
  await age(10);
  for (const handle of await bench.gather()) await handle.result();
  await bench.work();
  expect(await bucket.kept()).toHaveLength(1);
  expect(await summaries()).toHaveLength(0);
  await bucket.add("ada", "Ada sails.");
  await bench.work();
  expect(await summaries()).toHaveLength(1);
});

it("a batch's answer is not kept where all was deleted that a person has, what was sent with it", async () => {
  bench = await suite.open({ chat });
  const { bucket, bulk } = bench;
  await bucket.addBulk("ada", "Ada has a boat.");
  await bench.work();
  await gatherBatches(bulk, { waitMs: 0, streams: 100 });
  const [batch] = await bench.query<{ id: string }>(
    "select id from mneme.model_batches where tenant_id = $1",
  );
  const id = { tenantId: bucket.target.tenantId, batchId: batch?.id ?? "" };
  expect(await sendBatch(bulk, id, LIMITS)).toBe("sent");
  await bucket.deleteAll("ada");
  for (const handle of await bench.gather()) await handle.result();
  await bench.work();
  expect(await bucket.kept()).toEqual([]);
  expect(await summaries()).toHaveLength(0);
});
