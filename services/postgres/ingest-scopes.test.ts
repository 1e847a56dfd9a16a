import { randomUUID } from "node:crypto";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { DAY_MS } from "@mneme/core/time/day.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createExtractionStore } from "./extraction-store.ts";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createSearchStore } from "./search-store.ts";
import { acceptDrafts, acceptTurns, readBucketOf, workBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const COACH = { userId: "ada", agentId: "coach" };
const CHEF = { userId: "ada", agentId: "chef" };
describe("one person through several agents and sessions", () => {
  let record: TestRecord;
  beforeAll(async () => {
    record = await openTestRecord("scopes");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const countsOf = async (extractionId: string) =>
    (await createExtractionStore(record.database).get(record.tenant, extractionId)).counts;
  /** Stores drafts. @returns what became of them. */
  const keep = async (scope: Scope, ...drafts: (string | MemoryDraft)[]) => {
    const whole = drafts.map((draft) => (typeof draft === "string" ? draftOf(draft) : draft));
    const extractionId = await acceptDrafts(record, record.tenant, scope, whole);
    await workBucketOf(record, record.tenant.tenantId, extractionId);
    const { added, unchanged } = await countsOf(extractionId);
    return { added, unchanged };
  };
  const list = async (scope: Scope) => {
    const listing = { kinds: [], categories: [], showSuperseded: false, pageSize: 50, pageToken: "" };
    return (await createMemoryStore(record.database).list(record.tenant, { scope, ...listing })).memories;
  };
  const textsOf = async (scope: Scope) => (await list(scope)).map(({ text }) => text).sort();
  const say = (scope: Scope, ...texts: string[]) =>
    acceptTurns(record, record.tenant, scope, texts, new Date("2026-05-01T00:00:00Z"));
  const workAll = (extractionId: string, extract?: IngestDeps["extractor"]["extract"]) =>
    readBucketOf(record, record.tenant.tenantId, extractionId, extract);

  it("keeps what is said to another agent as a memory of its own, found in that scope", async () => {
    expect(await keep(COACH, "Ada is vegan.")).toEqual({ added: 1, unchanged: 0 });
    expect(await keep(CHEF, "Ada is vegan.")).toEqual({ added: 1, unchanged: 0 });
    expect(await keep(CHEF, "ada is vegan")).toEqual({ added: 0, unchanged: 1 });
    expect(await textsOf(CHEF)).toEqual(["Ada is vegan."]);
    expect(await textsOf({ userId: "ada" })).toEqual(["Ada is vegan.", "Ada is vegan."]);
  });

  it("shows a source in the scope that it was said in only", async () => {
    const [told] = await list(COACH);
    expect(told?.sources).toHaveLength(1);
    const [cooked] = await list(CHEF);
    expect(cooked?.sources).toHaveLength(2);
  });

  it("keeps away what one agent's user deleted, and nothing of another's", async () => {
    const early = await acceptDrafts(record, record.tenant, COACH, [draftOf("Ada rows at dawn.")]);
    const elsewhere = await acceptDrafts(record, record.tenant, CHEF, [draftOf("Ada rows at dawn.")]);
    await workBucketOf(record, record.tenant.tenantId, early);
    const [rows] = (await list(COACH)).filter(({ text }) => text.includes("dawn"));
    const request = { rpc: "DeleteMemory", requestId: randomUUID(), body: new Uint8Array() };
    await createMemoryStore(record.database).delete(
      record.tenant,
      [{ memoryId: rows?.id ?? "", etag: "" }],
      request,
    );
    expect(await keep(COACH, "Ada rows at dawn.")).toEqual({ added: 0, unchanged: 0 });
    expect(await countsOf(elsewhere)).toMatchObject({ added: 1 });
    expect(await textsOf(CHEF)).toContain("Ada rows at dawn.");
  });

  it("finds one memory in every session that it was said in", async () => {
    const [first, second] = ["one", "two"].map((sessionId) => ({ userId: "bob", sessionId }));
    if (!first || !second) throw new Error("two sessions");
    expect(await keep(first, "Bob sails.", "Bob sings.")).toEqual({ added: 2, unchanged: 0 });
    expect(await keep(second, "Bob sails.")).toEqual({ added: 0, unchanged: 1 });
    expect(await textsOf(first)).toEqual(["Bob sails.", "Bob sings."]);
    expect(await textsOf(second)).toEqual(["Bob sails."]);
    expect(await textsOf({ userId: "bob" })).toEqual(["Bob sails.", "Bob sings."]);
    const [sails] = await list(second);
    const search = createSearchStore(record.database);
    const { ids } = (await search.resolve(record.tenant, second)) ?? {};
    if (!ids || !sails) throw new Error("the session is not known");
    const refs = [{ memoryId: sails.id, version: 1 }];
    const hydrated = await search.hydrate(record.tenant, ids, refs, { asOf: undefined, knownAt: undefined });
    expect(hydrated.map(({ text }) => text)).toEqual(["Bob sails."]);
    expect((await search.recent(record.tenant, ids, 5)).map(({ text }) => text)).toEqual(["Bob sails."]);
    const { rows } = await record.admin.query<{ sessions: number }>(
      "select count(*)::integer as sessions from mneme.memory_sessions where memory_id = $1",
      [sails.id],
    );
    expect(rows).toEqual([{ sessions: 2 }]);
  });

  it("reads each agent's turns apart, in order, with its own context and summary", async () => {
    const person = { userId: "cleo" };
    await say({ ...person, agentId: "therapist" }, "I was diagnosed with asthma.");
    await say({ ...person, agentId: "shop" }, "I need a filter.");
    const { extraction } = await say({ ...person, agentId: "therapist" }, "It frightens me.");
    const summarise: IngestDeps["extractor"]["extract"] = async ({ turns, summary }) => {
      return { statements: [], dropped: [], summary: `${summary}${turns.map(({ text }) => text)}` };
    };
    const { read } = await workAll(extraction.id, summarise);
    expect(read).toEqual([
      { turns: ["I was diagnosed with asthma."], context: [], summary: "" },
      { turns: ["I need a filter."], context: [], summary: "" },
      {
        turns: ["It frightens me."],
        context: ["I was diagnosed with asthma."],
        summary: "I was diagnosed with asthma.",
      },
    ]);
  });

  it("adds anew what is over, expired, or given for another time", async () => {
    const person = { userId: "dora" };
    const now = Date.now();
    const live = draftOf("Dora lives in Paris.");
    const past = { validFrom: new Date(now - 9 * DAY_MS), validTo: new Date(now - DAY_MS) };
    const passing = draftOf("Dora is away.", { expiresAt: new Date(now + DAY_MS) });
    expect(await keep(person, { ...live, ...past }, passing)).toEqual({ added: 2, unchanged: 0 });
    expect(await keep(person, { ...live, ...past })).toEqual({ added: 0, unchanged: 1 });
    expect(await keep(person, live)).toEqual({ added: 1, unchanged: 0 });
    expect(await keep(person, live)).toEqual({ added: 0, unchanged: 1 });
    expect(await keep(person, draftOf("Dora is away."))).toEqual({ added: 1, unchanged: 0 });
    expect(await keep(person, passing)).toEqual({ added: 0, unchanged: 1 });
  });

  it("lets nobody wait behind all that somebody else has brought", async () => {
    const drafts = Array.from({ length: 300 }, (_, i) => draftOf(`Jo counts to ${i}.`));
    const flood = await streamOf(await acceptDrafts(record, record.tenant, { userId: "jo" }, drafts));
    const others: string[] = [];
    while (others.length === 0) {
      const { extraction } = await say({ userId: `kit-${randomUUID()}` }, "I knit.");
      const other = await streamOf(extraction.id);
      if (other?.bucket === flood?.bucket) others.push(other?.streamId ?? "");
    }
    const target = { tenantId: record.tenant.tenantId, bucket: flood?.bucket ?? 0 };
    const batches = await createIngestStore(record.database).load(target, { limit: 100, exclude: [] });
    expect(batches[0]?.streamId).toBe(flood?.streamId);
    expect(batches.map(({ streamId }) => streamId)).toContain(others[0]);
  });

  it("works finished statements to many agents together", async () => {
    const drafts = ["Ida skates.", "Ida skis."].map((text) => draftOf(text));
    const accepted: string[] = [];
    for (const agentId of ["a", "b", "a", "b"]) {
      accepted.push(await acceptDrafts(record, record.tenant, { userId: "ida", agentId }, drafts));
    }
    const stream = await streamOf(accepted[0] ?? "");
    const batch = await loadBatch(stream?.streamId ?? "", stream?.bucket ?? 0);
    expect(batch?.pending).toHaveLength(8);
    await workBucketOf(record, record.tenant.tenantId, accepted[0] ?? "");
    for (const agentId of ["a", "b"]) {
      expect(await textsOf({ userId: "ida", agentId })).toEqual(["Ida skates.", "Ida skis."]);
    }
  });

  const streamOf = async (extractionId: string) => {
    const { rows } = await record.admin.query<{ streamId: string; audience: string; bucket: number }>(
      `select stream_id as "streamId", audience, bucket from mneme.messages where extraction_id = $1 limit 1`,
      [extractionId],
    );
    return rows[0];
  };
  const loadBatch = async (streamId: string, bucket: number) => {
    const target = { tenantId: record.tenant.tenantId, bucket };
    const batches = await createIngestStore(record.database).load(target, { limit: 100, exclude: [] });
    return batches.find((batch) => batch.streamId === streamId);
  };
});
