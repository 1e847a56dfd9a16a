import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import type { Extractor } from "@mneme/core/extraction/extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { requestOf } from "@mneme/postgres/testing/administrator.ts";
import { acceptTurns, testIngest } from "@mneme/postgres/testing/memories.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { workTenant } from "../testing/work-tenant.ts";

const ADA = { userId: "ada" };
const BO = { userId: "bo" };

let engines: IngestEngines;
let tenant: Provisioned;
beforeAll(async () => {
  engines = await openIngestEngines();
});
beforeEach(async () => {
  tenant = await engines.record.provision();
});
afterAll(() => engines?.[Symbol.asyncDispose]());

const store = () => createMemoryStore(engines.record.database);
const accept = (scope: Scope, text: string) => acceptTurns(engines.record, tenant, scope, [text], new Date());
const deleteAll = (scope: Scope) => store().deleteAll(tenant, scope, requestOf("DeleteAllMemories"));

function work(extractor: Extractor = createEmbeddedExtractor()): Promise<void> {
  const { record, index, embedder } = engines;
  const deps: IngestDeps = { ...testIngest(record), index, embedder, extractor };
  return workTenant(record, deps, tenant.tenantId);
}

async function texts(scope: Scope): Promise<string[]> {
  const page = { kinds: [], categories: [], showSuperseded: true, pageSize: 10, pageToken: "" };
  return (await store().list(tenant, { scope, ...page })).memories.map(({ text }) => text);
}

async function states(): Promise<string[]> {
  const { rows } = await engines.record.admin.query<{ state: string }>(
    "select state from mneme.extractions where tenant_id = $1 order by id",
    [tenant.tenantId],
  );
  return rows.map(({ state }) => state);
}

it("what was accepted before and is not read yet is not read any more; others' is", async () => {
  await accept(ADA, "I have asthma.");
  await accept(BO, "I keep bees.");
  expect(await deleteAll(ADA)).toBe(0);
  await accept(ADA, "I play chess.");
  await work();
  expect(await texts(ADA)).toEqual(["The user plays chess."]);
  expect(await texts(BO)).toEqual(["The user keeps bees."]);
  expect(await states()).toEqual(["dropped", "searchable", "searchable"]);
});

it("of a narrower scope what was told elsewhere waits on", async () => {
  await accept({ ...ADA, agentId: "coach" }, "I have asthma.");
  await accept(ADA, "I keep bees.");
  await deleteAll({ ...ADA, agentId: "coach" });
  await work();
  expect(await texts(ADA)).toEqual(["The user keeps bees."]);
});

it("what failed to be read can't be revived", async () => {
  await accept(ADA, "I have asthma.");
  await engines.record.admin.query(
    `with failed as (update mneme.messages set state = 'failed' where tenant_id = $1)
     update mneme.extractions set state = 'failed' where tenant_id = $1`,
    [tenant.tenantId],
  );
  await deleteAll(ADA);
  expect(await states()).toEqual(["dropped"]);
});

it("what is just being read is not written", async () => {
  await accept(ADA, "I have asthma.");
  const rules = createEmbeddedExtractor();
  const extractor: Extractor = {
    ...rules,
    extract: async (...asked) => {
      const output = await rules.extract(...asked);
      await deleteAll(ADA);
      return output;
    },
  };
  await work(extractor);
  expect(await texts(ADA)).toEqual([]);
  expect(await states()).toEqual(["dropped"]);
});
