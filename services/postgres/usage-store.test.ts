import { randomUUID } from "node:crypto";
import { createMessageQuota } from "@mneme/core/limits/message-quota.ts";
import { meteredConversations } from "@mneme/core/limits/metered-conversations.ts";
import { countModelUse } from "@mneme/core/limits/model-use.ts";
import { createUsageGuard } from "@mneme/core/limits/usage.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createMessageCounters } from "./message-counters.ts";
import { createSettingsSource } from "./tenancy/settings-source.ts";
import { limitedCaller } from "./testing/limited-caller.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";
import { createModelUseStore, createUsageStore } from "./usage-store.ts";

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
const addition = { drafts: 0, needsModel: true };

describe("memories held", () => {
  it("are counted as they come and go, whether folded or not", async () => {
    const { provision, database } = record;
    const tenancy = await provision();
    const { tenantId, projectId } = tenancy;
    const held = async () => (await usage().read(tenantId, new Date())).memories.get(projectId);
    expect(await held()).toBeUndefined();
    const [first, second] = await seedMemories(record, tenancy, { userId: "ada" }, statements(5));
    await seedMemories(record, tenancy, { userId: "bo" }, statements(3));
    expect(await held()).toBe(8);
    while (await createModelUseStore(database.pool).foldMemoryCounts());
    const { rows } = await record.admin.query("select from mneme.memory_count_changes where tenant_id = $1", [
      tenantId,
    ]);
    expect(rows).toEqual([]);
    const request = { rpc: "BatchDeleteMemories", requestId: crypto.randomUUID(), body: new Uint8Array() };
    const targets = [first, second].map((memory) => ({ memoryId: memory?.id ?? "", etag: "" }));
    await createMemoryStore(database).delete(tenancy, targets, request);
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
});

describe("models' tokens a month", () => {
  it("are kept by the worker, and spent they refuse what needs a model", async () => {
    const of = await limitedCaller(record, { tenant: { modelTokensPerMonth: 1_000 } });
    const { tenantId, projectId } = of;
    for (const tokens of [400, 700]) {
      await guard().admit(of, addition);
      await using use = countModelUse(createModelUseStore(record.database.pool));
      use.note(tenantId, projectId, tokens / 2);
      use.note(tenantId, projectId, tokens / 2);
    }
    expect((await usage().read(tenantId, new Date())).modelTokens).toEqual(new Map([[projectId, 1_100]]));
    await expect(guard().admit(of, addition)).rejects.toMatchObject({
      reason: "QUOTA_EXCEEDED",
      metadata: { quota: "model_tokens_per_month", limit: "1000", scope: "tenant" },
      retryAfterMs: expect.any(Number),
    });
    await guard().admit(of, { drafts: 3, needsModel: false });
  });

  it.each([
    ["a model reads where nobody chooses", "model", true, {}, {}, false],
    ["rules read where nobody chooses", "embedded", true, {}, {}, true],
    ["the project chooses rules", "model", true, EMBEDDED, {}, true],
    ["the project chooses a model", "embedded", true, MODEL, {}, false],
    ["the tenant chooses rules", "model", true, {}, EMBEDDED, true],
    ["the project chooses a model over its tenant's rules", "model", true, MODEL, EMBEDDED, false],
    ["the deployment has no model to choose", "embedded", false, MODEL, {}, true],
  ] as const)("spent refuse what is said only where a model reads it: %s", async (...given) => {
    const [, standard, hasModel, ofProject, ofTenant, isTaken] = given;
    const of = await limitedCaller(record, { tenant: { modelTokensPerMonth: 0 } });
    const { tenantId, projectId } = of;
    await record.admin.query("update mneme.tenants set settings = $2 where id = $1", [tenantId, ofTenant]);
    await record.admin.query("update mneme.projects set settings = $2 where id = $1", [projectId, ofProject]);
    const { pool } = record.database;
    await using messages = createMessageQuota(createMessageCounters(pool), { defaults: {} });
    const limits = {
      messages,
      usage: guard(),
      embedsByServer: false,
      extractors: { standard, hasModel },
      settings: rememberSettings(createSettingsSource(pool)),
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
