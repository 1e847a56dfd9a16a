import { randomUUID } from "node:crypto";
import type { Rating } from "@mneme/core/feedback/feedback.ts";
import { feedbackFactor } from "@mneme/core/feedback/feedback-factor.ts";
import type { GivenFeedback } from "@mneme/core/feedback/feedback-store.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMaintenance } from "../maintenance.ts";
import { createMemoryStore } from "../memory-store.ts";
import { createSearchStore } from "../search-store.ts";
import { seedMemories } from "../testing/memories.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { createFeedbackStore } from "./feedback-store.ts";

let record: TestRecord;
let key: Tenancy;
beforeAll(async () => {
  record = await openTestRecord("feedback");
  const { tenantId, projectId } = record.tenant;
  key = { tenantId, projectId, reach: { principals: [randomUUID(), projectId] } };
});
afterAll(() => record?.[Symbol.asyncDispose]());

const store = () => createFeedbackStore(record.database);
const write = (rpc = "GiveFeedback") => ({ rpc, requestId: randomUUID(), body: new Uint8Array() });
const seed = async (scope: Scope, text = `Fact ${randomUUID()}.`): Promise<Memory> => {
  const [memory] = await seedMemories(record, record.tenant, scope, [text]);
  if (!memory) throw new Error("no memory was made");
  return memory;
};
const give = (
  { id: memoryId }: Memory,
  rating: Rating | undefined,
  scope: Scope | undefined,
  members: Partial<GivenFeedback> = {},
  tenancy = key,
) => {
  const given = { scope, memoryId, rating, comment: "", searchId: undefined, ...members };
  return store().give(tenancy, given, write());
};

/** What a search in a scope multiplies a memory's score with. */
async function factorIn(scope: Scope, { id }: Memory, tenancy = key): Promise<number> {
  const search = createSearchStore(record.database);
  const found = await search.resolve(tenancy, scope);
  if (!found) throw new Error("the scope is not known");
  const said = (await search.opinions(tenancy, found.ids, [id])).get(id);
  expect(found.hasFeedback || said === undefined).toBe(true);
  return said ? feedbackFactor(said) : 1;
}

const age = (memory: Memory, days: number) =>
  record.admin.query(
    "update mneme.feedback set given_at = now() - make_interval(days => $2) where memory_id = $1",
    [memory.id, days],
  );
const subjectOf = async (userId: string) => {
  const found = await createSearchStore(record.database).resolve(key, { userId });
  if (!found?.ids.subject) throw new Error("nobody");
  return found.ids.subject;
};

describe("what a person says of a memory of their own", () => {
  const ada = { userId: "ada" };

  it("moves it, and the last word counts, however often it is said", async () => {
    const memory = await seed(ada);
    expect(await factorIn(ada, memory)).toBe(1);
    for (const [rating, factor] of [
      ["negative", 0.85],
      ["very_negative", 0.7],
      ["positive", 1.2],
    ] as const) {
      await give(memory, rating, ada);
      expect(await factorIn(ada, memory)).toBeCloseTo(factor, 3);
    }
    await give(memory, undefined, ada);
    expect(await factorIn(ada, memory)).toBe(1);
  });

  it("stays within the bounds after a thousand repeats", async () => {
    const memory = await seed(ada);
    const repeat = async (from: number) => {
      for (let i = from; i < 1_000; i += 8) await give(memory, "very_negative", ada);
    };
    await Promise.all(Array.from({ length: 8 }, (_, i) => repeat(i)));
    expect(await factorIn(ada, memory)).toBeGreaterThanOrEqual(0.7);
    await give(memory, "negative", ada);
    expect(await factorIn(ada, memory)).toBeCloseTo(0.85, 3);
    const { items } = await store().list(key, { memoryId: memory.id, pageSize: 50, pageToken: "" });
    expect(items).toHaveLength(1);
  }, 120_000);

  it("fades: half is left after 90 days", async () => {
    const memory = await seed(ada);
    await give(memory, "very_negative", ada);
    await age(memory, 90);
    expect(await factorIn(ada, memory)).toBeCloseTo(0.85, 4);
    await age(memory, 36_000);
    expect(await factorIn(ada, memory)).toBeCloseTo(1, 6);
  });

  it("adds to what the application says", async () => {
    const memory = await seed(ada);
    await give(memory, "positive", undefined);
    await give(memory, "negative", ada);
    expect(await factorIn(ada, memory)).toBeCloseTo(1.05, 3);
  });

  it("is nobody else's to say: for others there is no such memory, and nobody is made for it", async () => {
    const memory = await seed(ada);
    for (const userId of [`stranger ${randomUUID()}`, "eve"]) {
      if (userId === "eve") await seed({ userId });
      await expect(give(memory, "negative", { userId })).rejects.toMatchObject({
        reason: "MEMORY_NOT_FOUND",
      });
    }
    expect(await createSearchStore(record.database).resolve(key, { userId: "stranger" })).toBeUndefined();
    expect(await factorIn(ada, memory)).toBe(1);
  });
});

describe("what people say of a shared memory", () => {
  const guide = { agentId: "guide" };

  it("moves their own ranking fully, and that of others within narrower bounds", async () => {
    const memory = await seed(guide);
    await seed({ userId: "cleo" });
    await give(memory, "very_negative", { userId: "cleo" });
    expect(await factorIn({ userId: "cleo" }, memory)).toBeCloseTo(0.7, 3);
    expect(await factorIn(guide, memory)).toBeCloseTo(0.925, 3);
    // Whom nobody knew before.
    await give(memory, "very_negative", { userId: `new ${randomUUID()}` });
    expect(await factorIn(guide, memory)).toBeCloseTo(0.85, 3);
    await give(memory, "positive", undefined);
    expect(await factorIn(guide, memory)).toBeCloseTo(1.05, 3);
  });

  it("counts for a user's token, which sees nothing of it itself", async () => {
    const memory = await seed(guide);
    await seed({ userId: "dora" });
    await give(memory, "negative", { userId: "dora" }, { comment: "dora's words" });
    await seed({ userId: "finn" });
    const subject = await subjectOf("finn");
    const token = { ...key, reach: { principals: [subject.id], subject } };
    expect(await factorIn({ userId: "finn" }, memory, token)).toBeCloseTo(0.9625, 3);
    const listing = { memoryId: memory.id, pageSize: 50, pageToken: "" };
    expect((await store().list(token, listing)).items).toEqual([]);
    await expect(give(memory, "positive", { userId: "dora" }, {}, token)).rejects.toMatchObject({
      reason: "MEMORY_NOT_FOUND",
    });
  });

  it("of a team is said, and read, by whoever a grant lets read it", async () => {
    const { tenantId } = key;
    const memory = await seed({ teamId: "crew" });
    const outsider = { ...key, reach: { principals: [randomUUID()] } };
    await expect(give(memory, "negative", undefined, {}, outsider)).rejects.toMatchObject({
      reason: "MEMORY_NOT_FOUND",
    });
    const { rows } = await record.admin.query<{ team_id: string }>(
      "select team_id from mneme.memories where id = $1",
      [memory.id],
    );
    await record.admin.query("insert into mneme.teams (tenant_id, id, name_ct) values ($1, $2, '')", [
      tenantId,
      rows[0]?.team_id,
    ]);
    const [grantee] = outsider.reach.principals;
    await record.admin.query(
      `insert into mneme.grants (tenant_id, id, team_id, grantee_kind, grantee_id, access)
       values ($1, $2, $3, 'api_key', $4, 'read')`,
      [tenantId, randomUUID(), rows[0]?.team_id, grantee],
    );
    await give(memory, "negative", undefined, {}, outsider);
    const listing = { memoryId: memory.id, pageSize: 1, pageToken: "" };
    expect((await store().list(outsider, listing)).items).toHaveLength(1);
    expect((await store().list(key, listing)).items).toEqual([]);
  });
});

describe("what a person told a team", () => {
  it("is rated by whom a grant lets read it, and by nobody else", async () => {
    const { tenantId } = key;
    const memory = await seed({ userId: "xan", teamId: "field" });
    await seed({ userId: "wes" });
    await seed({ userId: "eli" });
    const wes = await subjectOf("wes");
    const { rows } = await record.admin.query<{ team_id: string }>(
      "select team_id from mneme.memories where id = $1",
      [memory.id],
    );
    const teamId = rows[0]?.team_id;
    const insert = (text: string, values: readonly unknown[]) => record.admin.query(text, [...values]);
    await insert("insert into mneme.teams (tenant_id, id, name_ct) values ($1, $2, '')", [tenantId, teamId]);
    await insert(
      `insert into mneme.grants (tenant_id, id, team_id, grantee_kind, grantee_id, access)
       values ($1, $2, $3, 'user', $4, 'read')`,
      [tenantId, randomUUID(), teamId, wes.id],
    );
    await give(memory, "positive", { userId: "wes" });
    expect(await factorIn({ userId: "wes" }, memory)).toBeCloseTo(1.2, 3);
    await expect(give(memory, "negative", { userId: "eli" })).rejects.toMatchObject({
      reason: "MEMORY_NOT_FOUND",
    });
  });
});

describe("feedback", () => {
  it("is kept once a request, and refused where the request is another", async () => {
    const memory = await seed({ userId: "gus" });
    const request = write();
    const given = {
      scope: { userId: "gus" },
      memoryId: memory.id,
      rating: "positive" as const,
      comment: "",
      searchId: undefined,
    };
    await store().give(key, given, request);
    await give(memory, "negative", { userId: "gus" });
    await store().give(key, given, request);
    expect(await factorIn({ userId: "gus" }, memory)).toBeCloseTo(0.85, 3);
    const other = { ...request, body: new Uint8Array([1]) };
    await expect(store().give(key, given, other)).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
  });

  it("is listed newest first with who said what, page by page, and sealed", async () => {
    const memory = await seed({ appId: "notes" });
    const searchId = randomUUID();
    await give(memory, "positive", undefined, { comment: "plainly useful" });
    await give(memory, "negative", { userId: "hal" }, { comment: "of another hal", searchId });
    const first = await store().list(key, { memoryId: memory.id, pageSize: 1, pageToken: "" });
    expect(first.items).toMatchObject([
      { memoryId: memory.id, rating: "negative", comment: "of another hal", userId: "hal", searchId },
    ]);
    const listing = { memoryId: memory.id, pageSize: 1, pageToken: first.nextPageToken };
    const second = await store().list(key, listing);
    expect(second).toMatchObject({
      items: [{ comment: "plainly useful", userId: undefined }],
      nextPageToken: "",
    });
    await expect(store().list(key, { ...listing, memoryId: undefined })).rejects.toMatchObject({
      reason: "PAGE_TOKEN_INVALID",
    });
    const { rows } = await record.admin.query("select * from mneme.feedback");
    expect(JSON.stringify(rows)).not.toContain("useful");
    for (const { comment_ct } of rows) expect(String(comment_ct)).not.toContain("useful");
  });

  it("goes with the memory, and with the person", async () => {
    const shared = await seed({ appId: "notes" });
    const own = await seed({ userId: "ida" });
    await give(shared, "negative", { userId: "ida" });
    await give(own, "negative", { userId: "ida" });
    await createMemoryStore(record.database).delete(
      key,
      [{ memoryId: own.id, etag: "" }],
      write("DeleteMemory"),
    );
    const left = async () => {
      const { rows } = await record.admin.query<{ memory_id: string }>(
        "select memory_id from mneme.feedback where memory_id = any ($1)",
        [[shared.id, own.id]],
      );
      return rows.map(({ memory_id }) => memory_id);
    };
    expect(await left()).toEqual([shared.id]);
    const { id } = await subjectOf("ida");
    await record.admin.query("update mneme.subjects set state = 'fenced' where id = $1", [id]);
    expect(await factorIn({ appId: "notes" }, shared)).toBe(1);
    expect((await store().list(key, { memoryId: shared.id, pageSize: 5, pageToken: "" })).items).toEqual([]);
    await expect(give(shared, "negative", { userId: "ida" })).rejects.toMatchObject({
      reason: "SUBJECT_FENCED",
    });
    await record.admin.query("delete from mneme.subjects where id = $1", [id]);
    expect(await left()).toEqual([]);
  });

  it("of another tenant or project is neither given nor seen", async () => {
    const memory = await seed({ userId: "jo" });
    await give(memory, "negative", { userId: "jo" });
    const other = await record.provision("other");
    await expect(give(memory, "negative", undefined, {}, other)).rejects.toMatchObject({
      reason: "MEMORY_NOT_FOUND",
    });
    expect((await store().list(other, { memoryId: undefined, pageSize: 5, pageToken: "" })).items).toEqual(
      [],
    );
    const ids = {
      subject: undefined,
      agentId: undefined,
      appId: undefined,
      teamId: undefined,
      sessionId: undefined,
    };
    expect(await createSearchStore(record.database).opinions(other, ids, [memory.id])).toEqual(new Map());
  });
});

describe("a miss", () => {
  const report = (scope: Scope, query: string, members: object = {}) =>
    store().reportMiss(
      key,
      { scope, query, expectedText: "", expectedMemoryId: undefined, searchId: undefined, ...members },
      write("ReportMiss"),
    );
  const list = async () => (await store().listMisses(key, { pageSize: 250, pageToken: "" })).items;

  it("is listed with its question, sealed under its person's key, and goes with the person", async () => {
    await seed({ userId: "kim" });
    const id = await report({ userId: "kim" }, "Where did I park?", { expectedText: "On level 3." });
    const [newest] = await list();
    expect(newest).toMatchObject({
      id,
      query: "Where did I park?",
      expectedText: "On level 3.",
      userId: "kim",
    });
    const { rows } = await record.admin.query("select report_ct from mneme.search_misses where id = $1", [
      id,
    ]);
    expect(String(rows[0]?.report_ct)).not.toContain("park");
    const { id: subjectId } = await subjectOf("kim");
    await record.admin.query("update mneme.subjects set state = 'fenced' where id = $1", [subjectId]);
    expect((await list()).map((miss) => miss.id)).not.toContain(id);
  });

  it("may name a memory that the scope sees, and goes with it", async () => {
    const memory = await seed({ userId: "lea" });
    const id = await report({ userId: "lea" }, "What?", { expectedMemoryId: memory.id });
    expect(await list()).toMatchObject([{ id, expectedMemoryId: memory.id }]);
    await expect(report({ userId: "max" }, "What?", { expectedMemoryId: memory.id })).rejects.toMatchObject({
      reason: "MEMORY_NOT_FOUND",
    });
    await createMemoryStore(record.database).delete(
      key,
      [{ memoryId: memory.id, etag: "" }],
      write("DeleteMemory"),
    );
    expect(await list()).toEqual([]);
  });

  it("is one report, however often the request comes", async () => {
    const request = write("ReportMiss");
    const miss = {
      scope: { agentId: "guide" },
      query: "Once?",
      expectedText: "",
      expectedMemoryId: undefined,
      searchId: undefined,
    };
    const ids = [await store().reportMiss(key, miss, request), await store().reportMiss(key, miss, request)];
    expect(ids[1]).toBe(ids[0]);
    expect((await list()).filter(({ query }) => query === "Once?")).toHaveLength(1);
  });

  it("is shown for 90 days, and then removed", async () => {
    const id = await report({ agentId: "guide" }, "Long ago?");
    const { removeMisses } = createMaintenance(record.database.pool);
    expect(await removeMisses(10)).toBe(0);
    await record.admin.query(
      "update mneme.search_misses set reported_at = now() - interval '91 days' where id = $1",
      [id],
    );
    expect((await list()).map((miss) => miss.id)).not.toContain(id);
    expect(await removeMisses(10)).toBe(1);
  });

  it("gives way to newer ones where a project has 10,000", async () => {
    const oldest = await report({ agentId: "guide" }, "The oldest?");
    const { tenantId, projectId } = key;
    await record.admin.query("delete from mneme.search_misses where id <> $1", [oldest]);
    await record.admin.query(
      `insert into mneme.search_misses (tenant_id, id, project_id, report_ct)
       select $1, gen_random_uuid(), $2, '' from generate_series(1, 9999)`,
      [tenantId, projectId],
    );
    await record.admin.query(
      "update mneme.search_misses set id = '00000000-0000-7000-8000-000000000000' where id = $1",
      [oldest],
    );
    await report({ agentId: "guide" }, "The newest?");
    const { rows } = await record.admin.query<{ count: string; oldest: string }>(
      "select count(*), min(id::text) as oldest from mneme.search_misses",
    );
    expect(rows[0]?.count).toBe("10000");
    expect(rows[0]?.oldest).not.toBe("00000000-0000-7000-8000-000000000000");
  });
});
