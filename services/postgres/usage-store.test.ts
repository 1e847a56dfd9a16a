import { countModelUse } from "@mneme/core/limits/model-use.ts";
import { createUsageGuard } from "@mneme/core/limits/usage.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
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
});
