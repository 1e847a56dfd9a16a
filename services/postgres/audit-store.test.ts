import { randomUUID } from "node:crypto";
import type { AuditFilter, AuditReader } from "@mneme/core/audit/audit-store.ts";
import { eventOfService } from "@mneme/core/audit/auditor.ts";
import { CallAudit } from "@mneme/core/audit/call-audit.ts";
import { streamEvents } from "@mneme/core/audit/stream-events.ts";
import { createTrailGrowth } from "@mneme/core/audit/trail-growth.ts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createAuditInbox } from "./audit-inbox.ts";
import { createAuditStore } from "./audit-store.ts";
import { createPeople } from "./people.ts";
import { openTestAudit, type TestAudit } from "./testing/audit.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const KEY = randomUUID();
const MEMORY = randomUUID();
const OTHER_PROJECT = randomUUID();

let record: TestRecord;
let audit: TestAudit;
let store: ReturnType<typeof createAuditStore>;
let reader: AuditReader;
let ada: string;

/** An event of a call: what it was, how it ended, in which project, about whom and what. */
async function keep(
  name: string,
  options: { code?: string; projectId?: string; about?: string; memoryId?: string } = {},
): Promise<void> {
  const { code = "ok", projectId = record.tenant.projectId, about, memoryId } = options;
  const actor = { apiKeyId: code === "ok" ? KEY : "", subjectId: "", service: "" };
  const call = new CallAudit({ action: `mneme.${name}`, actor, projectId, requestId: name });
  call.about(about);
  call.touches("memory", memoryId);
  const { event } = call.draft({ code, reason: "" });
  await createAuditInbox(record.database.pool).note(record.tenant.tenantId, event);
}

beforeAll(async () => {
  record = await openTestRecord("auditstore");
  audit = await openTestAudit(record);
  store = createAuditStore(record.database);
  reader = { ...record.tenant, isOfTenant: true };
  ada = (await createPeople(record.database).ensure(record.tenant, "ada")).id;
  await createPeople(record.database).ensure(record.tenant, "bob");
  await keep("memory.v1.MemoryService/GetMemory", { about: ada, memoryId: MEMORY });
  await keep("memory.v1.MemoryService/DeleteMemory", { about: ada, code: "not_found" });
  await keep("search.v1.SearchService/Search", { memoryId: MEMORY, projectId: OTHER_PROJECT });
  await createAuditInbox(record.database.pool).note(
    record.tenant.tenantId,
    eventOfService({ service: "canary", action: "canary/crossed", code: "failed" }),
  );
  await audit.settle(record.tenant.tenantId);
});
afterAll(async () => {
  await audit?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

async function listed(filter: AuditFilter, by: AuditReader = reader): Promise<string[]> {
  const { events } = await store.list(by, { filter, pageSize: 50, pageToken: "" });
  return events.map(({ action }) => action.split("/")[1] as string);
}

describe("a list", () => {
  it.each<{ filter: AuditFilter; found: string[] }>([
    { filter: {}, found: ["crossed", "Search", "DeleteMemory", "GetMemory"] },
    { filter: { action: "mneme.memory.v1.MemoryService/GetMemory" }, found: ["GetMemory"] },
    { filter: { action: "mneme.memory.v1.MemoryService/" }, found: ["DeleteMemory", "GetMemory"] },
    { filter: { code: "not_found" }, found: ["DeleteMemory"] },
    { filter: { apiKeyId: KEY }, found: ["Search", "GetMemory"] },
    { filter: { userId: "ada" }, found: ["DeleteMemory", "GetMemory"] },
    { filter: { userId: "ada", code: "ok" }, found: ["GetMemory"] },
    { filter: { userId: "bob" }, found: [] },
    { filter: { userId: "nobody" }, found: [] },
    { filter: { resourceId: MEMORY }, found: ["Search", "GetMemory"] },
    { filter: { resourceId: KEY }, found: [] },
    { filter: { userId: "ada", before: new Date("2020-01-01") }, found: [] },
    { filter: { resourceId: MEMORY, after: new Date("2020-01-01") }, found: ["Search", "GetMemory"] },
    { filter: { resourceId: MEMORY, after: new Date("2120-01-01") }, found: [] },
    { filter: { before: new Date("2020-01-01") }, found: [] },
    { filter: { after: new Date("2020-01-01"), code: "failed" }, found: ["crossed"] },
  ])("of $filter", async ({ filter, found }) => {
    expect(await listed(filter)).toEqual(found);
  });

  it("goes on where a page ended, and only for the same filters and tenant", async () => {
    const filter = { apiKeyId: KEY };
    const first = await store.list(reader, { filter, pageSize: 1, pageToken: "" });
    const pageToken = first.nextPageToken;
    const second = await store.list(reader, { filter, pageSize: 1, pageToken });
    expect([...first.events, ...second.events].map(({ sequence }) => sequence)).toEqual([3, 1]);
    expect(second.nextPageToken).toBe("");
    const invalid = { reason: "PAGE_TOKEN_INVALID" };
    await expect(store.list(reader, { filter: {}, pageSize: 1, pageToken })).rejects.toMatchObject(invalid);
    const other = { ...(await record.provision()), isOfTenant: true };
    await expect(store.list(other, { filter, pageSize: 1, pageToken })).rejects.toMatchObject(invalid);
  });

  it("looks at some places of a person at a time, and a page that finds none says where to go on", async () => {
    const { tenantId, projectId } = await record.provision();
    const subject = (await createPeople(record.database).ensure({ tenantId, projectId }, "eve")).id;
    await record.admin.query(
      `insert into mneme.audit_events (tenant_id, sequence, event_id, occurred_at, action, service, request_id, code,
         reason, subject_ids, resource_types, resource_ids, resource_count, hash)
       select $1, n, gen_random_uuid(), now(), 'read', '', '', case when n > 2 then 'ok' else 'failed' end, '',
         array[$2::uuid], '{}', '{}', 0, '' from generate_series(1, 11000) n`,
      [tenantId, subject],
    );
    const eve = { tenantId, projectId, isOfTenant: true };
    const filter = { userId: "eve", code: "failed" };
    const asked = vi.spyOn(pg.Client.prototype, "query");
    const first = await store.list(eve, { filter, pageSize: 5, pageToken: "" });
    // Each such question sorts all that there is of her, so a page asks one.
    const names = asked.mock.calls.map(([query]) => (query as { name?: string }).name);
    asked.mockRestore();
    expect(names.filter((name) => name === "audit_places_of_user")).toHaveLength(1);
    expect(names.filter((name) => name === "list_audit_events_of_places_code")).toHaveLength(10);
    expect(first.events).toEqual([]);
    const second = await store.list(eve, { filter, pageSize: 5, pageToken: first.nextPageToken });
    expect(second.events.map(({ sequence }) => sequence)).toEqual([2, 1]);
    expect(second.nextPageToken).toBe("");
    const all = await store.list(eve, { filter: { userId: "eve" }, pageSize: 250, pageToken: "" });
    expect(all.events.map(({ sequence }) => sequence).at(-1)).toBe(10_751);
    expect(all.nextPageToken).not.toBe("");
  });

  it("shows a key of one project that project's alone", async () => {
    const own = { ...reader, isOfTenant: false };
    expect(await listed({}, own)).toEqual(["DeleteMemory", "GetMemory"]);
    expect(await listed({ resourceId: MEMORY }, own)).toEqual(["GetMemory"]);
    expect(await listed({}, { ...own, projectId: OTHER_PROJECT })).toEqual(["Search"]);
  });

  it("shows another tenant nothing, whatever it asks for", async () => {
    const other = { ...(await record.provision()), isOfTenant: true };
    for (const filter of [{}, { resourceId: MEMORY }, { userId: "ada" }, { apiKeyId: KEY }]) {
      expect(await listed(filter, other)).toEqual([]);
    }
  });
});

describe("a stream", () => {
  const sequences = async (by: AuditReader, after = 0) => {
    const found: number[] = [];
    const { signal } = new AbortController();
    const growth = createTrailGrowth({ audit: store });
    for await (const event of streamEvents({ audit: store, growth }, by, { after, untilNow: true }, signal)) {
      found.push(event.sequence);
    }
    return found;
  };

  it("is of all events behind a place, or of those of a key's own project", async () => {
    expect(await sequences(reader)).toEqual([1, 2, 3, 4]);
    expect(await sequences(reader, 2)).toEqual([3, 4]);
    expect(await sequences({ ...reader, isOfTenant: false, projectId: OTHER_PROJECT })).toEqual([3]);
  });

  it("waits for what comes", async () => {
    const stop = new AbortController();
    const from = { after: 4, untilNow: false };
    const growth = createTrailGrowth({ audit: store });
    const stream = streamEvents({ audit: store, growth }, reader, from, stop.signal);
    const next = stream.next();
    await keep("memory.v1.MemoryService/ListMemories");
    await audit.settle(record.tenant.tenantId);
    expect((await next).value).toMatchObject({ sequence: 5 });
    const waiting = stream.next();
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });

  it("waits with all others of its tenant: one looks for them, whoever leaves", async () => {
    const tenant = { ...(await record.provision()), isOfTenant: true };
    let looks = 0;
    let reads = 0;
    const counting = {
      lastOf: (tenantId: string) => {
        looks += 1;
        return store.lastOf(tenantId);
      },
      since: (...asked: Parameters<typeof store.since>) => {
        reads += 1;
        return store.since(...asked);
      },
    };
    const growth = createTrailGrowth({ audit: counting, lookMs: 20 });
    const stops = Array.from({ length: 20 }, () => new AbortController());
    const streams = stops.map(({ signal }) =>
      streamEvents({ audit: counting, growth }, tenant, { after: 0, untilNow: false }, signal),
    );
    const [first, ...others] = streams.map((stream) => stream.next());
    await vi.waitFor(() => expect(looks).toBeGreaterThan(5));
    expect(reads).toBe(20);
    stops[0]?.abort();
    await expect(first).rejects.toThrow();
    const { event } = new CallAudit({
      action: "mneme.search.v1.SearchService/Search",
      actor: { apiKeyId: KEY, subjectId: "", service: "" },
      projectId: tenant.projectId,
      requestId: "later",
    }).draft({ code: "ok", reason: "" });
    await createAuditInbox(record.database.pool).note(tenant.tenantId, event);
    await audit.settle(tenant.tenantId);
    for (const next of others) expect((await next).value).toMatchObject({ sequence: 1 });
    expect(reads).toBe(39);
    for (const stream of streams) await stream.return(undefined);
  });
});
