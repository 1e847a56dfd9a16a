import type { MemoryDraft } from "@mneme/core/memory/memory.ts";
import { plainDraft } from "@mneme/core/memory/plain-draft.ts";
import type { RetentionSettings } from "@mneme/core/tenancy/settings.ts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import type { Provisioned } from "./provision.ts";
import { setOnProject } from "./testing/administrator.ts";
import { acceptDrafts, acceptTurns, readBucketOf, seedMemories, workBucketOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("make_room");
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const retain = (retention: RetentionSettings) => setOnProject(record, tenant, { retention });
const worth = (text: string, importance: number, members: Partial<MemoryDraft> = {}) =>
  plainDraft(text, { importance, ...members });
const seed = (userId: string, ...drafts: (MemoryDraft | string)[]) =>
  seedMemories(record, tenant, { userId }, drafts);
const listing = { kinds: [], categories: [], showSuperseded: false, pageSize: 250, pageToken: "" };
const held = async (userId: string, showArchived = false) => {
  const { memories } = await createMemoryStore(record.database).list(tenant, {
    ...listing,
    scope: { userId },
    showArchived,
  });
  return memories.map(({ text }) => text).sort();
};

it("lets the weakest of a person leave for the archive when there is no room, and nobody else's", async () => {
  await retain({ memoriesPerScope: 3 });
  await seed("bo", "Bo rows.", "Bo sails.");
  await seed("ada", worth("Ada rows.", 0.9), worth("Ada sails.", 0.1), worth("Ada has two dogs.", 0.5));
  expect(await held("ada")).toHaveLength(3);
  const [, , , reads] = await seed("ada", worth("Ada reads.", 0.3), worth("Ada sews.", 0.05));
  expect(reads).toBeUndefined();
  expect(await held("ada")).toEqual(["Ada has two dogs.", "Ada reads.", "Ada rows."]);
  expect(await held("ada", true)).toHaveLength(5);
  expect(await held("bo")).toEqual(["Bo rows.", "Bo sails."]);
  const [memory] = await seed("ada", worth("Ada sails.", 0.1));
  expect(memory?.archived?.reason).toBe("full");
  const { rows } = await record.admin.query(
    "select distinct action from mneme.audit_inbox where tenant_id = $1 and service = 'ingest'",
    [tenant.tenantId],
  );
  expect(rows).toEqual([{ action: "full/archived" }]);
});

it("reads as many as there are too many, however many there are", async () => {
  const texts = Array.from({ length: 12 }, (_, i) => worth(`Ada owns boat ${i}.`, 0.2 + i / 20));
  await seed("ada", ...texts);
  await retain({ memoriesPerScope: 12 });
  const asked = vi.spyOn(pg.Client.prototype, "query");
  await seed("ada", worth("Ada rows.", 0.9), worth("Ada sails.", 0.05));
  const results = asked.mock.results.filter((_, i) => {
    const [query] = asked.mock.calls[i] as unknown as [{ readonly name?: string }];
    return query?.name === "held_of_stream";
  });
  const read = await Promise.all(results.map(async ({ value }) => (await value).rows.length));
  asked.mockRestore();
  expect(read).toEqual([2]);
  const left = await held("ada");
  expect(left).toHaveLength(12);
  expect(left).not.toContain("Ada sails.");
  expect(left).not.toContain("Ada owns boat 0.");
});

it("removes them where the project says so; they may be learnt again", async () => {
  await retain({ memoriesPerScope: 1, whenFull: "remove" });
  await seed("ada", worth("Ada rows.", 0.9), worth("Ada sails.", 0.1));
  expect(await held("ada", true)).toEqual(["Ada rows."]);
  await retain({});
  await seed("ada", worth("Ada sails.", 0.1));
  expect(await held("ada")).toEqual(["Ada rows.", "Ada sails."]);
});

it("keeps of a category the newest alone, by when they were said", async () => {
  await retain({ mostRecent: [{ category: "Meals", keep: 2 }] });
  const accepted = async (text: string, day: string) => {
    const { extraction } = await acceptTurns(record, tenant, { userId: "ada" }, [text], new Date(day));
    await readBucketOf(record, tenant.tenantId, extraction.id, async ({ turns }) => ({
      statements: turns.map(({ messageId, text: said }) => ({
        text: said,
        embeddingText: said,
        kind: "episodic",
        category: "meals",
        confidence: 1,
        importance: 0.5,
        origin: "stated",
        entities: [],
        relations: [],
        sources: [{ messageId, start: 0, end: said.length }],
        valid: { from: undefined, to: undefined },
      })),
      dropped: [],
      summary: undefined,
    }));
  };
  await seed("ada", plainDraft("Ada rows.", { category: "hobbies" }));
  await accepted("Ada ate soup.", "2026-05-03");
  await accepted("Ada ate fish and chips by the sea.", "2026-05-02");
  await accepted("Ada ate a whole melon.", "2026-05-01");
  expect(await held("ada")).toEqual(["Ada ate fish and chips by the sea.", "Ada ate soup.", "Ada rows."]);
  await accepted("Ada ate one of the plums.", "2026-05-04");
  expect(await held("ada")).toEqual(["Ada ate one of the plums.", "Ada ate soup.", "Ada rows."]);
});

it("has no more than there is room for, however many write at once", async () => {
  await retain({ memoriesPerScope: 5 });
  const batches = await Promise.all(
    Array.from({ length: 6 }, (_, batch) =>
      acceptDrafts(
        record,
        tenant,
        { userId: "ada", agentId: `agent-${batch % 2}` },
        Array.from({ length: 4 }, (_, i) => plainDraft(`Ada noted the item ${batch}/${i}.`)),
      ),
    ),
  );
  await Promise.all(batches.map((id) => workBucketOf(record, tenant.tenantId, id)));
  expect(await held("ada")).toHaveLength(5);
  expect(await held("ada", true)).toHaveLength(24);
});
