import { createCipher } from "@mneme/core/encryption/cipher.ts";
import { keyRevoked } from "@mneme/core/encryption/tenant-key.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { copyPage, type ReindexCursor, type ReindexDeps } from "@mneme/core/search/reindex.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createReindexStore } from "./reindex-store.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("reindex_store");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const TOUCH =
  "update mneme.memory_versions set revision = nextval('mneme.index_revision') where memory_id = $1";

describe("what changed between two marks", () => {
  it("holds what was not committed when the first was taken, and nothing that was", async () => {
    const store = createReindexStore(record.database, "shared");
    const { tenantId } = record.tenant;
    const texts = ["Ada sails.", "Ada paints.", "Ada rows.", "Ada reads."];
    const [early, open, late] = await seedMemories(record, record.tenant, { userId: "ada" }, texts);
    const changed = async (since: string, until: string) => {
      const { documents } = await store.changes(tenantId, { since, until, limit: 10 });
      return documents.map(({ text }) => text).sort();
    };
    await record.admin.query(TOUCH, [early?.id]);
    const before = await store.mark();
    const events: string[] = [];
    const writer = await record.admin.connect();
    try {
      await writer.query("begin");
      await writer.query(TOUCH, [open?.id]);
      const marking = store.mark().then((mark) => {
        events.push("marked");
        return mark;
      });
      // Whoever begins later is not waited for.
      await record.admin.query(TOUCH, [late?.id]);
      expect(await changed(before, String(2n ** 62n))).toEqual(["Ada rows."]);
      events.push("committing");
      await writer.query("commit");
      const mark = await marking;
      expect(events).toEqual(["committing", "marked"]);
      expect(await changed(before, mark)).toContain("Ada paints.");
      const after = await store.mark();
      expect(await changed(before, after)).toEqual(["Ada paints.", "Ada rows."]);
      expect(await changed(after, await store.mark())).toEqual([]);
    } finally {
      writer.release();
    }
  });

  it("comes in pages, also while more is written", async () => {
    const store = createReindexStore(record.database, "shared");
    const tenant = await record.provision("pages");
    let since = await store.mark();
    const texts = Array.from({ length: 25 }, (_, i) => `Ada owns boat number ${i}.`);
    const [first] = await seedMemories(record, tenant, { userId: "ada" }, texts);
    const until = await store.mark();
    const found: string[] = [];
    for (;;) {
      const page = await store.changes(tenant.tenantId, { since, until, limit: 10 });
      expect(page.documents.length).toBeLessThanOrEqual(10);
      found.push(...page.documents.map(({ text }) => text));
      await record.admin.query(TOUCH, [first?.id]);
      if (page.last === undefined) break;
      since = page.last;
    }
    expect(found.sort()).toEqual(texts.sort());
  });

  it("is found by an index, however much did not change", async () => {
    const client = await record.admin.connect();
    try {
      // There is little here: reading all of it would cost less.
      await client.query("set enable_seqscan = off");
      const { rows } = await client.query<{ "QUERY PLAN": string }>(
        `explain select memory_id, version, revision from mneme.memory_versions
         where tenant_id = '${record.tenant.tenantId}' and revision > 1 and revision <= 9 order by revision limit 10`,
      );
      expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("memory_versions_revision");
    } finally {
      client.release(true);
    }
  });
});

it("reads all versions page by page", async () => {
  const store = createReindexStore(record.database, "shared");
  const tenant = await record.provision("all");
  const texts = Array.from({ length: 25 }, (_, i) => `Ada owns boat number ${i}.`);
  await seedMemories(record, tenant, { userId: "ada" }, texts);
  const found: string[] = [];
  let after: Awaited<ReturnType<typeof store.page>>["last"];
  do {
    const page = await store.page(tenant.tenantId, { after, limit: 10 });
    expect(page.documents.length).toBeLessThanOrEqual(10);
    found.push(...page.documents.map(({ text }) => text));
    after = page.last;
  } while (after);
  expect(found.sort()).toEqual(texts.sort());
});

it("leaves a tenant whose key is revoked to be indexed once it is back, and goes on with the others", async () => {
  await using own = await openTestRecord("reindex_revoked");
  const [closed, open] = [own.tenant.tenantId, (await own.provision("open")).tenantId].toSorted() as [
    string,
    string,
  ];
  for (const tenantId of [closed, open]) {
    const { rows } = await own.admin.query<{ id: string }>(
      "select id from mneme.projects where tenant_id = $1",
      [tenantId],
    );
    const tenant = { tenantId, projectId: rows[0]?.id ?? "", apiKey: "" };
    await seedMemories(own, tenant, { userId: "ada" }, ["Ada sails."]);
  }
  await own.admin.query("update mneme.memory_versions set indexed_revision = revision");
  const revoked = keyRevoked(undefined);
  const get = (tenantId: string, keyId: string) =>
    tenantId === closed ? Promise.reject(revoked) : own.keys.get(tenantId, keyId);
  const keys = { ...own.keys, get };
  const store = createReindexStore({ ...own.database, keys, cipher: createCipher(keys) }, "shared");
  const written: string[] = [];
  const deps: ReindexDeps = {
    store,
    embedder: { model: "test", dimension: 1, embed: async () => [] },
    index: {
      writeTo: async (_, documents) => {
        written.push(...documents.map(({ tenantId }) => tenantId));
        return [];
      },
      refresh: async () => {},
      countIn: async () => 0,
    },
  };
  const generation = { pool: "shared", model: (await modelsOf(own))[0] } as IndexGeneration;
  let cursor: ReindexCursor | undefined;
  do {
    ({ next: cursor } = await copyPage(deps, generation, { cursor, changes: undefined, limit: 10 }));
  } while (cursor);
  expect(written).toEqual([open]);
  expect([await store.countIndexed(closed), await store.countIndexed(open)]).toEqual([0, 1]);
});

async function modelsOf({ admin }: TestRecord): Promise<string[]> {
  const { rows } = await admin.query<{ model: string }>(
    "select distinct embedding_model as model from mneme.memory_versions",
  );
  return rows.map(({ model }) => model);
}
