import { randomUUID } from "node:crypto";
import { type BudgetAmounts, type Budgets, budgetsOf } from "@mneme/core/cost/budget.ts";
import { createBudgetGuard } from "@mneme/core/cost/budget-guard.ts";
import { type BudgetReached, createBudgetHold } from "@mneme/core/cost/budget-hold.ts";
import { type CountedSpending, countSpending } from "@mneme/core/cost/count-spending.ts";
import type { ModelBill } from "@mneme/core/cost/model-spending.ts";
import { parsePrices } from "@mneme/core/cost/prices.ts";
import { spentOf as callsOf } from "@mneme/core/cost/spent-calls.ts";
import { MnemeError, type Reason } from "@mneme/core/errors.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBudgetStore } from "./budget-store.ts";
import type { Provisioned } from "./provision.ts";
import { createSpendingStore } from "./spending-store.ts";
import { createSettingsSource } from "./tenancy/settings-source.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("budgets");
});
afterAll(() => record?.[Symbol.asyncDispose]());

/** A dollar a million tokens read, and two written: a millionth of a dollar a token, and two. */
const prices = parsePrices('{"prices": [{"model": "small", "from": "2020-01-01", "input": 1, "output": 2}]}');
const read = (input: number, output = 0) => ({ input, cachedInput: 0, output });
const refusal = (scope: string) => ({
  reason: "BUDGET_EXCEEDED",
  metadata: { scope },
  retryAfterMs: expect.any(Number),
});

interface Worker extends AsyncDisposable {
  readonly spending: CountedSpending;
  readonly reached: BudgetReached[];
  /** One call that may take `most` and takes `used`. */
  call(most: number, used?: number, model?: string): Promise<string>;
  /** One that fails so. */
  fail(most: number, error: Error): Promise<string>;
}

/** A worker of a process of its own, which knows these budgets. */
function worker(
  { tenantId, projectId }: Provisioned,
  budgets: Budgets,
  { leaseMs = 60_000, waitMs = 0 }: { readonly leaseMs?: number; readonly waitMs?: number } = {},
): Worker {
  const reached: BudgetReached[] = [];
  const { pool } = record.database;
  const hold = createBudgetHold(createBudgetStore(pool), {
    budgetsOf: async () => budgets,
    leaseMs,
    waitMs,
    onReached: (_, one) => void reached.push(one),
  });
  const spending = countSpending(createSpendingStore(pool), { prices, budgets: hold });
  const bill = (model: string): ModelBill => {
    const shares = [{ projectId, apiKeyId: undefined, text: "" }];
    return { tenantId, model, purpose: "extract", shares };
  };
  return {
    spending,
    reached,
    call: (most, used = most, model = "small") =>
      spending.run(bill(model), read(most), async () => ({ value: "read", used: read(used) })),
    fail: (most, error) => spending.run(bill("small"), read(most), () => Promise.reject(error)),
    [Symbol.asyncDispose]: () => spending[Symbol.asyncDispose](),
  };
}

const ofProject = (project: BudgetAmounts) => ({ tenant: {}, project });

async function spentOf({ tenantId }: Provisioned, scopeId = tenantId) {
  const { rows } = await record.admin.query<{ picodollars: string; tokens: string }>(
    "select picodollars, tokens from mneme.model_spend where tenant_id = $1 and scope_id = $2",
    [tenantId, scopeId],
  );
  return { microdollars: Number(rows[0]?.picodollars ?? 0) / 1e6, tokens: Number(rows[0]?.tokens ?? 0) };
}

async function countReserved({ tenantId }: Provisioned): Promise<number> {
  const { rows } = await record.admin.query("select from mneme.model_reservations where tenant_id = $1", [
    tenantId,
  ]);
  return rows.length;
}

it("lets calls of many workers pass at once as far as the budget goes, and none beyond", async () => {
  const of = await record.provision();
  const workers = Array.from({ length: 4 }, () => worker(of, ofProject({ monthlyMicrodollars: 1_000 })));
  await using all = new AsyncDisposableStack();
  for (const one of workers) all.use(one);
  const calls = Array.from({ length: 40 }, (_, i) => workers[i % 4]?.call(90));
  const done = await Promise.allSettled(calls);
  const passed = done.filter(({ status }) => status === "fulfilled");
  const refused = done.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(passed.length).toBeGreaterThan(0);
  expect(passed.length).toBeLessThanOrEqual(11);
  for (const error of refused) expect(error).toMatchObject(refusal("project"));
  expect(await spentOf(of)).toEqual({ microdollars: passed.length * 90, tokens: passed.length * 90 });
  expect(await countReserved(of)).toBe(0);
});

it("refuses what does not fit beside calls that are still being made", async () => {
  const of = await record.provision();
  await using one = worker(of, ofProject({ monthlyTokens: 100 }));
  await using other = worker(of, ofProject({ monthlyTokens: 100 }));
  const answer = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const shares = [{ projectId: of.projectId, apiKeyId: undefined, text: "" }];
  const bill = { tenantId: of.tenantId, model: "small", purpose: "extract", shares } as const;
  const slow = one.spending.run(bill, read(30, 30), async () => {
    begun.resolve();
    await answer.promise;
    return { value: "read", used: read(5, 5) };
  });
  await begun.promise;
  await expect(other.call(50)).rejects.toMatchObject(refusal("project"));
  answer.resolve();
  expect(await slow).toBe("read");
  expect(await spentOf(of)).toEqual({ microdollars: 15, tokens: 10 });
  expect(await other.call(50)).toBe("read");
});

it("lets a call wait for those in its way, and calls no budget spent for what is only reserved", async () => {
  const of = await record.provision();
  const budgets = ofProject({ monthlyTokens: 100 });
  await using one = worker(of, budgets);
  await using other = worker(of, budgets, { waitMs: 60_000 });
  const month = `${new Date().toISOString().slice(0, 7)}-01`;
  const spentBy = () => createBudgetStore(record.database.pool).spentBy(of, month, budgets);
  const answer = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const shares = [{ projectId: of.projectId, apiKeyId: undefined, text: "" }];
  const bill = { tenantId: of.tenantId, model: "small", purpose: "extract", shares } as const;
  const slow = one.spending.run(bill, read(90), async () => {
    begun.resolve();
    await answer.promise;
    return { value: "read", used: read(10) };
  });
  await begun.promise;
  await expect(one.call(50)).rejects.toMatchObject({ ...refusal("project"), retryAfterMs: 30_000 });
  const waiting = other.call(50);
  expect([await spentBy(), one.reached]).toEqual([undefined, []]);
  answer.resolve();
  expect(await Promise.all([slow, waiting])).toEqual(["read", "read"]);
  expect(await spentBy()).toBeUndefined();
  // What does not fit beside what is spent waits for nobody.
  await expect(other.call(60)).rejects.toMatchObject(refusal("project"));
  expect([await spentBy(), other.reached]).toEqual(["project", [{ level: "project", part: 100 }]]);
});

it("reserves anew what nobody else gets in between", async () => {
  const of = await record.provision();
  const { pool } = record.database;
  const budgets = ofProject({ monthlyTokens: 100 });
  const hold = createBudgetHold(createBudgetStore(pool), { budgetsOf: async () => budgets, leaseMs: 60_000 });
  const bill: ModelBill = {
    tenantId: of.tenantId,
    model: "small",
    purpose: "extract_batch",
    shares: [{ projectId: of.projectId, apiKeyId: undefined, text: "" }],
  };
  const at = new Date();
  const spent = callsOf(bill, read(60), prices, at);
  const batch = { id: randomUUID(), ...of, most: { day: at.toISOString().slice(0, 10) } };
  await hold.reserve(batch, spent, 60_000);
  const other = await record.admin.connect();
  try {
    await other.query("begin");
    await other.query("select from mneme.model_spend where tenant_id = $1 for update", [of.tenantId]);
    const again = hold.reserve(batch, spent, 60_000);
    const waits = () =>
      record.admin.query("select from pg_locks where not granted and locktype = 'transactionid'");
    await expect.poll(async () => (await waits()).rowCount, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await countReserved(of)).toBe(1);
    await other.query("commit");
    await again;
  } finally {
    other.release(true);
  }
  expect(await countReserved(of)).toBe(1);
  await using call = worker(of, budgets);
  await expect(call.call(50)).rejects.toMatchObject(refusal("project"));
});

describe("a budget", () => {
  it("of a tenant is that of all its projects together, and a project's is its own", async () => {
    const of = await record.provision();
    const { rows } = await record.admin.query<{ id: string }>(
      `insert into mneme.projects (tenant_id, id, name, key_id)
       select tenant_id, gen_random_uuid(), 'other', gen_random_uuid() from mneme.projects where tenant_id = $1
       returning id`,
      [of.tenantId],
    );
    const other = { ...of, projectId: rows[0]?.id ?? "" };
    const budgets = { tenant: { monthlyTokens: 100 }, project: { monthlyTokens: 60 } };
    await using here = worker(of, budgets);
    await using there = worker(other, budgets);
    await here.call(60);
    await expect(here.call(1)).rejects.toMatchObject(refusal("project"));
    await expect(there.call(50)).rejects.toMatchObject(refusal("tenant"));
    expect(await there.call(40)).toBe("read");
  });

  it("of money holds what has a price, and of tokens all", async () => {
    const of = await record.provision();
    await using priced = worker(of, ofProject({ monthlyMicrodollars: 10 }));
    expect(await priced.call(1_000, 1_000, "unpriced")).toBe("read");
    await expect(priced.call(11)).rejects.toMatchObject(refusal("project"));
    await using counted = worker(of, ofProject({ monthlyTokens: 1_000 }));
    await expect(counted.call(1, 1, "unpriced")).rejects.toMatchObject(refusal("project"));
  });

  it("counts what was used before it was set", async () => {
    const of = await record.provision();
    await using free = worker(of, { tenant: {}, project: {} });
    await free.call(80);
    await free[Symbol.asyncDispose]();
    await using held = worker(of, ofProject({ monthlyTokens: 100 }));
    await expect(held.call(21)).rejects.toMatchObject(refusal("project"));
    expect(await held.call(20)).toBe("read");
  });

  it("is told of once at four fifths and once at its end, by whichever worker, and anew once it is raised", async () => {
    const of = await record.provision();
    await using one = worker(of, ofProject({ monthlyTokens: 100 }));
    await using other = worker(of, ofProject({ monthlyTokens: 100 }));
    await one.call(79);
    expect(one.reached).toEqual([]);
    await other.call(1);
    expect(other.reached).toEqual([{ level: "project", part: 80 }]);
    for (const each of [one, other]) await expect(each.call(50)).rejects.toThrow(MnemeError);
    expect([...one.reached, ...other.reached.slice(1)]).toEqual([{ level: "project", part: 100 }]);
    await using raised = worker(of, ofProject({ monthlyTokens: 1_000 }));
    await raised.call(720);
    expect(raised.reached).toEqual([{ level: "project", part: 80 }]);
  });

  it("set by nobody holds nobody", () => {
    expect(budgetsOf({}, {})).toEqual({ tenant: {}, project: {} });
  });
});

describe("a call that failed", () => {
  const failure = (reason: Reason, metadata = {}) =>
    new MnemeError("unavailable", reason, "no", { metadata });

  it("costs nothing where its server refused it or failed, and all that it might have where nobody knows", async () => {
    const of = await record.provision();
    await using one = worker(of, ofProject({ monthlyTokens: 100 }));
    await expect(one.fail(70, failure("MODEL_RATE_LIMITED"))).rejects.toThrow("no");
    const failed = failure("MODEL_SERVER_FAILED", { status: "500" });
    await expect(one.fail(70, failed)).rejects.toThrow("no");
    expect(await spentOf(of)).toMatchObject({ tokens: 0 });
    await expect(one.fail(70, failure("MODEL_TIMEOUT"))).rejects.toThrow("no");
    expect(await spentOf(of)).toMatchObject({ tokens: 70 });
    expect(await countReserved(of)).toBe(0);
  });

  it("with its worker counts as it was reserved once its time is over, and not twice where it ends later", async () => {
    const of = await record.provision();
    await using lost = worker(of, ofProject({ monthlyTokens: 100 }), { leaseMs: 1 });
    await using next = worker(of, ofProject({ monthlyTokens: 100 }));
    const shares = [{ projectId: of.projectId, apiKeyId: undefined, text: "" }];
    const bill = { tenantId: of.tenantId, model: "small", purpose: "extract", shares } as const;
    await lost.spending.run(bill, read(60), async () => {
      await expect(next.call(50)).rejects.toMatchObject(refusal("project"));
      expect(await next.call(40)).toBe("read");
      return { value: "late", used: read(10) };
    });
    expect(await spentOf(of)).toMatchObject({ tokens: 100 });
    const { rows } = await record.admin.query(
      "select calls, input_tokens, picodollars from mneme.model_calls where tenant_id = $1",
      [of.tenantId],
    );
    expect(rows).toEqual([{ calls: "2", input_tokens: "100", picodollars: String(100 * 1e6) }]);
  });
});

describe("new conversations", () => {
  const SPENT = { monthlyTokens: 100 };

  async function guardOf(of: Provisioned, project: Settings, tenant: Settings = {}) {
    await record.admin.query("update mneme.tenants set settings = $2 where id = $1", [of.tenantId, tenant]);
    await record.admin.query("update mneme.projects set settings = $2 where id = $1", [
      of.projectId,
      project,
    ]);
    const { pool } = record.database;
    const settings = rememberSettings(createSettingsSource(pool), { mostMs: 0 });
    const { admit } = createBudgetGuard(createBudgetStore(pool), settings, { trustMs: 0 });
    return () => admit(of.tenantId, of.projectId, "messages");
  }

  it("are refused where the project wants that, from the call on that did not fit", async () => {
    const of = await record.provision();
    const admit = await guardOf(of, { budget: { ...SPENT, whenSpent: "refuse" } });
    await admit();
    await using one = worker(of, ofProject(SPENT));
    await one.call(70);
    await admit();
    await expect(one.call(31)).rejects.toThrow(MnemeError);
    await expect(admit()).rejects.toMatchObject({
      ...refusal("project"),
      metadata: { scope: "project", field: "messages" },
      fields: [{ field: "messages" }],
    });
    await (await guardOf(of, { budget: { monthlyTokens: 200, whenSpent: "refuse" } }))();
  });

  it("are taken by others, and refused for a tenant's budget as for a project's own", async () => {
    const of = await record.provision();
    await using one = worker(of, { tenant: SPENT, project: {} });
    await one.call(100);
    for (const whenSpent of ["queue", "embedded"] as const)
      await (await guardOf(of, { budget: { whenSpent } }, { budget: SPENT }))();
    const admit = await guardOf(of, {}, { budget: { ...SPENT, whenSpent: "refuse" } });
    await expect(admit()).rejects.toMatchObject({ metadata: { scope: "tenant" } });
  });
});
