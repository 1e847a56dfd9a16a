import { gatherBatches } from "@mneme/core/extraction/bulk/gather-batches.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BatchInput } from "../contract.ts";
import { type BulkBench, NOTHING_LEFT, openBulkSuite } from "../testing/bulk-suite.ts";

let suite: Awaited<ReturnType<typeof openBulkSuite>>;
let bench: BulkBench;

beforeAll(async () => {
  suite = await openBulkSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());
afterEach(() => bench[Symbol.asyncDispose]());

/** A bench with a batch of these that is with its server, and does not end by itself. */
async function away(
  said: Readonly<Record<string, readonly string[]>>,
  input: Partial<BatchInput> = {},
  isSlowToCancel = false,
) {
  bench = await suite.open();
  const { batches } = bench.server;
  batches.endsAs = undefined;
  batches.isSlowToCancel = isSlowToCancel;
  batches.answersAtMost = 0;
  const added: string[] = [];
  for (const [person, texts] of Object.entries(said))
    added.push(await bench.bucket.addBulk(person, ...texts));
  await bench.work();
  const [handle] = await bench.gather(input);
  const sent = "select from mneme.model_batches where tenant_id = $1 and state = 'sent'";
  await expect.poll(() => bench.query(sent), { timeout: 20_000 }).toHaveLength(1);
  return { added, ended: async () => handle?.result() };
}

const leftReasons = async () =>
  (
    await bench.query<{ left_reason: string | null }>(
      "select left_reason from mneme.model_batches where tenant_id = $1 order by id",
    )
  ).map(({ left_reason }) => left_reason);

describe("a batch whose project", () => {
  it("is read by rules meanwhile is cancelled where it was sent, paid for, and leaves nothing there", async () => {
    const { added, ended } = await away({ ada: ["Ada was in Rome."] });
    const { batches } = bench.server;
    batches.answersAtMost = 1;
    await bench.bucket.set({ models: { batch: "bulk", extractor: "embedded" } });
    await ended();
    await bench.work();
    expect(batches.all).toMatchObject([{ status: "cancelled" }]);
    const extractor = expect.stringMatching(/^embedded\//);
    expect(await bench.bucket.get(added[0] ?? "")).toMatchObject({ state: "searchable", extractor });
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 } });
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });

  it("turned them off when it was sent and not noted is looked for, and leaves nothing there", async () => {
    bench = await suite.open();
    const { batches } = bench.server;
    batches.endsAs = undefined;
    batches.isSlowToCancel = true;
    batches.lost.push("POST /v1/batches");
    await bench.bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    const [handle] = await bench.gather();
    await expect.poll(() => batches.all.length, { timeout: 20_000 }).toBe(1);
    await bench.bucket.set({ models: { batch: "off" } });
    await expect.poll(() => batches.all[0]?.status, { timeout: 20_000 }).toBe("cancelling");
    batches.isSlowToCancel = false;
    await handle?.result();
    expect(batches.all).toMatchObject([{ status: "cancelled" }]);
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });
});

describe("a batch that is cancelled", () => {
  it("keeps nobody waiting who it takes its time to end, and leaves nothing when it has", async () => {
    const { ended } = await away({ ada: ["Ada was in Rome."] }, { longestMs: 30, endingMs: 500 }, true);
    const { batches } = bench.server;
    batches.answersAtMost = 1;
    await expect.poll(async () => (await bench.left()).aside, { timeout: 20_000 }).toBe(0);
    // Once before anybody was let go, and with each try to close it.
    const tries = () => batches.routes.filter((route) => route.endsWith("/cancel")).length;
    await expect.poll(tries, { timeout: 20_000 }).toBeGreaterThan(2);
    expect(batches.all).toMatchObject([{ status: "cancelling" }]);
    expect(batches.files.size).toBe(1);
    batches.isSlowToCancel = false;
    await ended();
    expect(batches.all).toMatchObject([{ status: "cancelled", output_file_id: expect.any(String) }]);
    expect(await bench.left()).toEqual(NOTHING_LEFT);
    expect(await leftReasons()).toEqual([null]);
  });
});

describe("a person who is forgotten among others in a batch", () => {
  it("has it cancelled, and the others are asked for again in the next one", async () => {
    const { added, ended } = await away({ ada: ["Ada was in Rome."], bo: ["Bo has a boat."] });
    const { batches } = bench.server;
    await bench.query(
      `update mneme.subjects set state = 'fenced' where tenant_id = $1 and id = (
         select subject_id from mneme.streams where tenant_id = $1 and id = $2::uuid)`,
      await bench.bucket.streamOf(added[0] ?? ""),
    );
    await ended();
    expect(batches.all).toMatchObject([{ status: "cancelled" }]);
    expect(batches.files.size).toBe(0);
    expect((await bench.bucket.get(added[1] ?? "")).waiting).toMatchObject({ reason: "BATCH" });
    batches.endsAs = "completed";
    batches.answersAtMost = Number.POSITIVE_INFINITY;
    await bench.workInBatches();
    expect(await bench.bucket.get(added[1] ?? "")).toMatchObject({
      state: "searchable",
      directReason: undefined,
    });
    expect(bench.inBatches()).toEqual([["Ada was in Rome."], ["Bo has a boat."], ["Bo has a boat."]]);
    expect(bench.direct()).toEqual([]);
    expect(await bench.bucket.states()).toEqual(["dropped", "searchable"]);
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });
});

describe("a server that", () => {
  const brief = { awayMs: 300, endingMs: 300, keepingMs: 300, closingMs: 300 };

  it("goes away is done without in time, and the record says what it may still have", async () => {
    const { added, ended } = await away({ ada: ["Ada was in Rome."] }, brief);
    bench.server.batches.isAway = true;
    await ended();
    await bench.work();
    expect(await bench.bucket.get(added[0] ?? "")).toMatchObject({
      state: "searchable",
      directReason: "unanswered",
    });
    expect(await leftReasons()).toEqual(["unreachable"]);
    const { values } = await bench.metrics.batchesLeft.get();
    expect(values).toMatchObject([{ labels: { reason: "unreachable" }, value: 1 }]);
    expect(await bench.left()).toEqual({ ...NOTHING_LEFT, files: 1 });
  });

  it("never says that it has ended is given up in time", async () => {
    // It has to answer once.
    const patient = { ...brief, longestMs: 30, closingMs: 3_000 };
    const { ended } = await away({ ada: ["Ada was in Rome."] }, patient, true);
    await ended();
    expect(await leftReasons()).toEqual(["still_going"]);
    expect(await bench.left()).toEqual({ ...NOTHING_LEFT, files: 1 });
  });

  it("is another's by now is not asked, and nobody waits for it", async () => {
    const { added, ended } = await away({ ada: ["Ada was in Rome."] }, brief);
    await bench.query("update mneme.model_batches set server = 'https://elsewhere/v1' where tenant_id = $1");
    await ended();
    await bench.work();
    expect(await bench.bucket.get(added[0] ?? "")).toMatchObject({ state: "searchable" });
    expect(await leftReasons()).toEqual(["unknown_server"]);
    expect(bench.server.batches.all).toMatchObject([{ status: expect.not.stringContaining("cancel") }]);
  });
});

describe("what waits", () => {
  it("for longer than anything may goes on, whatever its batch does", async () => {
    const { added, ended } = await away({ ada: ["Ada was in Rome."] });
    await bench.query("update mneme.streams set held_until = now() where tenant_id = $1");
    await bench.gather();
    await bench.work();
    expect(await bench.bucket.get(added[0] ?? "")).toMatchObject({
      state: "searchable",
      directReason: "unanswered",
    });
    await ended();
    expect(bench.server.batches.all).toMatchObject([{ status: "cancelled" }]);
    expect(bench.applied).toEqual([["Ada was in Rome."]]);
    expect(await bench.left()).toEqual(NOTHING_LEFT);
  });

  it("is gathered where another project's can't be", async () => {
    bench = await suite.open();
    const { bulk, bucket } = bench;
    await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    const broken = { tenantId: bucket.target.tenantId, projectId: "00000000-0000-7000-8000-000000000001" };
    const { ingest, batches } = bulk;
    const settings: typeof ingest.settings = {
      ...ingest.settings,
      of: async (tenantId, projectId) => {
        if (projectId === broken.projectId) throw new Error("unreadable settings");
        return ingest.settings.of(tenantId, projectId);
      },
    };
    const listGathered: typeof batches.listGathered = async (...asked) => [
      broken,
      ...(await batches.listGathered(...asked)),
    ];
    const failed: unknown[] = [];
    const made = await gatherBatches(
      { ...bulk, ingest: { ...ingest, settings }, batches: { ...batches, listGathered } },
      { waitMs: 0, streams: 100, onFailure: ({ projectId }) => failed.push(projectId) },
    );
    expect([made, failed]).toEqual([1, [broken.projectId]]);
  });

  it("goes on by so many people at a time", async () => {
    bench = await suite.open();
    const { batches } = bench.bulk;
    for (const person of ["ada", "bo", "cy"]) await bench.bucket.addBulk(person, "I have a boat.");
    await bench.work();
    const [project] = await batches.listGathered(0, 1, 10);
    const release = async (limit: number) => project && batches.releaseGathered(project, "off", limit);
    expect([await release(2), await release(2), await release(2)]).toEqual([2, 1, 0]);
  });
});
