import type { ConsolidateDeps } from "@mneme/core/consolidation/consolidate.ts";
import { consolidateStep } from "@mneme/core/consolidation/consolidate-step.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { createOpenAiSummarisers } from "@mneme/models/openai/summariser.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { createEpisodeStore } from "@mneme/postgres/consolidation/consolidation-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createModelAnswers } from "@mneme/postgres/model-answers.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { requestOf, setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { seedMemories, settingsOf, testEmbedder } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

const ADA = { userId: "ada" };
let record: TestRecord;
let server: ScriptedServer;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("wording");
  server = await startScriptedOpenAi();
});
beforeEach(async () => {
  server.reset();
  tenant = await record.provision();
  await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
  const twice = (text: string, category: string, days: readonly string[]) =>
    days.map((day) => draftOf(text, { kind: "episodic", category, validFrom: new Date(day) }));
  await seedMemories(record, tenant, ADA, [
    ...twice("Ada went swimming.", "hobbies", ["2026-02-03", "2026-02-10"]),
    ...twice("Ada saw a doctor.", "health", ["2026-02-17", "2026-02-24"]),
  ]);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

const told = (text: string) => replies.calls(["tell", { sentences: [{ text, episodes: [1, 2] }] }]);
const SWAM = told("Ada went swimming on 3 February 2026 and 10 February 2026.");
const DOCTOR = told("Ada saw a doctor on 17 February 2026 and 24 February 2026.");

function deps(episodes = createEpisodeStore(record.database)): ConsolidateDeps {
  const options = { baseUrl: server.baseUrl, model: "wordy", projectModels: [], timeoutMs: 5_000 };
  return {
    episodes,
    settings: settingsOf(record),
    embedderFor: () => testEmbedder,
    models: {
      summariserFor: createOpenAiSummarisers(options),
      answers: createModelAnswers(record.database, { days: 30 }),
    },
  };
}
const run = async (given = deps()) => (await consolidateStep(given, tenant.tenantId, undefined)).counts;
const listing = { scope: ADA, kinds: [], categories: [], showSuperseded: false, pageSize: 10, pageToken: "" };
const list = async () => (await createMemoryStore(record.database).list(tenant, listing)).memories;

async function kept() {
  const { rows } = await record.admin.query<{ purpose: string; answer: string }>(
    `select purpose, encode(answer_ct, 'escape') as answer from mneme.model_answers where tenant_id = $1`,
    [tenant.tenantId],
  );
  return rows;
}

/** Words the first cluster, and loses what came of it. */
async function wordInVain(): Promise<void> {
  server.next("chat", SWAM);
  const apply = () => Promise.reject(new Error("the worker was killed"));
  const lost = deps({ ...createEpisodeStore(record.database), apply });
  expect(await consolidateStep(lost, tenant.tenantId, undefined)).toMatchObject({ failed: 1 });
}

it("keeps what was worded where a later one of the same step fails", async () => {
  server.next("chat", SWAM, { kind: "close_socket" }, { kind: "close_socket" }, { kind: "close_socket" });
  await expect(run()).rejects.toMatchObject({ reason: "MODEL_SERVER_FAILED" });
  expect(await list()).toHaveLength(3);
  server.reset();
  server.next("chat", DOCTOR);
  expect(await run()).toMatchObject({ summaries: 1, archived: 2 });
  expect(server.requests).toHaveLength(1);
  expect((await list()).map(({ extractor }) => extractor)).toEqual(["wordy", "wordy"]);
});

it.each([401, 404])("is worded by rules where the model's server says %i for good", async (status) => {
  server.next("chat", replies.status(status), replies.status(status));
  expect(await run()).toMatchObject({ summaries: 2, archived: 4 });
  expect((await list()).map(({ extractor }) => extractor)).not.toContain("wordy");
});

it("goes on to other streams where one fails, and says which", async () => {
  const swims = ["2026-02-03", "2026-02-10"].map((day) =>
    draftOf("Bob went swimming.", { kind: "episodic", category: "hobbies", validFrom: new Date(day) }),
  );
  await seedMemories(record, tenant, { userId: "bob" }, swims);
  const store = createEpisodeStore(record.database);
  const [bad, good] = await store.streams(tenant.tenantId, { after: undefined, limit: 2 });
  const apply: typeof store.apply = (id, planned, signal) =>
    planned.streamId === bad?.streamId
      ? Promise.reject(new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "too late"))
      : store.apply(id, planned, signal);
  const failed: string[] = [];
  const given = { ...deps({ ...store, apply }), models: undefined };
  const step = await consolidateStep(given, tenant.tenantId, undefined, {
    onFailed: ({ streamId }) => failed.push(streamId),
  });
  expect(good).toBeDefined();
  expect(failed).toEqual([bad?.streamId]);
  expect(step.failed).toBe(1);
  expect(step.counts.summaries).toBeGreaterThan(0);
});

it("pays for no answer twice, also where what came of it was lost; none is kept unsealed", async () => {
  await wordInVain();
  expect(await kept()).toEqual([{ purpose: "summarise", answer: expect.not.stringContaining("swimming") }]);
  server.next("chat", DOCTOR);
  expect(await run()).toMatchObject({ summaries: 2 });
  expect(server.requests).toHaveLength(2);
});

it("forgets answers with any memory of the person that is deleted, and keeps none of what is gone", async () => {
  await wordInVain();
  const swim = (await list()).find(({ text }) => text.includes("swimming"));
  const target = { memoryId: swim?.id ?? "", etag: "" };
  const remove = () => createMemoryStore(record.database).delete(tenant, [target], requestOf("DeleteMemory"));
  await remove();
  expect(await kept()).toEqual([]);
});

it("keeps no answer about a memory that was deleted while the model was asked", async () => {
  const store = createEpisodeStore(record.database);
  const deleted = createMemoryStore(record.database);
  const episodes = {
    ...store,
    episodes: async (...asked: Parameters<typeof store.episodes>) => {
      const found = await store.episodes(...asked);
      const [swim] = (await list()).filter(({ text }) => text.includes("swimming"));
      const target = { memoryId: swim?.id ?? "", etag: "" };
      await deleted.delete(tenant, [target], requestOf("DeleteMemory"));
      return found;
    },
  };
  server.next("chat", SWAM, DOCTOR);
  expect(await run(deps(episodes))).toMatchObject({ summaries: 1, changed: 1 });
  expect(await kept()).toHaveLength(1);
});
