import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type BulkBench, openBulkSuite } from "../testing/bulk-suite.ts";

let suite: Awaited<ReturnType<typeof openBulkSuite>>;
let bench: BulkBench;

beforeAll(async () => {
  suite = await openBulkSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());
afterEach(() => bench[Symbol.asyncDispose]());

/** As if something else had worked the message at this place, or had it wait again. */
const setState = (added: string, place: number, state: "done" | "pending") =>
  bench.query(
    `update mneme.messages set state = $4 where tenant_id = $1 and extraction_id = $2::uuid and position = (
       select min(position) + $3 from mneme.messages where tenant_id = $1 and extraction_id = $2::uuid)`,
    added,
    place,
    state,
  );

/** Has a batch come to its server, and end once `meanwhile` was done. */
async function endAfter(meanwhile: () => Promise<unknown>): Promise<void> {
  const { batches } = bench.server;
  batches.endsAs = undefined;
  await bench.work();
  const [handle] = await bench.gather();
  await expect.poll(() => batches.all.length, { timeout: 20_000 }).toBe(1);
  await meanwhile();
  batches.endsAs = "completed";
  await handle?.result();
  await bench.work();
}

describe("a person's messages keep their order", () => {
  it("where only a part of what a request read still waits", async () => {
    bench = await suite.open();
    const said = ["Ada was in Rome.", "Ada was in Oslo.", "Ada was in Bern.", "Ada was in Lima."];
    const added = await bench.bucket.addBulk("ada", ...said);
    await endAfter(() => setState(added, 0, "done"));
    expect(bench.applied).toEqual([["Ada was in Oslo."], ["Ada was in Bern.", "Ada was in Lima."]]);
    expect(bench.direct()).toEqual([["Ada was in Oslo."]]);
  });

  it("where earlier ones wait again meanwhile", async () => {
    bench = await suite.open();
    const added = await bench.bucket.addBulk("ada", "Ada was in Rome.", "Ada was in Oslo.");
    await setState(added, 0, "done");
    await endAfter(() => setState(added, 0, "pending"));
    expect(bench.inBatches()).toEqual([["Ada was in Oslo."]]);
    expect(bench.applied.flat()).toEqual(["Ada was in Rome.", "Ada was in Oslo."]);
  });
});
