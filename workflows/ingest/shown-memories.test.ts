import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { createOpenAiExtractor } from "@mneme/models/openai/extractor.ts";
import { createOpenAiReconcilers } from "@mneme/models/openai/reconciler.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createModelAnswers } from "@mneme/postgres/model-answers.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { requestOf } from "@mneme/postgres/testing/administrator.ts";
import { acceptDrafts, acceptTurns, testIngest } from "@mneme/postgres/testing/memories.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { readerOf } from "../testing/scripted-reader.ts";
import { workTenant } from "../testing/work-tenant.ts";

const ADA = { userId: "ada" };
const KNOWN = "Ada keeps bees in Malmö.";
const SINGS = "I sing in a choir.";
const BEES = "My bees gave much honey.";

let engines: IngestEngines;
let server: ScriptedServer;
let tenant: Provisioned;
beforeAll(async () => {
  const embedder: IngestDeps["embedder"] = {
    model: "bees/1",
    dimension: 2,
    embed: async (texts) => texts.map((text) => new Float32Array(/bees/.test(text) ? [1, 0] : [0, 1])),
  };
  engines = await openIngestEngines({ embedder });
  const reads = readerOf({
    [SINGS]: [{ text: "Ada sings in a choir." }],
    [BEES]: [{ text: "Ada's bees gave much honey." }],
  });
  server = await startScriptedOpenAi({
    chat: (request) => (request.body.tools ? replies.calls(["add", { statement: 1 }]) : reads(request)),
  });
});
beforeEach(async () => {
  tenant = await engines.record.provision();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await engines?.[Symbol.asyncDispose]();
});

/** Ingest as the worker's, by a model that reads and reconciles. */
function deps(): IngestDeps {
  const { record, index, embedder } = engines;
  const model = { baseUrl: server.baseUrl, timeoutMs: 5_000 };
  return {
    ...testIngest(record),
    index,
    embedder,
    extractor: createOpenAiExtractor({ ...model, model: "scripted" }),
    reconcilerFor: createOpenAiReconcilers({ ...model, model: "scripted", projectModels: [] }),
    answers: createModelAnswers(record.database, { days: 30 }),
  };
}

async function say(text: string, scope: Scope = ADA): Promise<void> {
  await acceptTurns(engines.record, tenant, scope, [text], new Date());
  await workTenant(engines.record, deps(), tenant.tenantId);
}

async function kept() {
  const { rows } = await engines.record.admin.query<{ purpose: string; memory_ids: string[] }>(
    "select purpose, memory_ids from mneme.model_answers where tenant_id = $1 order by kept_at",
    [tenant.tenantId],
  );
  return rows;
}

async function idOf(text: string, scope: Scope = ADA): Promise<string> {
  const page = { kinds: [], categories: [], showSuperseded: false, pageSize: 10, pageToken: "" };
  const { memories } = await createMemoryStore(engines.record.database).list(tenant, { scope, ...page });
  return memories.find((one) => one.text === text)?.id ?? "";
}

it("what a model is shown when it reads and reconciles is noted, and its answers go with that", async () => {
  await acceptDrafts(engines.record, tenant, ADA, [draftOf(KNOWN)]);
  await workTenant(engines.record, deps(), tenant.tenantId);
  const known = await idOf(KNOWN);
  await say(SINGS);
  await say(BEES);
  expect(await kept()).toEqual([
    { purpose: "extract", memory_ids: [] },
    { purpose: "extract", memory_ids: [known] },
    { purpose: "reconcile", memory_ids: [known] },
  ]);
  const target = { memoryId: known, etag: "" };
  await createMemoryStore(engines.record.database).delete(tenant, [target], requestOf("DeleteMemory"));
  expect(await kept()).toEqual([{ purpose: "extract", memory_ids: [] }]);
});
