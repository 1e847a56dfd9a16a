import { randomUUID } from "node:crypto";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { entriesOf } from "@mneme/core/memory/history.ts";
import type { Memory } from "@mneme/core/memory/memory.ts";
import { storyOf } from "@mneme/core/memory/story.ts";
import type { IndexedMemory, IndexRemoval } from "@mneme/core/search/memory-index.ts";
import type { HydrateOptions } from "@mneme/core/search/search-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createIngestStore } from "./ingest-store.ts";
import { createMemoryArchive } from "./memory-archive.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createUseStore } from "./memory-uses.ts";
import { withTenant } from "./pool.ts";
import { createProfileStore } from "./profile-store.ts";
import type { Provisioned } from "./provision.ts";
import { reindexProject } from "./reindex-projects.ts";
import { createReindexStore } from "./reindex-store.ts";
import { createSearchStore } from "./search-store.ts";
import { seedMemories, testIngest } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

describe("the archive", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  beforeAll(async () => {
    record = await openTestRecord("archive");
  });
  beforeEach(async () => {
    tenant = await record.provision();
  });
  afterAll(() => record?.[Symbol.asyncDispose]());

  const store = () => createMemoryStore(record.database);
  const archive = () => createMemoryArchive(record.database.pool);
  const requestOf = (rpc: string, requestId: string = randomUUID()) => {
    return { rpc, requestId, body: new Uint8Array() };
  };
  const byHand = (memoryId: string, to: "archived" | "restored", etag = "", tenancy: Tenancy = tenant) =>
    store().archive(tenancy, { memoryId, etag, to }, requestOf(to));
  const listed = async (showArchived: boolean) => {
    const listing = { kinds: [], categories: [], showSuperseded: false, pageSize: 50, pageToken: "" };
    const { memories } = await store().list(tenant, { scope: { userId: "ada" }, showArchived, ...listing });
    return memories.map(({ text }) => text).sort();
  };
  const get = async ({ id }: Memory) => (await store().get(tenant, [id]))[0];
  const targetOf = ({ id, version }: Memory) => ({ memoryId: id, version });

  async function seed(...texts: string[]): Promise<[Memory, ...Memory[]]> {
    return (await seedMemories(record, tenant, { userId: "ada" }, texts)) as [Memory, ...Memory[]];
  }

  /** What the index is told of everything that waits. */
  async function index(): Promise<{ written: IndexedMemory[]; removed: IndexRemoval[] }> {
    const written: IndexedMemory[] = [];
    const removed: IndexRemoval[] = [];
    const { index: fake, ...deps } = testIngest(record);
    const telling = {
      ...fake,
      write: async (documents: readonly IndexedMemory[]) => {
        written.push(...documents);
        return [];
      },
      remove: async (_: string, removals: readonly IndexRemoval[]) => void removed.push(...removals),
    };
    const { rows } = await record.admin.query<{ bucket: number }>(
      `select bucket from mneme.memories where tenant_id = $1
       union select bucket from mneme.index_removals where tenant_id = $1`,
      [tenant.tenantId],
    );
    for (const { bucket } of rows)
      await indexPending({ ...deps, index: telling }, { tenantId: tenant.tenantId, bucket }, 500);
    return { written, removed };
  }

  const unindexed = async () => {
    const { rows } = await record.admin.query(
      `select from mneme.memory_versions where tenant_id = $1 and indexed_revision < revision
       union all select from mneme.index_removals where tenant_id = $1`,
      [tenant.tenantId],
    );
    return rows.length;
  };

  /** Ada says it again, as an application's finished statement. */
  const tellAgain = (text: string) => seedMemories(record, tenant, { userId: "ada" }, [text]);

  it("keeps what is archived, and shows it to no search, list or profile", async () => {
    const [bees, tea] = await seed("Ada keeps bees.", "Ada drinks tea.");
    const { memories } = await byHand(bees.id, "archived");
    expect(memories[0]?.archived).toMatchObject({ reason: "by_hand" });
    expect(await get(bees)).toMatchObject({ text: "Ada keeps bees.", version: 1, etag: bees.etag });

    const search = createSearchStore(record.database);
    const resolved = await search.resolve(tenant, { userId: "ada" });
    if (!resolved) throw new Error("nobody is known");
    const { ids } = resolved;
    const refs = [bees, tea as Memory].map(targetOf);
    const hydrate = async (options: HydrateOptions = {}) =>
      (await search.hydrate(tenant, ids, refs, options)).map(({ text }) => text);
    expect(await hydrate()).toEqual(["Ada drinks tea."]);
    expect(await hydrate({ asOf: new Date(), knownAt: new Date(), withEnded: true })).toEqual([
      "Ada drinks tea.",
    ]);
    expect((await search.recent(tenant, ids, 10)).map(({ text }) => text)).toEqual(["Ada drinks tea."]);
    const profile = await createProfileStore(record.database).read(tenant, {
      scope: { userId: "ada" },
      kinds: [],
      categories: [],
      asOf: undefined,
      knownAt: undefined,
      limit: 10,
    });
    expect(profile.memories.map(({ text }) => text)).toEqual(["Ada drinks tea."]);
    expect(await listed(false)).toEqual(["Ada drinks tea."]);
    expect(await listed(true)).toEqual(["Ada drinks tea.", "Ada keeps bees."]);
  });

  it("has the index drop it, and take it back with a later revision", async () => {
    const [bees] = await seed("Ada keeps bees.");
    const { revision } = await byHand(bees.id, "archived");
    const gone = await index();
    expect(gone.removed).toEqual([{ memoryId: bees.id, revision: Number(revision) }]);
    expect(gone.written).toEqual([]);
    expect(await unindexed()).toBe(0);

    const restored = await byHand(bees.id, "restored");
    expect(restored.memories[0]?.archived).toBeUndefined();
    const back = await index();
    expect(back.removed).toEqual([]);
    expect(back.written).toMatchObject([
      { memoryId: bees.id, version: 1, revision: Number(restored.revision) },
    ]);
    expect(restored.revision).toBeGreaterThan(revision);
    expect(await unindexed()).toBe(0);
  });

  it("has nothing dropped that came back before the index heard of it", async () => {
    const [bees] = await seed("Ada keeps bees.");
    await byHand(bees.id, "archived");
    await byHand(bees.id, "restored");
    const { removed, written } = await index();
    expect([removed.length, written.length]).toEqual([0, 1]);
  });

  it("drops for good what is deleted while archived", async () => {
    const [bees] = await seed("Ada keeps bees.");
    await byHand(bees.id, "archived");
    await store().delete(tenant, [{ memoryId: bees.id, etag: "" }], requestOf("DeleteMemory"));
    expect((await index()).removed).toEqual([{ memoryId: bees.id, revision: undefined }]);
    expect(await get(bees)).toBeUndefined();
    expect((await store().chain(tenant, bees.id)).archivings).toEqual([]);
  });

  it("is neither counted nor copied by a reindex, nor marked by a change of language", async () => {
    const [bees] = await seed("Ada keeps bees.", "Ada drinks tea.");
    await byHand(bees.id, "archived");
    await index();
    const { tenantId, projectId } = tenant;
    const reindex = createReindexStore(record.database, "shared");
    expect(await reindex.countIndexed(tenantId)).toBe(1);
    const page = await reindex.page(tenantId, { after: undefined, limit: 10 });
    expect(page.documents.map(({ text }) => text)).toEqual(["Ada drinks tea."]);
    await record.admin.query(
      "insert into mneme.reindexed_projects (tenant_id, project_id, languages) values ($1, $2, '{en}')",
      [tenantId, projectId],
    );
    await withTenant(record.database.pool, tenantId, (client) => reindexProject(client, tenantId, projectId));
    expect((await index()).written.map(({ text }) => text)).toEqual(["Ada drinks tea."]);
  });

  it("is found by its words and attributes when something is said of the same", async () => {
    const [bees] = await seed("Ada keeps bees.");
    await record.admin.query("update mneme.memory_versions set indexed_revision = 0 where memory_id = $1", [
      bees.id,
    ]);
    await byHand(bees.id, "archived");
    const { rows } = await record.admin.query<{ stream_id: string; audience: string }>(
      "select stream_id, audience from mneme.memories where id = $1",
      [bees.id],
    );
    const { stream_id: streamId = "", audience = "" } = rows[0] ?? {};
    const ingest = createIngestStore(record.database);
    const here = { streamId, audience };
    expect(await ingest.statements(tenant.tenantId, [{ ...here, memoryId: bees.id }])).toMatchObject([
      { text: "Ada keeps bees." },
    ]);
    expect(await ingest.findBySlots(tenant.tenantId, [{ ...here, slots: [] }])).toEqual([[bees.id]]);
  });

  it("gives back what is told again, and tells so", async () => {
    const [bees] = await seed("Ada keeps bees.");
    await archive().archiveAll(tenant.tenantId, [targetOf(bees)], "faded");
    expect(await listed(false)).toEqual([]);
    await tellAgain("Ada keeps bees.");
    expect(await listed(false)).toEqual(["Ada keeps bees."]);
    const { versions, archivings } = await store().chain(tenant, bees.id);
    expect(versions).toHaveLength(1);
    const entries = entriesOf(versions, archivings);
    expect(entries.map(({ event }) => event)).toEqual(["imported", "archived", "said_again", "restored"]);
    expect(storyOf(entries)).toMatch(
      /“Ada keeps bees.” was archived: it faded with time\.\n.*\nOn .* it came back from the archive: it was told again\.$/,
    );
  });

  it("repeats a request, keeps the first reason, and is bound to a version", async () => {
    const [bees] = await seed("Ada keeps bees.");
    await archive().archiveAll(tenant.tenantId, [targetOf(bees)], "inactive");
    const request = requestOf("ArchiveMemory");
    const target = { memoryId: bees.id, etag: bees.etag, to: "archived" } as const;
    for (const _ of [1, 2]) {
      const { memories } = await store().archive(tenant, target, request);
      expect(memories[0]?.archived?.reason).toBe("inactive");
    }
    await expect(byHand(bees.id, "restored", "other")).rejects.toMatchObject({ reason: "ETAG_MISMATCH" });
    await expect(byHand(randomUUID(), "archived")).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    const other = await record.provision("other");
    await expect(byHand(bees.id, "restored", "", other)).rejects.toMatchObject({
      reason: "MEMORY_NOT_FOUND",
    });
    expect((await get(bees))?.archived?.reason).toBe("inactive");
  });

  describe("of many at once", () => {
    it("leaves alone what changed since it was read, was said again, is archived or is gone", async () => {
      const [bees, tea, cello, rye, oats] = await seed("bees", "tea", "cello", "rye", "oats");
      const all = [bees, tea, cello, rye, oats] as Memory[];
      const { rows } = await record.admin.query<{ memory_id: string; revision: string }>(
        "select memory_id, revision from mneme.memory_versions where tenant_id = $1",
        [tenant.tenantId],
      );
      const revisions = new Map(rows.map(({ memory_id, revision }) => [memory_id, revision]));
      await tellAgain("tea");
      await byHand((cello as Memory).id, "archived");
      await store().delete(tenant, [{ memoryId: (rye as Memory).id, etag: "" }], requestOf("DeleteMemory"));
      const targets = all.map((memory) => ({ ...targetOf(memory), revision: revisions.get(memory.id) }));
      const changed = { ...targetOf(oats as Memory), version: 2 };
      const report = await archive().archiveAll(tenant.tenantId, [...targets.slice(0, 4), changed], "faded");
      expect(report.archived).toEqual([bees.id]);
      expect([...report.left].sort()).toEqual([tea, cello, rye, oats].map((one) => one?.id).sort());
      expect((await get(cello as Memory))?.archived?.reason).toBe("by_hand");
      expect(await listed(false)).toEqual(["oats", "tea"]);
    });

    it("leaves alone what a search returned since it was read", async () => {
      const all = await seed("bees", "tea", "cello");
      const [, tea, cello] = all as [Memory, Memory, Memory];
      const refreshedAt = new Date();
      const use = ({ id }: Memory, lastUsedAt: Date) =>
        createUseStore(record.database.pool).add(tenant.tenantId, [{ memoryId: id, uses: 1, lastUsedAt }]);
      await use(tea, new Date(refreshedAt.getTime() + 1));
      await use(cello, refreshedAt);
      const targets = all.map((memory) => ({ ...targetOf(memory), refreshedAt }));
      const { left } = await archive().archiveAll(tenant.tenantId, targets, "faded");
      expect(left).toEqual([tea.id]);
      expect(await listed(false)).toEqual(["tea"]);
    });

    it("leaves whoever is fenced to the erasure", async () => {
      const [bees] = await seed("Ada keeps bees.");
      await record.admin.query("update mneme.subjects set state = 'fenced' where tenant_id = $1", [
        tenant.tenantId,
      ]);
      expect(await archive().archiveAll(tenant.tenantId, [targetOf(bees)], "faded")).toEqual({
        archived: [],
        left: [bees.id],
      });
    });

    it("restores what one reason archived, and no other tenant's", async () => {
      const [bees, tea] = await seed("Ada keeps bees.", "Ada drinks tea.");
      await archive().archiveAll(tenant.tenantId, [targetOf(bees)], "consolidated");
      await byHand((tea as Memory).id, "archived");
      const ids = [bees.id, (tea as Memory).id];
      const why = { archivedFor: "consolidated", because: "undone" } as const;
      const other = await record.provision("other");
      expect(await archive().restoreAll(other.tenantId, ids, why)).toEqual([]);
      expect(await archive().restoreAll(tenant.tenantId, ids, why)).toEqual([bees.id]);
      expect(await archive().restoreAll(tenant.tenantId, ids, why)).toEqual([]);
      expect(await listed(false)).toEqual(["Ada keeps bees."]);
    });
  });
});
