import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createMaintenance } from "./maintenance.ts";
import type { Provisioned } from "./provision.ts";
import { createTenantStore } from "./tenancy/tenant-store.ts";
import { administratorOf, requestOf, setOnProject } from "./testing/administrator.ts";
import { seedMemories, settingsOf, testIngest } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("reindexed");
});
beforeEach(async () => {
  await record.admin.query("delete from mneme.reindexed_projects");
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const set = (settings: Settings) => setOnProject(record, tenant, settings);
const indexedIn = async () => (await settingsOf(record).of(tenant.tenantId, tenant.projectId)).indexedIn;
const step = () => createMaintenance(record.database.pool).reindexProjects(1_000);

/** As if every process had had time to hear of the change. */
const afterAWhile = () =>
  record.admin.query("update mneme.reindexed_projects set since = since - interval '1 minute'");

const setOnTenant = (settings: Settings) =>
  createTenantStore(record.database).update(
    administratorOf(tenant),
    { settings: [{ path: [], value: settings }], limits: [], etag: "" },
    requestOf("UpdateTenant"),
  );

/** What waits to be indexed, as the index is given it. */
async function indexed(): Promise<IndexedMemory[]> {
  const written: IndexedMemory[] = [];
  const { index, ...deps } = testIngest(record);
  const write = async (documents: readonly IndexedMemory[]) => {
    written.push(...documents);
    return [];
  };
  const { rows } = await record.admin.query<{ bucket: number }>(
    "select distinct bucket from mneme.memory_versions where tenant_id = $1",
    [tenant.tenantId],
  );
  for (const { bucket } of rows)
    await indexPending({ ...deps, index: { ...index, write } }, { tenantId: tenant.tenantId, bucket }, 500);
  return written;
}

it("has memories indexed anew once their project's language is another, and says so until they are", async () => {
  await seedMemories(record, tenant, { userId: "ada" }, ["Zwei Häuser.", "Eine Katze."]);
  await set({ language: "de" });
  expect(await indexedIn()).toEqual(["en"]);
  await afterAWhile();
  await step();
  const { rows } = await record.admin.query(
    "select from mneme.outbox where tenant_id = $1 and topic = 'ingest'",
    [tenant.tenantId],
  );
  expect(rows.length).toBeGreaterThan(0);
  await step();
  expect(await indexedIn()).toEqual(["en"]);
  expect((await indexed()).map(({ text, language }) => [text, language]).sort()).toEqual([
    ["Eine Katze.", "de"],
    ["Zwei Häuser.", "de"],
  ]);
  await step();
  expect(await indexedIn()).toBeUndefined();
});

it("waits until every process knows of the change", async () => {
  await seedMemories(record, tenant, { userId: "ada" }, ["Zwei Häuser."]);
  await set({ language: "de" });
  expect(await step()).toBe(0);
  expect(await indexed()).toEqual([]);
});

it("forgets no language of documents where it changes again meanwhile", async () => {
  await seedMemories(record, tenant, { userId: "ada" }, ["Zwei Häuser."]);
  await set({ language: "de" });
  await afterAWhile();
  await step();
  await set({ language: "fi" });
  expect((await indexedIn())?.toSorted()).toEqual(["de", "en"]);
  await afterAWhile();
  await step();
  expect((await indexed()).map(({ language }) => language)).toEqual(["fi"]);
  await step();
  expect(await indexedIn()).toBeUndefined();
});

it("follows a tenant's language where the project has none of its own", async () => {
  await setOnTenant({ language: "es" });
  expect(await indexedIn()).toEqual(["en"]);
  await record.admin.query("delete from mneme.reindexed_projects");
  await set({ language: "es" });
  expect(await indexedIn()).toBeUndefined();
  await setOnTenant({ language: "ja" });
  expect(await indexedIn()).toBeUndefined();
});

it("leaves memories alone where neither language nor embedder changes", async () => {
  await set({ ranking: { recency: "linear" }, language: "en" });
  expect(await indexedIn()).toBeUndefined();
});
