import { randomUUID } from "node:crypto";
import { createBudgetGuard } from "@mneme/core/cost/budget-guard.ts";
import type { LimitedCaller } from "@mneme/core/limits/levels.ts";
import { createMessageQuota, type MessageQuota } from "@mneme/core/limits/message-quota.ts";
import { meteredConversations } from "@mneme/core/limits/metered-conversations.ts";
import { createUsageGuard } from "@mneme/core/limits/usage.ts";
import type { CallerLimits } from "@mneme/core/tenancy/caller.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBudgetStore } from "./budget-store.ts";
import { createConversationStore } from "./conversation-store.ts";
import { createMessageCounters } from "./message-counters.ts";
import { createSettingsSource } from "./tenancy/settings-source.ts";
import { limitedCaller } from "./testing/limited-caller.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";
import { createUsageStore } from "./usage-store.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("messages");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const caller = (limits: Partial<CallerLimits>) => limitedCaller(record, limits);
const NOON = new Date("2026-03-01T12:00:00Z");
const open = (now = NOON, counters = createMessageCounters(record.database.pool)) =>
  createMessageQuota(counters, { defaults: {}, now: () => now });

/** @returns how many of `calls`, of `size` messages each and all at once, were taken. */
async function taken(quotas: readonly MessageQuota[], of: LimitedCaller, calls: number, size = 1) {
  const all = await Promise.allSettled(
    Array.from({ length: calls }, (_, i) => quotas[i % quotas.length]?.take(of, size)),
  );
  return all.filter(({ status }) => status === "fulfilled").length;
}

/** Adds one message, as a call does. */
function add(of: LimitedCaller, messages: MessageQuota, signal?: AbortSignal) {
  const usage = createUsageGuard(createUsageStore(record.database.pool), { defaults: {} });
  const conversations = createConversationStore(record.database);
  const message = { role: "user", name: undefined, text: "I keep bees.", toolCalls: [] } as const;
  const settings = rememberSettings(createSettingsSource(record.database.pool));
  const extractors = { standard: "embedded", hasModel: false } as const;
  const budgets = createBudgetGuard(createBudgetStore(record.database.pool), settings);
  const limits = { messages, usage, budgets, embedsByServer: false, extractors, settings };
  return meteredConversations(conversations, limits, of).accept(
    of,
    {
      scope: { userId: "ada" },
      items: [{ type: "turn", message: { ...message, toolCallId: undefined, sentAt: NOON } }],
      metadata: {},
      request: { rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() },
    },
    signal,
  );
}

async function countOf({ tenantId }: LimitedCaller, scopeId: string): Promise<number> {
  const { rows } = await record.admin.query<{ taken: string }>(
    "select taken from mneme.message_counts where tenant_id = $1 and scope_id = $2",
    [tenantId, scopeId],
  );
  return Number(rows[0]?.taken);
}

describe("messages a day", () => {
  it("are never more than the limit, over all replicas", async () => {
    await using one = open();
    await using other = open();
    const of = await caller({ tenant: { messagesPerDay: 500 } });
    const count = await taken([one, other], of, 700);
    expect(count).toBeLessThanOrEqual(500);
    expect(count).toBeGreaterThan(480);
    expect(await countOf(of, of.tenantId)).toBeLessThanOrEqual(500);
  });

  it("are all given out, however many ask at once and whatever others take meanwhile", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 30, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(sizes, async (calls) => {
        await using quota = open();
        const messagesPerDay = calls.reduce((sum, size) => sum + size, 0);
        const of = await caller({ tenant: { messagesPerDay }, project: { messagesPerDay } });
        await Promise.all(calls.map((size) => quota.take(of, size)));
        await expect(quota.take(of, 1)).rejects.toMatchObject({ reason: "QUOTA_EXCEEDED" });
      }),
      { numRuns: 10 },
    );
  });

  it("say whose they are, and that tomorrow brings others", async () => {
    await using quota = open();
    const of = await caller({ tenant: { messagesPerDay: 100 }, apiKey: { messagesPerDay: 3 } });
    await quota.take(of, 2);
    await expect(quota.take(of, 2)).rejects.toMatchObject({
      reason: "QUOTA_EXCEEDED",
      metadata: { quota: "messages_per_day", limit: "3", scope: "api_key" },
      retryAfterMs: 12 * 3_600_000,
    });
    // Nothing was counted for it.
    await quota.take(of, 1);
    await using tomorrow = open(new Date("2026-03-02T00:00:00Z"));
    await tomorrow.take(of, 3);
  });

  it("are leased in portions, which go back when the process ends", async () => {
    const counters = createMessageCounters(record.database.pool);
    let asked = 0;
    const counting = {
      lease: (asks: Parameters<typeof counters.lease>[0]) => {
        asked += 1;
        return counters.lease(asks);
      },
    };
    const of = await caller({ project: { messagesPerDay: 10_000 } });
    {
      await using quota = open(NOON, counting);
      for (let i = 0; i < 50; i += 1) await quota.take(of, 1);
      expect(asked).toBe(1);
      expect(await countOf(of, of.projectId)).toBe(101);
    }
    expect(await countOf(of, of.projectId)).toBe(50);
  });

  it("are leased and given back however large the limit is, at most a hundred thousand ahead", async () => {
    const largest = { messagesPerDay: Number.MAX_SAFE_INTEGER };
    const of = await caller({ tenant: largest, project: largest, apiKey: largest });
    {
      await using quota = open();
      await add(of, quota);
      expect(await countOf(of, of.tenantId)).toBe(100_001);
    }
    for (const scopeId of [of.tenantId, of.projectId, of.apiKeyId])
      expect(await countOf(of, scopeId)).toBe(1);
  });

  it("are taken back where they were not kept", async () => {
    await using quota = open();
    const of = await caller({ tenant: { messagesPerDay: 2 } });
    const takeBack = await quota.take(of, 2);
    expect(await taken([quota], of, 1)).toBe(0);
    takeBack();
    expect(await taken([quota], of, 3)).toBe(2);
  });

  it("are waited for behind others no longer than told, nor by who has gone, and are not lost by that", async () => {
    const counters = createMessageCounters(record.database.pool);
    await using quota = createMessageQuota(counters, { defaults: {}, now: () => NOON, waitMs: 1_000 });
    const of = await caller({ tenant: { messagesPerDay: 50 } });
    await quota.take(of, 1);
    const [asking, waiting] = [new AbortController(), new AbortController()];
    const holder = await record.admin.connect();
    try {
      await holder.query("begin");
      await holder.query("select from mneme.message_counts where tenant_id = $1 for update", [of.tenantId]);
      const asks = add(of, quota, asking.signal);
      const waits = expect(add(of, quota, waiting.signal)).rejects.toThrow("gone");
      const others = Promise.allSettled(Array.from({ length: 200 }, () => add(of, quota)));
      await new Promise(setImmediate);
      waiting.abort(new Error("gone"));
      await waits;
      for (const other of await others) {
        expect(other).toMatchObject({ reason: { kind: "unavailable", reason: "DEPENDENCY_UNAVAILABLE" } });
      }
      asking.abort(new Error("gone as well"));
      await expect(asks).rejects.toThrow("gone as well");
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    await quota.take(of, 49);
    expect(await taken([quota], of, 1)).toBe(0);
  });
});
