import { type ReviewDeps, reviewStale } from "@mneme/core/ageing/review-stale.ts";
import type { ReviewCounts } from "@mneme/core/ageing/review-store.ts";
import { getHistory } from "@mneme/core/memory/history.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { plainDraft } from "@mneme/core/memory/plain-draft.ts";
import type { ReviewRule } from "@mneme/core/tenancy/settings.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAgeingStore } from "./ageing-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createUseStore } from "./memory-uses.ts";
import type { Provisioned } from "./provision.ts";
import { createReviewReports } from "./review-reports.ts";
import { createReviewStore } from "./review-store.ts";
import { requestOf, setOnProject } from "./testing/administrator.ts";
import { makeOlder } from "./testing/age.ts";
import { acceptTurns, readBucketOf, seedMemories, settingsOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("stale_audit");
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const scope = { userId: "ada" };
const ids = (memories: readonly Memory[]) => memories.map(({ id }) => id);
const rules = (...all: ReviewRule[]) => setOnProject(record, tenant, { review: { rules: all } });
const YESTERDAY = new Date(Date.now() - 86_400_000);
/** Told long ago, and due since yesterday. */
async function seedDue(...texts: string[]): Promise<Memory[]> {
  const drafts = texts.map((text) => plainDraft(text, { reviewAt: YESTERDAY, confidence: 0.8 }));
  const memories = await seedMemories(record, tenant, scope, drafts);
  await makeOlder(record, ids(memories), 100);
  return memories;
}
const read = async (memories: readonly Memory[]) =>
  createMemoryStore(record.database).get(tenant, ids(memories));
const use = (memory: Memory | undefined) =>
  createUseStore(record.database.pool).add(tenant.tenantId, [
    { memoryId: memory?.id ?? "", uses: 1, lastUsedAt: new Date() },
  ]);

function deps(between?: () => Promise<void>, looked: number[] = []): ReviewDeps {
  const { pool } = record.database;
  const reviews = createReviewStore(pool);
  return {
    store: createAgeingStore(pool),
    reviews: {
      ...reviews,
      due: async (...page) => {
        const due = await reviews.due(...page);
        looked.push(due.length);
        return due;
      },
      apply: async (...given) => {
        await between?.();
        return reviews.apply(...given);
      },
    },
    settings: settingsOf(record),
    now: () => new Date(),
  };
}

/** Holds all reviews that are due. */
async function review(between?: () => Promise<void>, looked?: number[]): Promise<ReviewCounts> {
  const total = { refreshed: 0, downgraded: 0, archived: 0, removed: 0, left: 0 };
  let cursor: Parameters<typeof reviewStale>[2] | undefined = {};
  while (cursor) {
    const { counts, next } = await reviewStale(deps(between, looked), tenant.tenantId, cursor);
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += counts[name];
    cursor = next;
  }
  return total;
}

const NONE = { refreshed: 0, downgraded: 0, archived: 0, removed: 0, left: 0 };

describe("the stale audit", () => {
  it("changes nothing unless a rule says what", async () => {
    const before = await seedDue("Ada rows.");
    expect(await review()).toEqual(NONE);
    await rules({ days: 30 });
    expect(await review()).toEqual(NONE);
    await rules({ category: "health", days: 30, whenStale: "remove" });
    expect(await review()).toEqual(NONE);
    expect((await read(before)).map(({ version, reviewAt }) => [version, reviewAt])).toEqual([
      [1, YESTERDAY],
    ]);
  });

  it("makes less sure what nobody used, as a version with its own rule, and gives the next date to the others", async () => {
    await rules({ days: 30, whenStale: "downgrade" });
    const [rows, sails] = (await seedDue("Ada rows.", "Ada sails.")) as [Memory, Memory];
    await use(sails);
    expect(await review()).toEqual({ ...NONE, refreshed: 1, downgraded: 1 });
    const [less, same] = await read([rows, sails]);
    expect(less).toMatchObject({
      version: 2,
      confidence: expect.closeTo(0.4),
      extractor: "review",
      rule: "stale",
    });
    expect(same).toMatchObject({ version: 1, confidence: expect.closeTo(0.8) });
    for (const memory of [less, same])
      expect(memory?.reviewAt?.getTime()).toEqual(expect.closeTo(Date.now() + 30 * 86_400_000, -6));
    const { story } = await getHistory({ memories: createMemoryStore(record.database) }, tenant, rows.id);
    expect(story).toMatch(
      /it was changed \(confidence from [\d.]+ to [\d.]+\)\. \[review 1: update by stale\]$/,
    );
    // Held again, nothing is due.
    expect(await review()).toEqual(NONE);
  });

  it("takes the undoing of a summary for nobody's confirmation", async () => {
    await rules({ days: 30, whenStale: "downgrade" });
    const [rows, sails] = (await seedDue("Ada rows.", "Ada sails.")) as [Memory, Memory];
    for (const [{ id }, because] of [
      [rows, "undone"],
      [sails, "by_hand"],
    ] as const) {
      await record.admin.query(
        `insert into mneme.memory_archivings (tenant_id, memory_id, archived_at, reason, restored_at, restored_because)
         values ($1, $2, now() - interval '90 days', 'consolidated', now(), $3)`,
        [tenant.tenantId, id, because],
      );
    }
    expect(await review()).toEqual({ ...NONE, refreshed: 1, downgraded: 1 });
  });

  it("takes it for told once that one add says it twice, and for confirmed that another says it", async () => {
    await rules({ days: 30, whenStale: "downgrade" });
    const say = async (...texts: string[]) => {
      const { extraction } = await acceptTurns(record, tenant, scope, texts, new Date("2026-03-01"));
      await readBucketOf(record, tenant.tenantId, extraction.id, async ({ turns }) => {
        const sources = turns.map(({ messageId, text }) => ({ messageId, start: 0, end: text.length }));
        const statement = { ...plainDraft("Ada rows.", { confidence: 0.8 }), embeddingText: "Ada rows." };
        const found = {
          ...statement,
          sources,
          entities: [],
          relations: [],
          valid: { from: undefined, to: undefined },
        };
        return { statements: [found], dropped: [], summary: undefined };
      });
    };
    await say("I row.", "As I said, I row.");
    const { rows } = await record.admin.query<{ id: string }>(
      "select id from mneme.memories where tenant_id = $1",
      [tenant.tenantId],
    );
    const memoryId = rows[0]?.id ?? "";
    const isDue = () =>
      record.admin.query("update mneme.memories set review_at = $2 where id = $1", [memoryId, YESTERDAY]);
    await makeOlder(record, [memoryId], 100);
    await isDue();
    // The second part of a long add may be read a little later.
    await record.admin.query(
      "update mneme.memory_sources set recorded_at = now() - interval '2 days' where memory_id = $1 and ordinal = 1",
      [memoryId],
    );
    expect(await review()).toEqual({ ...NONE, downgraded: 1 });
    await say("I still row.");
    await isDue();
    expect(await review()).toEqual({ ...NONE, refreshed: 1 });
  });

  it("downgrades again at the next review, to the floor, and then archives if the rule says so", async () => {
    await rules({ days: 30, whenStale: "downgrade", floor: 0.3, atFloor: "archive" });
    const memories = await seedDue("Ada rows.");
    const again = () =>
      record.admin.query(
        `update mneme.memories set review_at = now() - interval '1 hour', reviewed_at = reviewed_at - interval '30 days'
         where id = $1`,
        ids(memories),
      );
    const seen = [];
    for (let round = 0; round < 3; round += 1) {
      await review();
      const [memory] = await read(memories);
      seen.push([Number(memory?.confidence.toFixed(2)), memory?.archived?.reason]);
      await again();
      await makeOlder(record, ids(memories), 31);
    }
    expect(seen).toEqual([
      [0.4, undefined],
      [0.3, undefined],
      [0.3, "stale"],
    ]);
  });

  it("archives or removes, and says so in a list that a page leads through", async () => {
    await rules({ category: "plans", days: 1, whenStale: "archive" }, { days: 30, whenStale: "remove" });
    const drafts = ["Ada will row.", "Ada will sail."].map((text) =>
      plainDraft(text, { reviewAt: YESTERDAY, category: "plans" }),
    );
    const plans = await seedMemories(record, tenant, scope, [
      ...drafts,
      plainDraft("Ada rows.", { reviewAt: YESTERDAY }),
    ]);
    expect(await review()).toEqual({ ...NONE, archived: 2, removed: 1 });
    expect((await read(plans)).map(({ archived }) => archived?.reason)).toEqual(["stale", "stale"]);
    const reports = createReviewReports(record.database);
    const listing = { scope, actions: [], pageSize: 2, pageToken: "" };
    const first = await reports.list(tenant, listing);
    const second = await reports.list(tenant, { ...listing, pageToken: first.nextPageToken });
    const all = [...first.reviews, ...second.reviews];
    expect([first.reviews.length, second.reviews.length, second.nextPageToken]).toEqual([2, 1, ""]);
    expect(all.map(({ action }) => action).sort()).toEqual(["archived", "archived", "removed"]);
    expect(new Set(all.map(({ memoryId }) => memoryId))).toEqual(new Set(ids(plans)));
    expect(all.map(({ dueAt }) => dueAt)).toEqual([YESTERDAY, YESTERDAY, YESTERDAY]);
    const removed = await reports.list(tenant, { ...listing, actions: ["removed"] });
    expect(removed.reviews).toMatchObject([{ action: "removed", nextReviewAt: undefined }]);
    const others = await reports.list(tenant, { ...listing, scope: { userId: "bo" } });
    expect(others.reviews).toEqual([]);
  });

  it("reads once what no rule says anything of, and again by other rules or in another category", async () => {
    const looked: number[] = [];
    const work = { days: 30, category: "work", whenStale: "archive" } as const;
    await rules(work);
    const [rows] = (await seedDue("Ada rows.", "Ada sails.")) as [Memory, Memory];
    expect(await review(undefined, looked)).toEqual(NONE);
    expect(await review(undefined, looked)).toEqual(NONE);
    expect(looked).toEqual([2, 0]);
    const fields = new Set(["category"] as const);
    const draft = plainDraft("", { category: "work" });
    const change = { memoryId: rows.id, draft, fields, etag: "", at: "update", embedding: undefined };
    await createMemoryStore(record.database).change(tenant, [change], requestOf("UpdateMemory"));
    expect(await review(undefined, looked)).toEqual({ ...NONE, refreshed: 1 });
    await rules(work, { days: 30, whenStale: "archive" });
    expect(await review(undefined, looked)).toEqual({ ...NONE, archived: 1 });
    expect(looked).toEqual([2, 0, 1, 1]);
  });

  it("leaves alone what changes under it", async () => {
    await rules({ days: 30, whenStale: "remove" });
    const [rows, sails] = (await seedDue("Ada rows.", "Ada sails.")) as [Memory, Memory];
    let told = false;
    const counts = await review(async () => {
      if (told) return;
      told = true;
      await seedMemories(record, tenant, scope, ["Ada sails."]);
    });
    expect(counts).toEqual({ ...NONE, removed: 1, left: 1 });
    expect(ids(await read([rows, sails]))).toEqual([sails.id]);
  });

  it.each([
    ["remove", "removed"],
    ["archive", "archived"],
    ["downgrade", "downgraded"],
  ] as const)("does not %s what is used under it", async (whenStale, done) => {
    await rules({ days: 30, whenStale });
    const [, sails] = (await seedDue("Ada rows.", "Ada sails.")) as [Memory, Memory];
    let used = false;
    const counts = await review(async () => {
      if (used) return;
      used = true;
      await use(sails);
    });
    expect(counts).toEqual({ ...NONE, [done]: 1, left: 1 });
    const [kept] = await read([sails]);
    expect(kept).toMatchObject({ version: 1, archived: undefined });
    expect(await review()).toMatchObject({ refreshed: 1 });
  });

  it("forgets what it did more than 90 days ago, so much at once", async () => {
    await rules({ days: 30, whenStale: "downgrade" });
    await seedDue("Ada rows.", "Ada sails.", "Ada skis.");
    await review();
    await record.admin.query(
      "update mneme.memory_reviews set reviewed_at = reviewed_at - interval '91 days' where tenant_id = $1",
      [tenant.tenantId],
    );
    const [recent] = await seedDue("Ada swims.");
    const { forget } = createReviewStore(record.database.pool);
    expect(await forget(tenant.tenantId, 2)).toBe(true);
    const kept = async () => {
      const { rows } = await record.admin.query<{ memory_id: string }>(
        "select memory_id from mneme.memory_reviews where tenant_id = $1",
        [tenant.tenantId],
      );
      return rows.map(({ memory_id }) => memory_id);
    };
    expect(await kept()).toHaveLength(1);
    expect(await review()).toEqual({ ...NONE, downgraded: 1 });
    expect(await kept()).toEqual([recent?.id]);
    expect(await forget(tenant.tenantId, 2)).toBe(false);
  });

  it("holds no review of somebody who is being erased", async () => {
    await rules({ days: 30, whenStale: "remove" });
    const memories = await seedDue("Ada rows.");
    await record.admin.query("update mneme.subjects set state = 'fenced' where tenant_id = $1", [
      tenant.tenantId,
    ]);
    expect(await review()).toEqual(NONE);
    const { rows } = await record.admin.query("select id from mneme.memories where id = $1", ids(memories));
    expect(rows).toHaveLength(1);
  });
});
