import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createProjectStore } from "./tenancy/project-store.ts";
import { createSettingsSource } from "./tenancy/settings-source.ts";
import { createTenantStore } from "./tenancy/tenant-store.ts";
import { administratorOf, requestOf } from "./testing/administrator.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("settings");
});
afterAll(() => record?.[Symbol.asyncDispose]());

it("tells what a project sets, over what its tenant does, within the time that it says", async () => {
  const source = createSettingsSource(record.database.pool);
  const settings = rememberSettings(source, { renewMs: 20, mostMs: 50 });
  const who = administratorOf(record.tenant);
  const { tenantId, projectId } = record.tenant;
  expect(await settings.of(tenantId, projectId)).toMatchObject({ graphEnabled: true });
  const change = (value: unknown, ...path: string[]) => ({
    settings: [{ path, value }],
    limits: [],
    etag: "",
  });
  await createTenantStore(record.database).update(
    who,
    change({ messageDays: 7, memoryDays: 30 }, "retention"),
    requestOf("UpdateTenant"),
  );
  await createProjectStore(record.database).update(
    who,
    projectId,
    change(0, "retention", "messageDays"),
    requestOf("UpdateProject"),
  );
  const expected = { retention: { messageDays: 0, memoryDays: 30 }, graphEnabled: true };
  await expect.poll(() => settings.of(tenantId, projectId)).toMatchObject(expected);
});

it("tells nothing of a project by another tenant's id", async () => {
  const other = await record.provision("other");
  const source = createSettingsSource(record.database.pool);
  await expect(source.read(other.tenantId, record.tenant.projectId)).rejects.toThrow("does not exist");
});
