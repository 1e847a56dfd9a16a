import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { acceptTurns, testIngest } from "@mneme/postgres/testing/memories.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { workTenant } from "../testing/work-tenant.ts";

let engines: IngestEngines;
let tenant: Provisioned;
beforeAll(async () => {
  // Everything lies near the words that ask: what was said last is another question.
  const embedder: IngestDeps["embedder"] = {
    model: "alike/1",
    dimension: 2,
    embed: async (texts) => texts.map(() => new Float32Array([1, 0])),
  };
  engines = await openIngestEngines({ embedder });
});
beforeEach(async () => {
  tenant = await engines.record.provision();
});
afterAll(() => engines?.[Symbol.asyncDispose]());

const page = { kinds: [], categories: [], showSuperseded: false, pageSize: 10, pageToken: "" };

/** Each message worked before the next is said. */
async function say(sessionId: string, ...texts: string[]): Promise<void> {
  const { record, index, embedder } = engines;
  const deps = { ...testIngest(record), index, embedder, extractor: createEmbeddedExtractor() };
  for (const text of texts) {
    await acceptTurns(record, tenant, { userId: "ada", sessionId }, [text], new Date());
    await workTenant(record, deps, tenant.tenantId);
  }
}

async function known(): Promise<string[]> {
  const { memories } = await createMemoryStore(engines.record.database).list(tenant, {
    scope: { userId: "ada" },
    ...page,
  });
  return memories.map(({ text }) => text).sort();
}

it("what was just said is forgotten, whatever lies near the words that ask", async () => {
  await say("s1", "I keep forgetting my keys.", "I drink tea.", "I have a parrot.");
  await say("s1", "Forget what I just said.");
  expect(await known()).toEqual(["The user drinks tea.", "The user keeps forgetting their keys."]);
});

it("what was known before and was said last goes, and not what is newest", async () => {
  await say("s1", "I drink tea.", "I have a parrot.", "I drink tea.", "Forget that.");
  expect(await known()).toEqual(["The user has a parrot."]);
});

it("of another conversation nothing was just said", async () => {
  await say("s1", "I drink tea.");
  await say("s2", "Forget what I just said.");
  expect(await known()).toEqual(["The user drinks tea."]);
});
