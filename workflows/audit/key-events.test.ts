import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { rotateTenantKey, type TenantKeyDeps } from "@mneme/core/encryption/manage-tenant-key.ts";
import { createKeyEvents } from "@mneme/postgres/key-events.ts";
import { createKeyStore, type PostgresKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { openTestAudit, type TestAudit, testCall } from "@mneme/postgres/testing/audit.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import type pg from "pg";
import { pino } from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { until } from "../testing/temporal.ts";
import { startKeyEvents } from "./key-events.ts";

const ACTION = "mneme.encryption.v1.TenantKeyService/RotateTenantKey";

let record: TestRecord;
let audit: TestAudit;
let keyPool: pg.Pool;
let store: PostgresKeyStore;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("keyevents");
  audit = await openTestAudit(record);
  keyPool = createPool({ url: record.urls.keys, schema: "public", applicationName: "key events test" });
  store = createKeyStore(keyPool, await createLocalKeyProviders({ file: record.masterKeyFile }));
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(async () => {
  await keyPool?.end();
  await audit?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

const keyEvents = () => createKeyEvents(keyPool, record.database.pool);

/** A call that rotates the tenant's key. @returns what is audited of it. */
async function rotate(deps: TenantKeyDeps, requestId = uuidv7(), body = "") {
  const call = testCall(tenant.projectId, ACTION);
  const permissions = new Set<string>();
  const caller = { ...tenant, isOfTenant: true, apiKeyId: "", permissions, audit: call };
  await rotateTenantKey(deps, caller, { rpc: "RotateTenantKey", requestId, body: Buffer.from(body) });
  return call;
}

async function trail(): Promise<string[]> {
  await audit.settle(tenant.tenantId);
  expect(await audit.verify(tenant.tenantId)).toMatchObject({ flaw: undefined });
  const { rows } = await record.admin.query<{ action: string }>(
    "select action from mneme.audit_events where tenant_id = $1 order by sequence",
    [tenant.tenantId],
  );
  return rows.map(({ action }) => action);
}

async function waiting(): Promise<number> {
  const { rowCount } = await record.keysAdmin.query("select from key_events where tenant_id = $1", [
    tenant.tenantId,
  ]);
  return rowCount ?? 0;
}

it("delivers the event of a change whose call could not: the record refused it", async () => {
  await record.admin.query("revoke insert on mneme.audit_inbox from mneme_app");
  const refused: unknown[] = [];
  const deliver = async (tenantId: string) => {
    const delivering = keyEvents().deliver(tenantId);
    refused.push(await delivering.catch((error: unknown) => error));
    return delivering;
  };
  const call = await rotate({ ...store.custody, events: { deliver } });
  await until(async () => refused.length > 0);
  expect(refused).toMatchObject([{ message: expect.stringContaining("permission denied") }]);
  // Nobody need keep another: it is safe with the change.
  expect(call.isTold).toBe(true);
  expect(await trail()).toEqual([]);
  await record.admin.query("grant insert on mneme.audit_inbox to mneme_app");
  await using _worker = startKeyEvents({
    keyEvents: keyEvents(),
    log: pino({ level: "silent" }),
    lookMs: 20,
    idleMs: 0,
  });
  await until(async () => (await waiting()) === 0);
  expect(await trail()).toEqual([ACTION]);
});

it("lets tenants whose events can't be delivered wait by themselves, and tells of each once a try", async () => {
  // More than one look finds, and longer waiting than the one behind them.
  const { rows: stuck } = await record.keysAdmin.query<{ tenant_id: string }>(
    `insert into key_events (tenant_id, event_id, event, created_at)
     select gen_random_uuid(), gen_random_uuid(), '{"time": "no time"}', now() - interval '1 hour'
     from generate_series(1, 101) returning tenant_id`,
  );
  await rotate(store.custody);
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const told = (tenantId: string) => lines.filter((line) => line.includes(tenantId));
  await using _worker = startKeyEvents({ keyEvents: keyEvents(), log, lookMs: 20, idleMs: 0 });
  await until(async () => (await waiting()) === 0);
  expect(told(tenant.tenantId)).toMatchObject([expect.stringContaining("delivered late")]);
  for (const { tenant_id } of stuck) {
    const waits = told(tenant_id).map((line) => JSON.parse(line).waitMs);
    expect(waits).not.toEqual([]);
    expect(waits).toEqual([5_000, 10_000, 20_000].slice(0, waits.length));
  }
  await record.keysAdmin.query("delete from key_events where tenant_id <> $1", [tenant.tenantId]);
});

it("has the call deliver by itself, and the worker find nothing left", async () => {
  await rotate({ ...store.custody, events: keyEvents() });
  await until(async () => (await waiting()) === 0);
  expect(await keyEvents().leftOver(0, 10)).not.toContain(tenant.tenantId);
  expect(await trail()).toEqual([ACTION]);
});

it("puts an event into the trail once that was delivered more than once", async () => {
  await rotate(store.custody);
  expect(await keyEvents().leftOver(0, 10)).toContain(tenant.tenantId);
  await record.keysAdmin.query("revoke delete on key_events from mneme_keys");
  // Each ends between putting it in and taking it away.
  const dying = () => expect(keyEvents().deliver(tenant.tenantId)).rejects.toThrow("permission denied");
  await dying();
  await dying();
  expect(await trail()).toEqual([ACTION]);
  await dying();
  await record.keysAdmin.query("grant delete on key_events to mneme_keys");
  expect(await keyEvents().deliver(tenant.tenantId)).toBe(1);
  await rotate({ ...store.custody, events: keyEvents() });
  await until(async () => (await waiting()) === 0);
  expect(await trail()).toEqual([ACTION, ACTION]);
  const { rowCount } = await record.admin.query("select from mneme.audit_inbox where tenant_id = $1", [
    tenant.tenantId,
  ]);
  expect(rowCount).toBe(0);
});

it("has no event where nothing was changed: the same request again, or another under its id", async () => {
  await rotate(store.custody, "same");
  expect((await rotate(store.custody, "same")).isTold).toBe(false);
  await expect(rotate(store.custody, "same", "another")).rejects.toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  expect(await waiting()).toBe(1);
});
