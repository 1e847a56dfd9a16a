import { randomUUID } from "node:crypto";
import { createBudgetGuard } from "@mneme/core/cost/budget-guard.ts";
import { countSpending } from "@mneme/core/cost/count-spending.ts";
import type { ModelBill } from "@mneme/core/cost/model-spending.ts";
import { createMessageQuota } from "@mneme/core/limits/message-quota.ts";
import { meteredConversations } from "@mneme/core/limits/metered-conversations.ts";
import { createUsageGuard } from "@mneme/core/limits/usage.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { newApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { hashApiKey, type KnownKey } from "@mneme/core/tenancy/trusted-keys.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiKeys } from "./api-keys.ts";
import { createBudgetStore } from "./budget-store.ts";
import { createConversationStore } from "./conversation-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createMessageCounters } from "./message-counters.ts";
import { createSpendingStore } from "./spending-store.ts";
import { createApiKeyStore } from "./tenancy/api-key-store.ts";
import { createSettingsSource } from "./tenancy/settings-source.ts";
import { administratorOf, requestOf } from "./testing/administrator.ts";
import { limitedCaller } from "./testing/limited-caller.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";
import { createUsageStore } from "./usage-store.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("usage");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const usage = () => createUsageStore(record.database.pool);
const guard = () => createUsageGuard(usage(), { defaults: {}, trustMs: 0 });
const statements = (count: number) => Array.from({ length: count }, (_, i) => `Ada owns boat ${i}.`);
const MODEL = { models: { extractor: "model" } };
const EMBEDDED = { models: { extractor: "embedded" } };
const read = (input: number) => ({ input, cachedInput: 0, output: 0 });
const billOf = (tenantId: string, projectId: string, apiKeyId: string | undefined): ModelBill => {
  return { tenantId, model: "small", purpose: "extract", shares: [{ projectId, apiKeyId, text: "" }] };
};
const addition = { drafts: 0, needsModel: true };

describe("memories held", () => {
  it("are counted as they come and go, whether folded or not", async () => {
    const { provision, database } = record;
    const tenancy = await provision();
    const { tenantId, projectId } = tenancy;
    const held = async () => (await usage().read(tenantId, new Date())).memories.byProject.get(projectId);
    expect(await held()).toBeUndefined();
    const [first, second] = await seedMemories(record, tenancy, { userId: "ada" }, statements(5));
    await seedMemories(record, tenancy, { userId: "bo" }, statements(3));
    expect(await held()).toBe(8);
    while (await createSpendingStore(database.pool).foldMemoryCounts());
    const { rows } = await record.admin.query("select from mneme.memory_count_changes where tenant_id = $1", [
      tenantId,
    ]);
    expect(rows).toEqual([]);
    const targets = [first, second].map((memory) => ({ memoryId: memory?.id ?? "", etag: "" }));
    await createMemoryStore(database).delete(tenancy, targets, requestOf("BatchDeleteMemories"));
    expect(await held()).toBe(6);
  });

  it("are refused where the tenant or the project is full, imports by what they bring", async () => {
    const of = await limitedCaller(record, { tenant: { memories: 10 }, project: { memories: 6 } });
    await seedMemories(record, of, { userId: "ada" }, statements(5));
    const { admit } = createUsageGuard(usage(), { defaults: {} });
    const refusal = {
      reason: "QUOTA_EXCEEDED",
      metadata: { quota: "memories", limit: "6", scope: "project" },
      retryAfterMs: 60_000,
    };
    await expect(admit(of, { drafts: 2, needsModel: false })).rejects.toMatchObject(refusal);
    await admit(of, { drafts: 1, needsModel: false });
    // Counted at once, though nothing of it is worked yet.
    await expect(admit(of, addition)).rejects.toMatchObject(refusal);
    await guard().admit(of, addition);
  });

  it("are those of the key that brought them, whoever says or changes them later", async () => {
    const of = await limitedCaller(record, {});
    const other = { ...of, apiKeyId: randomUUID() };
    const nobodys = { tenantId: of.tenantId, projectId: of.projectId };
    const [first, second] = await seedMemories(record, of, { userId: "ada" }, statements(3));
    await seedMemories(record, other, { userId: "ada" }, statements(5));
    await seedMemories(record, nobodys, { userId: "bo" }, statements(4));
    const { change, delete: remove } = createMemoryStore(record.database);
    const draft = draftOf("Ada owns boat 1.", { category: "boats" });
    const fields = new Set(["category"] as const);
    const changed = {
      memoryId: second?.id ?? "",
      draft,
      fields,
      etag: "",
      at: "update",
      embedding: undefined,
    };
    await change(other, [changed], requestOf("UpdateMemory"));
    const held = async () => (await usage().read(of.tenantId, new Date())).memories;
    const counts = (project: number, mine: number, others: number) => ({
      byProject: new Map([[of.projectId, project]]),
      byKey: new Map([
        [of.apiKeyId, mine],
        [other.apiKeyId, others],
      ]),
    });
    expect(await held()).toEqual(counts(9, 3, 2));
    while (await createSpendingStore(record.database.pool).foldMemoryCounts());
    expect(await held()).toEqual(counts(9, 3, 2));
    const targets = [first, second].map((memory) => ({ memoryId: memory?.id ?? "", etag: "" }));
    await remove(other, targets, requestOf("BatchDeleteMemories"));
    expect(await held()).toEqual(counts(7, 1, 2));
  });

  it("of a key refuse that key alone, in all projects that it adds to", async () => {
    const of = await limitedCaller(record, { apiKey: { memories: 6 } });
    const other = { ...of, apiKeyId: randomUUID() };
    await seedMemories(record, of, { userId: "ada" }, statements(5));
    const { admit } = createUsageGuard(usage(), { defaults: {} });
    const elsewhere = { ...of, projectId: randomUUID() };
    const refusal = { metadata: { quota: "memories", limit: "6", scope: "api_key" } };
    await expect(admit(elsewhere, { drafts: 2, needsModel: false })).rejects.toMatchObject(refusal);
    await admit(elsewhere, { drafts: 1, needsModel: false });
    await expect(admit(of, addition)).rejects.toMatchObject(refusal);
    await admit(other, { drafts: 6, needsModel: false });
    await expect(admit(other, addition)).rejects.toMatchObject(refusal);
  });
});

describe("a key that was rotated", () => {
  /** The key as the api finds it, and its successors, each made of the one before. */
  async function rotations(count: number): Promise<Caller[]> {
    const tenant = await record.provision();
    const who = administratorOf(tenant);
    const store = createApiKeyStore(record.database);
    const limits = { memories: 3, messagesPerDay: 3 };
    const draft = { name: "robot", projectId: tenant.projectId, roles: ["writer"], limits } as const;
    const first = newApiKey();
    let { key } = await store.create(
      who,
      { ...draft, expiresAt: undefined },
      first,
      requestOf("CreateApiKey"),
    );
    const secrets = [first.secret];
    for (let i = 0; i < count; i += 1) {
      const made = newApiKey();
      const rotation = { apiKeyId: key.id, overlapSeconds: 60 };
      ({ key } = await store.rotate(who, rotation, made, requestOf("RotateApiKey"), () => {}));
      secrets.push(made.secret);
    }
    const found = await createApiKeys(record.database.pool).find(
      secrets.map((secret) => ({ hash: hashApiKey(secret).toString("hex"), projectId: undefined })),
    );
    return found.map((known) => (known as KnownKey).caller);
  }

  it("and those that replaced it are one: what the one holds and has used, the other has", async () => {
    const [first, second, third] = (await rotations(2)) as [Caller, Caller, Caller];
    expect(new Set([first, second, third].map(({ apiKeyId }) => apiKeyId)).size).toBe(3);
    await seedMemories(record, first, { userId: "ada" }, ["Ada rows."]);
    await seedMemories(record, third, { userId: "ada" }, ["Ada sings."]);
    for (const key of [first, second, third]) await guard().admit(key, addition);
    await seedMemories(record, second, { userId: "ada" }, ["Ada paints."]);
    const refusal = { metadata: { quota: "memories", limit: "3", scope: "api_key" } };
    for (const key of [first, second, third])
      await expect(guard().admit(key, addition)).rejects.toMatchObject(refusal);
    await using messages = createMessageQuota(createMessageCounters(record.database.pool), { defaults: {} });
    for (const key of [first, second, third]) await messages.take(key, 1);
    await expect(messages.take(second, 1)).rejects.toMatchObject({ metadata: { quota: "messages_per_day" } });
  });
});

describe("models' tokens a month", () => {
  it("are kept by the worker, and spent they refuse what needs a model", async () => {
    const of = await limitedCaller(record, { tenant: { modelTokensPerMonth: 1_000 } });
    const { tenantId, projectId, apiKeyId } = of;
    for (const tokens of [400, 700]) {
      await guard().admit(of, addition);
      await using use = countSpending(createSpendingStore(record.database.pool));
      for (const by of [apiKeyId, undefined]) use.note(billOf(tenantId, projectId, by), read(tokens / 2));
    }
    expect((await usage().read(tenantId, new Date())).modelTokens).toEqual({
      byProject: new Map([[projectId, 1_100]]),
      byKey: new Map([[apiKeyId, 550]]),
    });
    await expect(guard().admit(of, addition)).rejects.toMatchObject({
      reason: "QUOTA_EXCEEDED",
      metadata: { quota: "model_tokens_per_month", limit: "1000", scope: "tenant" },
      retryAfterMs: expect.any(Number),
    });
    await guard().admit(of, { drafts: 3, needsModel: false });
  });

  it("of a key are its own, and not another's of its project", async () => {
    const of = await limitedCaller(record, { apiKey: { modelTokensPerMonth: 100 } });
    const { tenantId, projectId, apiKeyId } = of;
    const other = { ...of, apiKeyId: randomUUID() };
    await using use = countSpending(createSpendingStore(record.database.pool));
    use.note(billOf(tenantId, projectId, apiKeyId), read(99));
    use.note(billOf(tenantId, projectId, other.apiKeyId), read(100));
    await use[Symbol.asyncDispose]();
    await guard().admit(of, addition);
    const refusal = { metadata: { quota: "model_tokens_per_month", limit: "100", scope: "api_key" } };
    await expect(guard().admit(other, addition)).rejects.toMatchObject(refusal);
  });

  it.each([
    ["a model reads where nobody chooses", "model", true, {}, {}, false],
    ["rules read where nobody chooses", "embedded", true, {}, {}, true],
    ["the project chooses rules", "model", true, EMBEDDED, {}, true],
    ["the project chooses a model", "embedded", true, MODEL, {}, false],
    ["the tenant chooses rules", "model", true, {}, EMBEDDED, true],
    ["the project chooses a model over its tenant's rules", "model", true, MODEL, EMBEDDED, false],
    ["the deployment has no model to choose", "embedded", false, MODEL, {}, true],
    ["the project has a server embed", "embedded", false, { models: { embedder: "e5" } }, {}, false],
  ] as const)("spent refuse what is said only where a model reads it: %s", async (...given) => {
    const [, standard, hasModel, ofProject, ofTenant, isTaken] = given;
    const of = await limitedCaller(record, { tenant: { modelTokensPerMonth: 0 } });
    const { tenantId, projectId } = of;
    await record.admin.query("update mneme.tenants set settings = $2 where id = $1", [tenantId, ofTenant]);
    await record.admin.query("update mneme.projects set settings = $2 where id = $1", [projectId, ofProject]);
    const { pool } = record.database;
    await using messages = createMessageQuota(createMessageCounters(pool), { defaults: {} });
    const settings = rememberSettings(createSettingsSource(pool));
    const limits = {
      messages,
      budgets: createBudgetGuard(createBudgetStore(pool), settings),
      usage: guard(),
      embedsByServer: false,
      extractors: { standard, hasModel },
      settings,
    };
    const message = { role: "user", name: undefined, text: "I keep bees.", toolCalls: [] } as const;
    const adding = meteredConversations(createConversationStore(record.database), limits, of).accept(of, {
      scope: { userId: "ada" },
      items: [{ type: "turn", message: { ...message, toolCallId: undefined, sentAt: new Date() } }],
      metadata: {},
      request: { rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() },
    });
    if (isTaken) expect(await adding).toMatchObject({ extraction: { state: "queued" } });
    else await expect(adding).rejects.toMatchObject({ metadata: { quota: "model_tokens_per_month" } });
  });
});
