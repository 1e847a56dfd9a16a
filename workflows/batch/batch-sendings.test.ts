import { gatherBatches } from "@mneme/core/extraction/bulk/gather-batches.ts";
import { sendBatch } from "@mneme/core/extraction/bulk/send-batch.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BulkBench, NOTHING_LEFT, openBulkSuite } from "../testing/bulk-suite.ts";

let suite: Awaited<ReturnType<typeof openBulkSuite>>;
let bench: BulkBench;

beforeAll(async () => {
  suite = await openBulkSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());
afterEach(() => bench[Symbol.asyncDispose]());

const LIMITS = { requests: 100, bytes: 1_000_000, messages: 100 };

/** A bench with a batch of these, one message a person, that nobody has sent yet. */
async function gathered(said: Readonly<Record<string, string>>) {
  bench = await suite.open();
  const added: string[] = [];
  for (const [person, text] of Object.entries(said)) added.push(await bench.bucket.addBulk(person, text));
  await bench.work();
  await gatherBatches(bench.bulk, { waitMs: 0, streams: 100 });
  const [batch] = await bench.query<{ id: string }>(
    "select id from mneme.model_batches where tenant_id = $1",
  );
  const id = { tenantId: bench.bucket.target.tenantId, batchId: batch?.id ?? "" };
  return { id, added };
}

/** Sends a batch as a worker that is slow once it has begun: until `goOn`. */
function sendSlowly(id: { readonly tenantId: string; readonly batchId: string }) {
  const begun = Promise.withResolvers<void>();
  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  const { bulk } = bench;
  const slow: typeof bulk.batches = {
    ...bulk.batches,
    async begin(...asked) {
      const at = await bulk.batches.begin(...asked);
      begun.resolve();
      await promise;
      return at;
    },
  };
  const sent = sendBatch({ ...bulk, batches: slow }, id, LIMITS);
  return { sent, begun: begun.promise, goOn };
}

describe("a batch that is sent by two, for the first seemed lost,", () => {
  it("is one of them: the other is cancelled, and leaves nothing either", async () => {
    const { id, added } = await gathered({ ada: "Ada was in Rome." });
    const slow = sendSlowly(id);
    await slow.begun;
    expect(await sendBatch(bench.bulk, id, LIMITS)).toBe("sent");
    slow.goOn();
    expect(await slow.sent).toBe("sent");
    const { batches } = bench.server;
    expect(batches.all.map(({ status }) => status)).toEqual(["validating", "cancelling"]);
    for (const handle of await bench.gather()) await handle.result();
    await bench.work();
    expect(batches.all.map(({ status }) => status)).toEqual(["completed", "cancelled"]);
    expect(await bench.bucket.get(added[0] ?? "")).toMatchObject({ state: "searchable" });
    expect(bench.direct()).toEqual([]);
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 } });
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });

  it("leaves nothing where the first comes through when all is over", async () => {
    const { id } = await gathered({ ada: "Ada was in Rome." });
    const slow = sendSlowly(id);
    await slow.begun;
    for (const handle of await bench.gather()) await handle.result();
    expect(await bench.left()).toMatchObject({ files: 0, open: 0 });
    slow.goOn();
    await slow.sent;
    expect(await bench.left()).toMatchObject({ files: 1, open: 1 });
    for (const handle of await bench.gather()) await handle.result();
    await bench.work();
    expect(await bench.left()).toEqual(NOTHING_LEFT);
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 } });
  });

  it.each([
    ["refused, as it will be every time", replies.status(400), "ALREADY_RUNNING"],
    ["not answered", replies.status(503), "DEPENDENCY_UNAVAILABLE"],
  ])("has nobody go on alone where the late one is %s", async (_, reply, reason) => {
    const { id, added } = await gathered({ ada: "Ada was in Rome." });
    const slow = sendSlowly(id);
    await slow.begun;
    expect(await sendBatch(bench.bulk, id, LIMITS)).toBe("sent");
    const { batches } = bench.server;
    // All its tries.
    for (let i = 0; i < 5; i += 1) batches.planned.push(["POST /v1/files", reply]);
    slow.goOn();
    await expect(slow.sent).rejects.toMatchObject({ reason });
    batches.planned.length = 0;
    // Whoever tries again finds what was sent.
    expect(await sendBatch(bench.bulk, id, LIMITS)).toBe("sent");
    for (const handle of await bench.gather()) await handle.result();
    await bench.work();
    expect(batches.all.map(({ status }) => status)).toEqual(["completed"]);
    expect(await bench.bucket.get(added[0] ?? "")).toMatchObject({ state: "searchable" });
    expect(bench.direct()).toEqual([]);
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 } });
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });

  it("is not begun by whoever looked before another began", async () => {
    const { id } = await gathered({ ada: "Ada was in Rome." });
    const { bulk } = bench;
    const late = await bulk.batches.get(id.tenantId, id.batchId);
    expect(await sendBatch(bulk, id, LIMITS)).toBe("sent");
    const by = { model: "scripted", extractorVersion: "v0", server: "elsewhere" };
    expect(late && (await bulk.batches.begin(id.tenantId, late, by, []))).toBeUndefined();
    expect(await bulk.batches.requests(id.tenantId, id.batchId)).toHaveLength(1);
    for (const handle of await bench.gather()) await handle.result();
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });
});

describe("an answer", () => {
  it("counts for the messages that it was asked about alone, whatever their number is by now", async () => {
    const { id, added } = await gathered({ ada: "Ada was in Rome.", bo: "Bo has a boat." });
    const { bulk, server } = bench;
    const { batches } = bulk;
    server.batches.lost.push("POST /v1/batches");
    await expect(sendBatch(bulk, id, LIMITS)).rejects.toMatchObject({ kind: "unavailable" });
    // As a worker that prepared it anew, in another order, and was killed before it sent that.
    const begun = await batches.get(id.tenantId, id.batchId);
    const rows = await batches.requests(id.tenantId, id.batchId);
    const { model = "", extractorVersion = "", server: at = "" } = begun ?? {};
    const renumbered = rows.map((row) => ({ ...row, number: rows.length - 1 - row.number }));
    const by = { model, extractorVersion, server: at };
    expect(begun && (await batches.begin(id.tenantId, begun, by, renumbered))).toBeDefined();
    for (const handle of await bench.gather()) await handle.result();
    await bench.work();
    expect(server.batches.all).toHaveLength(1);
    for (const one of added) {
      expect(await bench.bucket.get(one)).toMatchObject({ state: "searchable", directReason: "unanswered" });
    }
    expect(bench.direct().toSorted()).toEqual([["Ada was in Rome."], ["Bo has a boat."]]);
    expect(await bench.bucket.kept()).toHaveLength(2);
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });
});
