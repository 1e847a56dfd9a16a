import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { countAnswers } from "@mneme/core/extraction/model-answers.ts";
import { createOpenAiExtractor } from "@mneme/models/openai/extractor.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { createMaintenance } from "@mneme/postgres/maintenance.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createModelAnswers } from "@mneme/postgres/model-answers.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { requestOf, setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { acceptTurns, seedMemories, targetOf, testIngest } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";

const ADA = { userId: "ada" };
const SAID = "I keep bees in Malmö.";
const OPTIONS = { limit: 100, exclude: [] };

let record: TestRecord;
let server: ScriptedServer;
let tenant: Provisioned;
let told: string[];
beforeAll(async () => {
  record = await openTestRecord("answers");
  server = await startScriptedOpenAi();
});
beforeEach(async () => {
  server.reset();
  told = [];
  tenant = await record.provision();
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

/** Ingest by a model whose answers are kept. */
function deps(days = 30): IngestDeps {
  const extractor = createOpenAiExtractor({ baseUrl: server.baseUrl, model: "scripted", timeoutMs: 5_000 });
  const answers = countAnswers(createModelAnswers(record.database, { days }), (purpose, isKnown) =>
    told.push(`${purpose} ${isKnown ? "known" : "asked"}`),
  );
  return { ...testIngest(record), extractor, answers };
}

/** What was read is lost before it is kept. */
function breaking(ingest: IngestDeps): IngestDeps {
  const apply = () => Promise.reject(new Error("the worker was killed"));
  return { ...ingest, store: { ...ingest.store, apply } };
}

async function say(scope = ADA, text = SAID) {
  const { extraction } = await acceptTurns(record, tenant, scope, [text], new Date());
  return targetOf(record, tenant.tenantId, extraction.id);
}

/** Reads what a person says, and loses it. */
async function readInVain(scope = ADA, text = SAID) {
  const target = await say(scope, text);
  const { failed } = await ingestBatch(breaking(deps()), target, OPTIONS);
  expect(failed).toHaveLength(1);
  return target;
}

/** Somebody else says it, who is not read together with whom the target is of. */
async function sayApart({ bucket }: Awaited<ReturnType<typeof say>>) {
  let target = await say({ userId: "bo" });
  for (let i = 0; target.bucket === bucket; i += 1) target = await say({ userId: `bo ${i}` });
  return target;
}

async function kept() {
  const { rows } = await record.admin.query<{ answer: string; days: number }>(
    `select encode(answer_ct, 'escape') as answer, extract(day from expires_at - kept_at)::integer as days
     from mneme.model_answers where tenant_id = $1`,
    [tenant.tenantId],
  );
  return rows;
}

it("what a model answered is not asked again, though what came of it was lost", async () => {
  const target = await readInVain();
  const { worked } = await ingestBatch(deps(), target, OPTIONS);
  expect(worked).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
  expect(told).toEqual(["extract asked", "extract known"]);
  const { memories } = await createMemoryStore(record.database).list(tenant, {
    scope: ADA,
    kinds: [],
    categories: [],
    showSuperseded: false,
    pageSize: 10,
    pageToken: "",
  });
  expect(memories.map(({ text }) => text)).toEqual([`The user said: ${SAID}`]);
});

it("is sealed, and kept as long as it is set to be", async () => {
  await readInVain();
  expect(await kept()).toEqual([{ answer: expect.not.stringContaining("bees"), days: 30 }]);
});

it("is one person's own: whoever says the same is read anew", async () => {
  const target = await readInVain();
  await ingestBatch(deps(), await sayApart(target), OPTIONS);
  expect(told).toEqual(["extract asked", "extract asked"]);
});

it("is none where the answer was of no use", async () => {
  const target = await say();
  const ingest = deps();
  server.next("chat", replies.text("no JSON"), replies.text("nor this"));
  await ingestBatch(ingest, target, OPTIONS);
  expect(await kept()).toEqual([]);
});

it("goes when its time is over", async () => {
  const target = await readInVain();
  await record.admin.query("update mneme.model_answers set expires_at = now() where tenant_id = $1", [
    tenant.tenantId,
  ]);
  await ingestBatch(deps(), target, OPTIONS);
  expect(told).toEqual(["extract asked", "extract asked"]);
  await record.admin.query("update mneme.model_answers set expires_at = now() where tenant_id = $1", [
    tenant.tenantId,
  ]);
  await createMaintenance(record.database.pool).removeModelAnswers(100);
  expect(await kept()).toEqual([]);
});

it("goes with the words of its messages", async () => {
  await setOnProject(record, tenant, { retention: { messageDays: 0 } });
  const target = await say();
  await ingestBatch(deps(), target, OPTIONS);
  expect(await kept()).toHaveLength(1);
  await indexPending(deps(), target, 100);
  await createMaintenance(record.database.pool).forgetMessages(100);
  expect(await kept()).toEqual([]);
});

it("goes with a memory that was read out of it", async () => {
  await ingestBatch(deps(), await say(), OPTIONS);
  await ingestBatch(deps(), await say(ADA, "I also sing."), OPTIONS);
  expect(await kept()).toHaveLength(2);
  const store = createMemoryStore(record.database);
  await store.deleteAll(tenant, ADA, requestOf("DeleteAllMemories"));
  expect(await kept()).toEqual([]);
});

it("goes with the person, and none is kept of whoever is being erased", async () => {
  const target = await sayApart(await readInVain());
  const fenced: IngestDeps = deps();
  const fence = async () => {
    await record.admin.query("update mneme.subjects set state = 'fenced' where tenant_id = $1", [
      tenant.tenantId,
    ]);
  };
  const extract: IngestDeps["extractor"]["extract"] = async (input, signal) => {
    await fence();
    return fenced.extractor.extract(input, signal);
  };
  const { extractor } = fenced;
  const slow = { name: extractor.name, version: extractor.version, concurrency: 1, extract };
  await ingestBatch({ ...fenced, extractor: slow }, target, OPTIONS);
  expect(told).toEqual(["extract asked", "extract asked"]);
  expect(await kept()).toHaveLength(1);
});

it("goes with a memory that the model was shown, and others stay", async () => {
  const seeded = await seedMemories(record, tenant, ADA, ["Ada keeps bees.", "Ada sings."]);
  const [bees = "", choir = ""] = seeded.map(({ id }) => id);
  const { rows } = await record.admin.query<{ stream_id: string; id: string; epoch: number }>(
    `select m.stream_id, s.id, s.epoch from mneme.memories m
     join mneme.subjects s on s.tenant_id = m.tenant_id and s.id = m.subject_id
     where m.tenant_id = $1 and m.id = $2`,
    [tenant.tenantId, bees],
  );
  const [row] = rows;
  if (!row) throw new Error("no stream");
  const { tenantId, projectId } = tenant;
  const subject = { id: row.id, epoch: row.epoch };
  const owner = { tenantId, projectId, streamId: row.stream_id, subject, messageIds: [] };
  const answers = createModelAnswers(record.database, { days: 30 });
  await answers.keep({ ...owner, purpose: "extract", memoryIds: [bees, choir] }, "shown both", "1");
  await answers.keep({ ...owner, purpose: "reconcile", memoryIds: [choir] }, "shown the other", "2");
  await answers.keep({ ...owner, purpose: "extract", memoryIds: [] }, "shown none", "3");
  await answers.keep({ ...owner, purpose: "extract" }, "shown nobody knows what", "4");
  await createMemoryStore(record.database).delete(
    tenant,
    [{ memoryId: bees, etag: "" }],
    requestOf("DeleteMemory"),
  );
  const found = await Promise.all(
    ["shown both", "shown the other", "shown none", "shown nobody knows what"].map((asked) =>
      answers.find({ ...owner, purpose: "extract" }, asked),
    ),
  );
  expect(found).toEqual([undefined, "2", "3", undefined]);
});

it("goes with any memory of its stream where a summary told the model of earlier messages", async () => {
  const [bees] = await seedMemories(record, tenant, ADA, ["Ada keeps bees."]);
  await ingestBatch(deps(), await say(ADA, "I sing."), OPTIONS);
  await ingestBatch(deps(), await say(ADA, "I row."), OPTIONS);
  expect(await kept()).toHaveLength(2);
  const target = { memoryId: bees?.id ?? "", etag: "" };
  await createMemoryStore(record.database).delete(tenant, [target], requestOf("DeleteMemory"));
  expect(await kept()).toHaveLength(1);
});

it("is not kept where it would be found by no stream's deletion: of memories beside its stream's own", async () => {
  const [bees] = await seedMemories(record, tenant, { userId: "bo" }, ["Bo keeps bees."]);
  await seedMemories(record, tenant, ADA, ["Ada sings."]);
  const { rows } = await record.admin.query<{ stream_id: string }>(
    `select stream_id from mneme.memories where tenant_id = $1 and id <> $2`,
    [tenant.tenantId, bees?.id],
  );
  const { tenantId, projectId } = tenant;
  const owner = {
    tenantId,
    projectId,
    streamId: rows[0]?.stream_id ?? "",
    subject: undefined,
    messageIds: [],
  };
  const answers = createModelAnswers(record.database, { days: 30 });
  await answers.keep({ ...owner, purpose: "extract", memoryIds: [bees?.id ?? ""] }, "shown Bo's", "1");
  expect(await kept()).toEqual([]);
});
