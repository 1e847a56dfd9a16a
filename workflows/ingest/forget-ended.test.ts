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
  // Everything lies near the words that ask, so that all is found: which of it is meant is the question.
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

const page = { kinds: [], categories: [], showSuperseded: true, pageSize: 10, pageToken: "" };

/** Adds of one message or several, each worked before the next. */
async function say(...adds: (string | readonly string[])[]): Promise<void> {
  const { record, index, embedder } = engines;
  const deps = { ...testIngest(record), index, embedder, extractor: createEmbeddedExtractor() };
  for (const add of adds) {
    await acceptTurns(record, tenant, { userId: "ada" }, [add].flat(), new Date());
    await workTenant(record, deps, tenant.tenantId);
  }
}

/** Everything that is kept, what has ended in brackets. */
async function kept(): Promise<string[]> {
  const { memories } = await createMemoryStore(engines.record.database).list(tenant, {
    scope: { userId: "ada" },
    ...page,
  });
  return memories.map(({ text, replacedBy }) => (replacedBy ? `(${text})` : text)).sort();
}

it("what has ended is forgotten with what is so now, where both are meant", async () => {
  await say("I live in Rome.", "I moved to Oslo.", "I have a parrot.");
  expect(await kept()).toEqual([
    "(The user lives in Rome.)",
    "The user has a parrot.",
    "The user moved to Oslo.",
  ]);
  await say("Forget where I live.");
  expect(await kept()).toEqual(["The user has a parrot."]);
});

it("what has ended is forgotten alone, where that alone is named", async () => {
  await say("I live in Rome.", "I moved to Oslo.", "Forget that I lived in Rome.");
  expect(await kept()).toEqual(["The user moved to Oslo."]);
});

it("what one add tells, ends and asks to forget is as if it came one by one", async () => {
  await say("I live in Rome.", ["I moved to Oslo.", "I moved back to Rome.", "I am allergic to nuts."]);
  await say(["Forget that I am allergic to nuts.", "I am allergic to nuts."]);
  expect(await kept()).toEqual([
    "(The user lives in Rome.)",
    "(The user moved to Oslo.)",
    "The user is allergic to nuts.",
    "The user moved back to Rome.",
  ]);
});
