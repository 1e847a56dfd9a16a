import { randomUUID } from "node:crypto";
import type { AuditFilter, AuditReader } from "@mneme/core/audit/audit-store.ts";
import { streamEvents } from "@mneme/core/audit/stream-events.ts";
import { createTrailGrowth } from "@mneme/core/audit/trail-growth.ts";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createAuditStore } from "./audit-store.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const EVENTS = 45_000;
/** One a second, in their order, but for the last: it was put there late. */
const BEGIN = Date.parse("2026-01-01T00:00:00Z");
const timeOf = (sequence: number) => new Date(BEGIN + sequence * 1_000);
const RARE = randomUUID();
const SMALL_PROJECT = randomUUID();

let record: TestRecord;
let store: ReturnType<typeof createAuditStore>;
let reader: AuditReader;

beforeAll(async () => {
  record = await openTestRecord("auditlook");
  store = createAuditStore(record.database);
  reader = { ...record.tenant, isOfTenant: true };
  await record.admin.query(
    `insert into mneme.audit_events (tenant_id, sequence, event_id, occurred_at, action, service, request_id, code,
       reason, subject_ids, resource_types, resource_ids, resource_count, hash, project_id, api_key_id)
     select $1, n, gen_random_uuid(), $2::timestamptz + case n when $3 then 100 else n end * interval '1 second', 'read',
       '', '', case n when 7 then 'failed' else 'ok' end, '', '{}', '{}', '{}', 0, '',
       case when n in (5, 30000) then $4::uuid else $5::uuid end, case n when 30001 then $6::uuid end
     from generate_series(1, $3::int) n`,
    [reader.tenantId, new Date(BEGIN), EVENTS, SMALL_PROJECT, reader.projectId, RARE],
  );
  await record.admin.query("vacuum analyze mneme.audit_events");
});
afterAll(() => record?.[Symbol.asyncDispose]());

interface Plan {
  readonly "Relation Name"?: string;
  readonly "Actual Rows": number;
  readonly "Rows Removed by Filter"?: number;
  readonly Plans?: readonly Plan[];
}

const rowsOf = (plan: Plan): number =>
  (plan["Relation Name"] ? plan["Actual Rows"] + (plan["Rows Removed by Filter"] ?? 0) : 0) +
  (plan.Plans ?? []).reduce((sum, part) => sum + rowsOf(part), 0);

/** Rows that `work` makes the record look at: what it asks is asked again, behind the same fence, for the plan. */
async function costOf<T>(work: () => Promise<T>): Promise<{ answer: T; looked: number }> {
  const asked = vi.spyOn(pg.Client.prototype, "query");
  const answer = await work();
  const queries = asked.mock.calls.map(([query]) => query as unknown as string | pg.QueryConfig);
  asked.mockRestore();
  const client = await record.database.pool.connect();
  let looked = 0;
  try {
    for (const query of queries) {
      if (typeof query === "string") {
        await client.query(query);
        continue;
      }
      const text = `explain (analyze, format json) ${query.text}`;
      const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Plan }] }>(text, query.values);
      looked += rowsOf(rows[0]?.["QUERY PLAN"][0].Plan as Plan);
    }
  } finally {
    client.release();
  }
  return { answer, looked };
}

/** Pages until there is no other, of up to five events each. */
async function pagesOf(filter: AuditFilter, by: AuditReader = reader): Promise<number[][]> {
  const pages: number[][] = [];
  let pageToken = "";
  do {
    const page = await store.list(by, { filter, pageSize: 5, pageToken });
    pages.push(page.events.map(({ sequence }) => sequence));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return pages;
}

const firstPage =
  (filter: AuditFilter, by: AuditReader = reader) =>
  () =>
    store.list(by, { filter, pageSize: 5, pageToken: "" });

it.each<{ of: string; filter: AuditFilter; pages: number[][] }>([
  { of: "an outcome", filter: { code: "failed" }, pages: [[], [], [7]] },
  { of: "a key", filter: { apiKeyId: RARE }, pages: [[30_001], [], []] },
  { of: "an RPC that nobody called", filter: { action: "write" }, pages: [[], [], []] },
])("looks for $of through a part of the trail a page, and says where to go on", async ({ filter, pages }) => {
  expect(await pagesOf(filter)).toEqual(pages);
  // Twice 20,000: where the look ends, and what is in it.
  expect((await costOf(firstPage(filter))).looked).toBeLessThanOrEqual(40_001);
});

it("looks through a part a page for a small project's auditor too", async () => {
  const own = { ...reader, projectId: SMALL_PROJECT, isOfTenant: false };
  expect(await pagesOf({}, own)).toEqual([[30_000], [], [5]]);
  expect((await costOf(firstPage({}, own))).looked).toBeLessThanOrEqual(40_001);
});

it("looks at nothing outside the times that are asked for", async () => {
  const lately = await costOf(firstPage({ after: timeOf(EVENTS - 3) }));
  expect(lately.answer.events.map(({ sequence }) => sequence)).toEqual([44_999, 44_998, 44_997]);
  expect(lately.answer.nextPageToken).toBe("");
  expect(lately.looked).toBeLessThan(10);
  const between = { after: timeOf(20_000), before: timeOf(20_003) };
  const then = await costOf(firstPage(between));
  expect(then.answer.events.map(({ sequence }) => sequence)).toEqual([20_002, 20_001, 20_000]);
  expect(then.looked).toBeLessThan(10);
  const none = await costOf(firstPage({ ...between, code: "failed" }));
  expect(none.answer).toEqual({ events: [], nextPageToken: "" });
  expect(none.looked).toBeLessThan(10);
});

it("lists by time what was put into the trail late", async () => {
  const filter = { after: timeOf(98), before: timeOf(103) };
  expect(await pagesOf(filter)).toEqual([[102, 101, EVENTS, 100, 99], [98]]);
});

it("streams a part of the trail at a time to a small project's auditor", async () => {
  const own = { ...reader, projectId: SMALL_PROJECT, isOfTenant: false };
  const { answer, looked } = await costOf(() => store.since(own, 5, 10));
  expect(answer).toEqual({ events: [], lookedTo: 20_005 });
  expect(looked).toBeLessThanOrEqual(20_001);
  const found: number[] = [];
  const growth = createTrailGrowth({ audit: store });
  const { signal } = new AbortController();
  const from = { after: 0, untilNow: true };
  for await (const event of streamEvents({ audit: store, growth }, own, from, signal))
    found.push(event.sequence);
  expect(found).toEqual([5, 30_000]);
});
