import { parsePrices } from "@mneme/core/cost/prices.ts";
import type { TokenCounts } from "@mneme/core/cost/token-counts.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createSettingsSource } from "@mneme/postgres/tenancy/settings-source.ts";
import { setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createMetrics } from "./metrics.ts";
import { createSpending } from "./spending.ts";

let record: TestRecord;
let tenant: Provisioned;

beforeAll(async () => {
  record = await openTestRecord("spending");
});
afterAll(() => record?.[Symbol.asyncDispose]());
beforeEach(async () => {
  tenant = await record.provision("acme");
});

const prices = parsePrices('{"prices": [{"model": "small", "from": "2020-01-01", "input": 1, "output": 1}]}');
const tokens = (input: number): TokenCounts => ({ input, cachedInput: 0, output: 0 });

/** What one worker's calls are held to and counted by, with what it says of that. */
function openWorker() {
  const { pool } = record.database;
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const spending = createSpending({
    pool,
    settings: rememberSettings(createSettingsSource(pool), { mostMs: 0 }),
    auditor: createAuditInbox(pool),
    config: { prices, extractor: { standard: "embedded", model: undefined } },
    log,
    metrics,
  });
  return {
    lines,
    /** A call that may take so many tokens, and takes them. */
    call: (input: number) =>
      spending.run(
        {
          tenantId: tenant.tenantId,
          model: "small",
          purpose: "extract",
          shares: [{ projectId: tenant.projectId, apiKeyId: undefined, text: "" }],
        },
        tokens(input),
        async () => ({ value: undefined, used: tokens(input) }),
      ),
    reached: async () =>
      (await metrics.budgetsReached.get()).values.map(({ labels, value }) => ({ ...labels, value })),
    counted: async (name: "modelCalls" | "modelCost") =>
      (await metrics[name].get()).values.map(({ labels, value }) => ({ ...labels, value })),
    [Symbol.asyncDispose]: () => spending[Symbol.asyncDispose](),
  };
}

const told = async () => {
  const { rows } = await record.admin.query<{ action: string; resource_ids: string[] }>(
    "select action, resource_ids from mneme.audit_inbox where tenant_id = $1 and service = 'budget' order by action",
    [tenant.tenantId],
  );
  return rows;
};

it("tells of four fifths and of all of a budget once each, whichever worker meets it, by audit, metric and log", async () => {
  await setOnProject(record, tenant, { budget: { monthlyTokens: 100 } });
  await using one = openWorker();
  await using other = openWorker();
  const { tenantId, projectId } = tenant;
  await one.call(79);
  expect([await told(), one.lines]).toEqual([[], []]);
  await one.call(1);
  await other.call(1);
  const nearly = { action: "budget/nearly-spent", resource_ids: [projectId] };
  await expect.poll(told).toEqual([nearly]);
  expect(one.lines).toMatchObject([{ level: 40, tenantId, projectId, part: 80 }]);
  expect(await one.reached()).toEqual([{ level: "project", part: "80", value: 1 }]);
  for (const worker of [other, one])
    await expect(worker.call(50)).rejects.toMatchObject({ reason: "BUDGET_EXCEEDED" });
  await expect.poll(told).toEqual([nearly, { action: "budget/spent", resource_ids: [projectId] }]);
  expect(other.lines).toMatchObject([{ level: 40, tenantId, projectId, part: 100 }]);
  expect(await other.reached()).toEqual([{ level: "project", part: "100", value: 1 }]);
  expect([one.lines.length, (await one.reached()).length]).toEqual([1, 1]);
});

it("tells of a tenant's budget without a project, and counts each call that was made", async () => {
  const { tenantId, projectId } = tenant;
  await record.admin.query("update mneme.tenants set settings = $2 where id = $1", [
    tenantId,
    { budget: { monthlyMicrodollars: 100 } },
  ]);
  await using worker = openWorker();
  await worker.call(100);
  await expect.poll(told).toEqual([{ action: "budget/spent", resource_ids: [tenantId] }]);
  expect(worker.lines).toMatchObject([{ tenantId, part: 100 }]);
  expect(JSON.stringify(worker.lines)).not.toContain(projectId);
  expect(await worker.reached()).toEqual([{ level: "tenant", part: "100", value: 1 }]);
  expect(await worker.counted("modelCalls")).toEqual([{ model: "small", purpose: "extract", value: 1 }]);
  expect(await worker.counted("modelCost")).toEqual([{ model: "small", purpose: "extract", value: 0.0001 }]);
});
