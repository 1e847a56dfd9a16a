import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { ingestStream } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { createOpenAiReconcilers } from "@mneme/models/openai/reconciler.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { acceptTurns, testIngest } from "@mneme/postgres/testing/memories.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { workTenant } from "../testing/work-tenant.ts";

let engines: IngestEngines;
let server: ScriptedServer;
beforeAll(async () => {
  const embedder: IngestDeps["embedder"] = {
    model: "alike/1",
    dimension: 2,
    embed: async (texts) => texts.map(() => new Float32Array([1, 0])),
  };
  engines = await openIngestEngines({ embedder });
  server = await startScriptedOpenAi({ chat: () => replies.status(500, "no") });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await engines?.[Symbol.asyncDispose]();
});

const ADA = { userId: "ada" };

it("what was said is kept by the rules where the model that reconciles fails for the third time", async () => {
  const { record, index, embedder } = engines;
  const tenant = await record.provision();
  const model = { baseUrl: server.baseUrl, timeoutMs: 5_000, model: "scripted", projectModels: [] };
  const deps = {
    ...testIngest(record),
    index,
    embedder,
    extractor: createEmbeddedExtractor(),
    reconcilerFor: createOpenAiReconcilers(model),
  };
  await acceptTurns(record, tenant, ADA, ["I live in Berlin."], new Date("2026-05-01"));
  await workTenant(record, deps, tenant.tenantId);
  await acceptTurns(record, tenant, ADA, ["I moved to Munich."], new Date("2026-06-01"));
  const { rows } = await record.admin.query<{ id: string }>(
    "select id from mneme.streams where tenant_id = $1",
    [tenant.tenantId],
  );
  const tries = [];
  for (let i = 0; i < 3; i += 1)
    tries.push(await ingestStream(deps, tenant.tenantId, rows[0]?.id ?? "", { limit: 128 }));
  expect(tries.map(({ failed }) => failed[0]?.reason)).toEqual([
    "MODEL_SERVER_FAILED:extractor",
    "MODEL_SERVER_FAILED:extractor",
    undefined,
  ]);
  const page = { kinds: [], categories: [], showSuperseded: false, pageSize: 10, pageToken: "" };
  const { memories } = await createMemoryStore(record.database).list(tenant, { scope: ADA, ...page });
  expect(memories.map(({ text }) => text)).toEqual(["The user moved to Munich."]);
});
