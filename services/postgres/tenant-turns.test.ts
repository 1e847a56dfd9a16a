import { afterAll, beforeAll, expect, it } from "vitest";
import { createPool, withTenant } from "./pool.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("turns");
});
afterAll(() => record?.[Symbol.asyncDispose]());

it("keeps a tenant's one statement waiting for no more than one of another's many", async () => {
  const pool = createPool({ url: record.urls.app, applicationName: "turns", max: 4 });
  const quiet = await record.provision("quiet");
  const ended: string[] = [];
  const ask = (name: string, tenantId: string) =>
    withTenant(pool, tenantId, (client) => client.query("select pg_sleep(0.02)")).then(() =>
      ended.push(name),
    );
  try {
    const noisy = Array.from({ length: 40 }, () => ask("noisy", record.tenant.tenantId));
    await Promise.all([...noisy, ask("quiet", quiet.tenantId)]);
    // Two run at once, and those two were there before.
    expect(ended.indexOf("quiet")).toBeLessThanOrEqual(4);
    // What belongs to no tenant is not behind any.
    const many = Array.from({ length: 40 }, () => ask("noisy", record.tenant.tenantId));
    let left = many.length;
    for (const one of many) one.finally(() => left--);
    await pool.query("select");
    expect(left).toBeGreaterThan(30);
    await Promise.all(many);
  } finally {
    await pool.end();
  }
});
