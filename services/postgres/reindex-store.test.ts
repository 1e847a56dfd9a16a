import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReindexStore } from "./reindex-store.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("reindex_store");
});
afterAll(() => record?.[Symbol.asyncDispose]());

describe("what changed since a mark", () => {
  it("holds what was not committed when it was taken, and nothing that was", async () => {
    const store = createReindexStore(record.database);
    const { tenantId } = record.tenant;
    const texts = ["Ada sails.", "Ada paints.", "Ada rows.", "Ada reads."];
    const [early, open, late] = await seedMemories(record, record.tenant, { userId: "ada" }, texts);
    const touch =
      "update mneme.memory_versions set revision = nextval('mneme.index_revision') where memory_id = $1";
    const changedSince = async (since: string | undefined, limit = 10) => {
      const { documents } = await store.page(tenantId, { after: undefined, limit, since });
      return documents.map(({ text }) => text).sort();
    };
    await record.admin.query(touch, [early?.id]);
    const writer = await record.admin.connect();
    try {
      await writer.query("begin");
      await writer.query(touch, [open?.id]);
      const mark = await store.mark();
      await record.admin.query(touch, [late?.id]);
      expect(await changedSince(mark)).toContain("Ada rows.");
      await writer.query("commit");
      expect(await changedSince(mark)).toEqual(expect.arrayContaining(["Ada paints.", "Ada rows."]));
      // A mark is as old as what is open anywhere on the server, other suites' transactions too.
      await expect.poll(async () => changedSince(await store.mark())).toEqual([]);
    } finally {
      writer.release();
    }
    expect(await changedSince(undefined)).toHaveLength(4);
  });

  it("comes in pages", async () => {
    const store = createReindexStore(record.database);
    const tenant = await record.provision("pages");
    const mark = await store.mark();
    const texts = Array.from({ length: 25 }, (_, i) => `Ada owns boat number ${i}.`);
    await seedMemories(record, tenant, { userId: "ada" }, texts);
    const found: string[] = [];
    let after: Awaited<ReturnType<typeof store.page>>["last"];
    do {
      const page = await store.page(tenant.tenantId, { after, limit: 10, since: mark });
      expect(page.documents.length).toBeLessThanOrEqual(10);
      found.push(...page.documents.map(({ text }) => text));
      after = page.last;
    } while (after);
    expect(found.sort()).toEqual(texts.sort());
  });
});
