import { createBudgetHold } from "@mneme/core/cost/budget-hold.ts";
import { countSpending } from "@mneme/core/cost/count-spending.ts";
import type { ModelPurpose } from "@mneme/core/cost/model-spending.ts";
import { parsePrices } from "@mneme/core/cost/prices.ts";
import { createBudgetStore } from "@mneme/postgres/budget-store.ts";
import { createSpendingStore } from "@mneme/postgres/spending-store.ts";
import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import type { TenantUsage } from "@mneme/proto/mneme/operator/v1/usage_pb.js";
import { WhenSpent } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { BudgetState, ModelPurpose as Purpose, UsagePeriod } from "@mneme/proto/mneme/tenancy/v1/usage_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Administration,
  openAdministration,
  operatorKeyOf,
  type Provisioned,
} from "./testing/administration.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

let server: Administration;
let tenant: Provisioned;

beforeAll(async () => {
  server = await openAdministration("model-usage");
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  tenant = await server.record.provision("acme");
});

const tenancy = (secret = tenant.apiKey, projectId?: string) => server.as(TenancyService, secret, projectId);
const prices = parsePrices(
  '{"prices": [{"model": "small", "from": "2020-01-01", "input": "0.3", "cached_input": "0.1", "output": 2}]}',
);

/** A call that takes 100 tokens, 60 of them from the cache and 10 written. */
async function call(
  model = "small",
  purpose: ModelPurpose = "extract",
  { projectId }: { projectId: string } = tenant,
) {
  await using spending = countSpending(createSpendingStore(server.record.database.pool), { prices });
  const shares = [{ projectId, apiKeyId: undefined, text: "" }];
  const used = { input: 30, cachedInput: 60, output: 10 };
  spending.note({ tenantId: tenant.tenantId, model, purpose, shares }, used);
}

/** As if what was counted today had been on that day. */
const moveTo = (day: string) =>
  server.record.admin.query(
    "update mneme.model_calls set day = $2 where tenant_id = $1 and day >= current_date - 1",
    [tenant.tenantId, day],
  );

describe("usage of tenants", () => {
  test("is told to the operator by month, model and purpose, over all projects", async () => {
    await call();
    await call("unknown", "embed");
    await moveTo("2026-02-28");
    await call();
    const { project } = await tenancy().createProject({ name: "two" });
    await call("small", "extract", { projectId: project?.projectId ?? "" });
    await call("small", "extract_batch");
    await moveTo("2026-03-31");
    const operator = server.as(OperatorService, await operatorKeyOf(server.record));
    const of = async (month: string) => {
      const all: TenantUsage[] = [];
      let pageToken = "";
      do {
        const page = await operator.listTenantUsage({ month, pageSize: 2, pageToken });
        all.push(...page.tenants);
        pageToken = page.nextPageToken;
      } while (pageToken);
      expect(all.map(({ tenantId }) => tenantId)).toEqual([...new Set(all.map(({ tenantId }) => tenantId))]);
      return all.find(({ tenantId }) => tenantId === tenant.tenantId);
    };
    const small = { model: "small", projectId: "", periodStart: "2026-03-01" };
    expect(await of("2026-03")).toMatchObject({
      tenantName: "acme",
      // A call is 35 millionths of a dollar, and half of that in a batch.
      microdollars: 88n,
      tokens: 300n,
      unpricedTokens: 0n,
      usage: [
        { ...small, purpose: Purpose.EXTRACT, calls: 2n, microdollars: 70n },
        { ...small, purpose: Purpose.EXTRACT_BATCH, calls: 1n, microdollars: 18n },
      ],
    });
    expect(await of("2026-02")).toMatchObject({ microdollars: 35n, tokens: 200n, unpricedTokens: 100n });
    expect(await of("")).toMatchObject({ microdollars: 0n, tokens: 0n, usage: [] });
    const bad = operator.listTenantUsage({ month: "2026-13" });
    expect(await failureOfCall(bad)).toMatchObject({ code: "InvalidArgument", fields: ["month"] });
    const theirs = server.as(OperatorService, tenant.apiKey).listTenantUsage({});
    expect(await failureOfCall(theirs)).toMatchObject({ reason: "PERMISSION_MISSING" });
  });
});

describe("usage", () => {
  test("is told by period, project, model and purpose, with what it cost and what had no price", async () => {
    await call();
    await moveTo("2026-03-02");
    await call();
    await call();
    await moveTo("2026-03-05");
    await call("unknown", "embed");
    const march = { fromDay: "2026-03-01", toDay: "2026-03-31" };
    const { usage } = await tenancy().listUsage(march);
    expect(usage).toEqual([
      expect.objectContaining({
        periodStart: "2026-03-01",
        projectId: tenant.projectId,
        model: "small",
        purpose: Purpose.EXTRACT,
        calls: 3n,
        inputTokens: 90n,
        cachedInputTokens: 180n,
        outputTokens: 30n,
        // Three times 9 + 6 + 20 millionths of a dollar.
        microdollars: 105n,
        unpricedTokens: 0n,
      }),
    ]);
    const { usage: now } = await tenancy().listUsage({});
    expect(now).toEqual([
      expect.objectContaining({
        model: "unknown",
        purpose: Purpose.EMBED,
        microdollars: 0n,
        unpricedTokens: 100n,
      }),
    ]);
    const days = await tenancy().listUsage({ ...march, period: UsagePeriod.DAY });
    expect(days.usage.map(({ periodStart }) => periodStart)).toEqual(["2026-03-02", "2026-03-05"]);
  });

  test("comes in pages that lose nothing", async () => {
    for (const model of ["a", "b", "c"])
      for (const purpose of ["extract_batch", "embed"] as const) await call(model, purpose);
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await tenancy().listUsage({ pageSize: 4, pageToken });
      seen.push(...page.usage.map(({ model, purpose }) => `${model} ${Purpose[purpose]}`));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(seen).toEqual(["a", "b", "c"].flatMap((model) => [`${model} EMBED`, `${model} EXTRACT_BATCH`]));
    const first = await tenancy().listUsage({ pageSize: 1 });
    const other = tenancy().listUsage({
      pageSize: 1,
      pageToken: first.nextPageToken,
      period: UsagePeriod.DAY,
    });
    expect(await failureOfCall(other)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
  });

  test("of another project is not shown to a project's key, and a day that is none is refused", async () => {
    const { project } = await tenancy().createProject({ name: "two" });
    await call("small", "extract", { projectId: project?.projectId ?? "" });
    await call();
    expect((await tenancy().listUsage({})).usage).toHaveLength(2);
    const keys = server.as(ApiKeyService, tenant.apiKey);
    const { projectId } = tenant;
    const { secret } = await keys.createApiKey({ name: "own", projectId, roles: [Role.ADMIN] });
    const { usage } = await tenancy(secret, projectId).listUsage({});
    expect(usage.map((one) => one.projectId)).toEqual([projectId]);
    expect(await failureOfCall(tenancy().listUsage({ fromDay: "2026-02-30" }))).toMatchObject({
      code: "InvalidArgument",
      fields: ["from_day"],
    });
  });
});

describe("a budget", () => {
  const set = (budget: object) =>
    tenancy().updateProject({ settings: { budget }, updateMask: { paths: ["settings.budget"] } });

  test("is told with what is spent of it, and is open, nearly spent and spent", async () => {
    await call();
    expect((await tenancy().getBudget({})).project).toMatchObject({
      state: BudgetState.UNSPECIFIED,
      spentMicrodollars: 35n,
      spentTokens: 100n,
    });
    for (const [monthlyTokens, state] of [
      [126n, BudgetState.OPEN],
      [125n, BudgetState.NEARLY_SPENT],
      [100n, BudgetState.SPENT],
      [0n, BudgetState.SPENT],
    ] as const) {
      await set({ monthlyTokens, whenSpent: WhenSpent.EMBEDDED });
      const { project, tenant: all } = await tenancy().getBudget({});
      expect(project).toMatchObject({ state, monthlyTokens, spentTokens: 100n, reservedTokens: 0n });
      expect(all).toMatchObject({ state: BudgetState.UNSPECIFIED, spentTokens: 100n });
    }
    await set({ monthlyMicrodollars: 43n });
    expect((await tenancy().getBudget({})).project).toMatchObject({ state: BudgetState.NEARLY_SPENT });
  });

  test("is spent once a call did not fit beside what is spent, until it is raised, and counts calls that are being made", async () => {
    const budgets = { tenant: {}, project: { monthlyTokens: 100 } };
    await set({ monthlyTokens: 100n });
    const hold = createBudgetHold(createBudgetStore(server.record.database.pool), {
      budgetsOf: async () => budgets,
      leaseMs: 60_000,
      waitMs: 0,
    });
    await using spending = countSpending(createSpendingStore(server.record.database.pool), { budgets: hold });
    const { tenantId, projectId } = tenant;
    const shares = [{ projectId, apiKeyId: undefined, text: "" }];
    const bill = { tenantId, model: "small", purpose: "extract", shares } as const;
    const most = { input: 60, cachedInput: 0, output: 0 };
    await spending.run(bill, most, async () => {
      expect((await tenancy().getBudget({})).project).toMatchObject({ spentTokens: 0n, reservedTokens: 60n });
      await expect(spending.run(bill, most, () => Promise.reject(new Error("never asked")))).rejects.toThrow(
        "budget",
      );
      return { value: undefined, used: { ...most, input: 10 } };
    });
    const stateNow = async () => (await tenancy().getBudget({ projectId })).project;
    expect(await stateNow()).toMatchObject({ state: BudgetState.OPEN, spentTokens: 10n, reservedTokens: 0n });
    const more = spending.run(bill, { ...most, input: 95 }, () => Promise.reject(new Error("never asked")));
    await expect(more).rejects.toThrow("budget");
    expect(await stateNow()).toMatchObject({
      state: BudgetState.SPENT,
      spentTokens: 10n,
      reservedTokens: 0n,
    });
    await set({ monthlyTokens: 200n });
    expect((await tenancy().getBudget({})).project).toMatchObject({ state: BudgetState.OPEN });
  });

  test("of the tenant is not shown to a project's key, and that of no project is not found", async () => {
    const keys = server.as(ApiKeyService, tenant.apiKey);
    const { projectId } = tenant;
    const { secret } = await keys.createApiKey({ name: "own", projectId, roles: [Role.ADMIN] });
    const answer = await tenancy(secret, projectId).getBudget({});
    expect(answer.project).toBeDefined();
    expect(answer.tenant).toBeUndefined();
    const nobody = tenancy().getBudget({ projectId: "01890000-0000-7000-8000-000000000001" });
    expect(await failureOfCall(nobody)).toMatchObject({ reason: "PROJECT_NOT_FOUND" });
  });
});
