import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { acceptTurns, testIngest } from "@mneme/postgres/testing/memories.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { workTenant } from "../testing/work-tenant.ts";

const ROOM = { agentId: "guide" };
const CALL = { ...ROOM, sessionId: "call" };

let engines: IngestEngines;
beforeAll(async () => {
  const embedder: IngestDeps["embedder"] = {
    model: "alike/1",
    dimension: 2,
    embed: async (texts) => texts.map(() => new Float32Array([1, 0])),
  };
  engines = await openIngestEngines({ embedder });
});
afterAll(() => engines?.[Symbol.asyncDispose]());

it("what an agent is told in a session is not ended by what it is told beside it, read at the same time", async () => {
  const { record, index, embedder } = engines;
  const tenant = await record.provision();
  const deps = { ...testIngest(record), index, embedder, extractor: createEmbeddedExtractor() };
  const say = async (scope: typeof ROOM, text: string) => {
    await acceptTurns(record, tenant, scope, [text], new Date());
    await record.admin.query("update mneme.streams set bucket = 3 where tenant_id = $1", [tenant.tenantId]);
    await record.admin.query("update mneme.messages set bucket = 3 where tenant_id = $1", [tenant.tenantId]);
    await record.admin.query("update mneme.extractions set bucket = 3 where tenant_id = $1", [
      tenant.tenantId,
    ]);
  };
  await say(CALL, "I live in Malmö.");
  await workTenant(record, deps, tenant.tenantId);
  await say(ROOM, "I live in Lund now.");
  await say(CALL, "I sing in a choir.");
  await workTenant(record, deps, tenant.tenantId);
  const page = { kinds: [], categories: [], showSuperseded: false, pageSize: 10, pageToken: "" };
  const { memories } = await createMemoryStore(record.database).list(tenant, { scope: CALL, ...page });
  expect(memories.map(({ text }) => text)).toEqual(
    expect.arrayContaining([expect.stringContaining("Malmö")]),
  );
});
