import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import type { ExtractionInput } from "@mneme/core/extraction/extractor.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import type { Provisioned } from "./provision.ts";
import { requestOf } from "./testing/administrator.ts";
import { acceptTurns, type GivenTexts, readBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const ADA = { userId: "ada" };
const BEES = "I keep bees in Malmö.";

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("summaries");
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

/** Each turn becomes a statement, and everything so far the summary. */
const reading = async ({ turns, summary }: ExtractionInput) => ({
  statements: turns.map(({ messageId, text }) => contentOf(text, messageId).statement),
  dropped: [],
  summary: [summary, ...turns.map(({ text }) => text)].join(" ").trim(),
});

/** Says something and has it read. @returns what the reading was given. */
async function say(text: string, scope: Scope = ADA, read = reading): Promise<GivenTexts> {
  const { extraction } = await acceptTurns(record, tenant, scope, [text], new Date());
  const reads = await readBucketOf(record, tenant.tenantId, extraction.id, read);
  expect(reads.failed).toEqual([]);
  return reads.read[0] as GivenTexts;
}

async function remove(text: string, scope: Scope = ADA): Promise<void> {
  const store = createMemoryStore(record.database);
  const { memories } = await store.list(tenant, {
    scope,
    kinds: [],
    categories: [],
    showSuperseded: false,
    pageSize: 10,
    pageToken: "",
  });
  const targets = memories.filter((one) => one.text === text).map(({ id }) => ({ memoryId: id, etag: "" }));
  expect(targets).toHaveLength(1);
  await store.delete(tenant, targets, requestOf("DeleteMemory"));
}

/** As if all deletions lay so far back that none can be meanwhile. */
async function letTimePass(): Promise<void> {
  await record.admin.query(
    "update mneme.tombstones set created_at = created_at - interval '2 minutes' where tenant_id = $1",
    [tenant.tenantId],
  );
}

it("is forgotten with a memory that is deleted, and made anew", async () => {
  await say(BEES);
  expect(await say("I row.")).toMatchObject({ summary: BEES });
  await remove(BEES);
  expect(await say("I sing.")).toMatchObject({ summary: "", context: ["I row."] });
  await letTimePass();
  await say("I knit.");
  expect(await say("I swim.")).toMatchObject({ summary: "I knit." });
});

it("is forgotten where somebody says to forget what it tells", async () => {
  await say(BEES);
  await say("Forget that I keep bees in Malmö.");
  expect(await say("I sing.")).toMatchObject({ summary: "" });
});

it("is not written by who read before a memory was deleted", async () => {
  await say(BEES);
  await say("I row.", ADA, async (input) => {
    await remove(BEES);
    return reading(input);
  });
  expect(await say("I sing.")).toMatchObject({ summary: "" });
});

it("of another audience, and of another person, stays", async () => {
  const shop = { ...ADA, agentId: "shop" };
  const bo = { userId: "bo" };
  for (const scope of [ADA, shop, bo]) await say(BEES, scope);
  await remove(BEES, shop);
  expect(await say("I sing.", shop)).toMatchObject({ summary: "" });
  expect(await say("I sing.")).toMatchObject({ summary: BEES });
  expect(await say("I sing.", bo)).toMatchObject({ summary: BEES });
});
