import { reviewStale } from "@mneme/core/ageing/review-stale.ts";
import { consolidateStep } from "@mneme/core/consolidation/consolidate-step.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAgeingStore } from "../ageing-store.ts";
import { createMemoryStore } from "../memory-store.ts";
import { withTenant } from "../pool.ts";
import type { Provisioned } from "../provision.ts";
import { createReviewStore } from "../review-store.ts";
import { requestOf, setOnProject } from "../testing/administrator.ts";
import { makeOlder } from "../testing/age.ts";
import { seedMemories, settingsOf, testEmbedder } from "../testing/memories.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { createConsolidationStore, createEpisodeStore } from "./consolidation-store.ts";
import { releaseEpisodes } from "./resting.ts";

const ADA = { userId: "ada" };
let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("leaving");
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const set = (settings: Settings) =>
  setOnProject(record, tenant, { consolidation: { afterDays: 30 }, ...settings });

async function list(showArchived: boolean) {
  const listing = {
    scope: ADA,
    kinds: [],
    categories: [],
    showSuperseded: false,
    pageSize: 50,
    pageToken: "",
  };
  return (await createMemoryStore(record.database).list(tenant, { ...listing, showArchived })).memories;
}

/** @returns the id of a summary of three swims. */
async function summary(meanwhile: () => Promise<unknown> = async () => undefined): Promise<string> {
  await set({});
  const drafts = ["2026-02-03", "2026-02-10", "2026-02-17"].map((day) =>
    draftOf("Ada went swimming.", { kind: "episodic", importance: 0.1, validFrom: new Date(day) }),
  );
  await seedMemories(record, tenant, ADA, drafts);
  await meanwhile();
  const deps = {
    episodes: createEpisodeStore(record.database),
    settings: settingsOf(record),
    embedderFor: () => testEmbedder,
  };
  await consolidateStep(deps, tenant.tenantId, undefined);
  const made = (await list(false)).filter(({ kind }) => kind === "semantic");
  const [newest] = made;
  if (!newest) throw new Error("no summary");
  return newest.id;
}

describe("a summary that leaves by a policy", () => {
  it.each([
    ["remove", 1],
    ["archive", 5],
  ] as const)("brings nothing back where there is no room and it says %s", async (whenFull, all) => {
    await summary();
    await set({ retention: { memoriesPerScope: 1, whenFull } });
    await seedMemories(record, tenant, ADA, [draftOf("Ada is a doctor.", { importance: 0.9 })]);
    expect((await list(false)).map(({ text }) => text)).toEqual(["Ada is a doctor."]);
    expect(await list(true)).toHaveLength(all);
  });

  it("holds what an undo brings back to the bound with the next add, not before", async () => {
    await summary();
    await set({ retention: { memoriesPerScope: 2 } });
    const store = createConsolidationStore(record.database);
    const [made] = (await store.list(tenant, { scope: ADA, pageSize: 5, pageToken: "" })).items;
    await store.undo(tenant, { id: made?.id ?? "", discardChanges: false }, requestOf("UndoConsolidation"));
    expect(await list(false)).toHaveLength(3);
    await seedMemories(record, tenant, ADA, [draftOf("Ada is a doctor.", { importance: 0.9 })]);
    expect(await list(false)).toHaveLength(2);
  });

  it("takes what it tells along where a review removes it", async () => {
    const rules = [{ kind: "semantic", days: 30, whenStale: "remove" }] as const;
    const id = await summary(() => set({ review: { rules } }));
    await makeOlder(record, [id], 100);
    const deps = {
      store: createAgeingStore(record.database.pool),
      reviews: createReviewStore(record.database.pool),
      settings: settingsOf(record),
      now: () => new Date(Date.now() + 31 * 86_400_000),
    };
    const all = (await list(true)).map((memory) => memory.id);
    expect((await reviewStale(deps, tenant.tenantId, {})).counts).toMatchObject({ removed: 1 });
    expect(await list(true)).toEqual([]);
    // The trail names what went along.
    const { rows } = await record.admin.query<{ ids: string[] }>(
      `select resource_ids as ids from mneme.audit_inbox where tenant_id = $1 and action = 'review/removed'
       union all select resource_ids from mneme.audit_events where tenant_id = $1 and action = 'review/removed'`,
      [tenant.tenantId],
    );
    expect(rows.flatMap(({ ids }) => ids).sort()).toEqual(all.sort());
  });
});

interface Explained {
  readonly "QUERY PLAN": readonly [
    { readonly Plan: { readonly "Shared Hit Blocks": number; readonly "Shared Read Blocks": number } },
  ];
}

it("forgets a consolidation without looking through all others of the tenant", async () => {
  const id = await summary();
  await record.admin.query(
    `insert into mneme.consolidations (tenant_id, id, project_id, stream_id, audience, summary_id, state, extractor,
       extractor_version, rule, undone_at)
     select tenant_id, gen_random_uuid(), project_id, stream_id, audience, gen_random_uuid(),
       case when n % 2 = 0 then 'active' else 'undone' end, 'consolidate', '1', 'consolidate',
       case when n % 2 = 1 then now() end
     from mneme.memories cross join generate_series(1, 20000) n where tenant_id = $1 and id = $2`,
    [tenant.tenantId, id],
  );
  await record.admin.query("analyze mneme.consolidations");
  const blocks: number[] = [];
  await withTenant(record.database.pool, tenant.tenantId, async (client) => {
    const explaining = Object.create(client) as pg.PoolClient;
    const query = client.query.bind(client) as (...args: unknown[]) => Promise<pg.QueryResult>;
    explaining.query = (async (asked: { text: string; values: unknown[] }) => {
      const isForgetting = asked.text.startsWith("delete from consolidations");
      if (!isForgetting) return query(asked);
      const { rows } = await query(`explain (analyze, buffers, format json) ${asked.text}`, asked.values);
      const { Plan } = (rows[0] as Explained)["QUERY PLAN"][0];
      blocks.push(Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"]);
      return { rows: [] };
    }) as unknown as pg.PoolClient["query"];
    await releaseEpisodes(explaining, tenant.tenantId, [id]);
  });
  expect(blocks).toHaveLength(2);
  // The table and its keys are some hundreds of pages.
  for (const read of blocks) expect(read).toBeLessThan(100);
});

describe("a summary that goes with all of its scope", () => {
  it("brings nothing back while what it tells is still to go", async () => {
    const others = Array.from({ length: 510 }, (_, i) => `Ada knows this as number ${i}`);
    await summary(() => seedMemories(record, tenant, ADA, others));
    const cutting = new AbortController();
    const store = createMemoryStore(record.database);
    const request = requestOf("DeleteAllMemories");
    const left = async () => (await listed("true")).length;
    const all = await left();
    const going = store.deleteAll(tenant, ADA, request, cutting.signal).catch(() => undefined);
    while ((await left()) === all);
    cutting.abort(new Error("cut"));
    await going;
    expect(await listed("archived_at is null and kind = 'episodic'")).toEqual([]);
    expect(await store.deleteAll(tenant, ADA, request)).toBe(511);
    expect(await left()).toBe(0);
  });

  async function listed(which: string): Promise<object[]> {
    const { rows } = await record.admin.query<{ id: string }>(
      `select m.id from mneme.memories m
       join mneme.memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id and v.version = m.current_version
       where m.tenant_id = $1 and ${which}`,
      [tenant.tenantId],
    );
    return rows;
  }
});
