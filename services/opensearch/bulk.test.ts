import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BULK_LIMITS, type BulkItem, bulk } from "./bulk.ts";
import { documentJson } from "./document.ts";
import { writeAlias } from "./generation-index.ts";
import { memory, openPool, type Pool } from "./index-testing.ts";

let pool: Pool;
let alias: string;
const tenantId = randomUUID();
beforeAll(async () => {
  pool = await openPool();
  alias = writeAlias((await pool.generations.list())[0]?.index ?? "");
});
afterAll(() => pool?.[Symbol.asyncDispose]());

function item(changes: Partial<BulkItem> = {}): BulkItem {
  const document = memory({ tenantId });
  const id = `${document.memoryId}:1`;
  return { action: "index", id, routing: tenantId, revision: 1, json: documentJson(document), ...changes };
}

async function stored() {
  await pool.index.refresh();
  return (await pool.index.count({ tenantId }))[0]?.documents;
}

describe("bulk", () => {
  it("names what a strict mapping refuses as permanent, by type alone, and keeps the rest", async () => {
    const before = (await stored()) ?? 0;
    const strange = item({ json: JSON.stringify({ tenant_id: tenantId, Secret_Words: "the cat" }) });
    const wrong = item({ json: JSON.stringify({ tenant_id: tenantId, version: "the cat" }) });
    const failures = await bulk(pool.client, alias, [item(), strange, item(), wrong]);
    expect(failures).toEqual([
      { item: strange, type: "strict_dynamic_mapping_exception", retryable: false },
      { item: wrong, type: "mapper_parsing_exception", retryable: false },
    ]);
    expect(await stored()).toBe(before + 2);
  });

  it("takes a conflict of versions and a delete of nothing for success", async () => {
    const first = item({ revision: 3 });
    expect(await bulk(pool.client, alias, [first, first, { ...first, revision: 2 }])).toEqual([]);
    const { json: _, ...gone } = item({ action: "delete" });
    expect(await bulk(pool.client, alias, [gone, gone])).toEqual([]);
  });

  it("cuts by count and by bytes without losing an item", async () => {
    const before = (await stored()) ?? 0;
    const items = Array.from({ length: 25 }, () => item());
    expect(await bulk(pool.client, alias, items, undefined, { ...BULK_LIMITS, maxItems: 4 })).toEqual([]);
    const more = Array.from({ length: 25 }, () => item());
    expect(await bulk(pool.client, alias, more, undefined, { ...BULK_LIMITS, maxBytes: 1_000 })).toEqual([]);
    expect(await stored()).toBe(before + 50);
  });

  it("never makes an index", async () => {
    const [failure] = await bulk(pool.client, writeAlias("mneme-memories-nosuch-g9"), [item()]);
    expect(failure).toMatchObject({ type: "index_not_found_exception", retryable: false });
  });
});
