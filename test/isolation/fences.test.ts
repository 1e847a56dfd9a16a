import { randomUUID } from "node:crypto";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { createKnownParticipants } from "@mneme/core/search/known-participants.ts";
import type { MemoryIndex } from "@mneme/core/search/memory-index.ts";
import { type SearchDeps, searchMemories } from "@mneme/core/search/search-memories.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { asNobody, asTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { createExtractionStore } from "@mneme/postgres/extraction-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { acceptDrafts, targetOf, testIngest } from "@mneme/postgres/testing/memories.ts";
import { openUnfencedPool, withOpenKeys } from "@mneme/postgres/testing/unfenced.ts";
import { type IngestEngines, openIngestEngines } from "@mneme/workflows/testing/ingest-engines.ts";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/**
 * A handler has a mistake: it holds one tenant's credentials and asks for another's data. Each fence is tried with the
 * other ones taken down.
 */
let engines: IngestEngines;
let ours: Tenancy;
let theirs: Tenancy;
let unfenced: pg.Pool;
let memoryId: string;
let extractionId: string;
const scope = { userId: "ada" };
const NO_KEY = /^data key \S+ is not in the tenant's key store$/;

beforeAll(async () => {
  engines = await openIngestEngines();
  const { record } = engines;
  ours = await record.provision("ours");
  theirs = await record.provision("theirs");
  unfenced = openUnfencedPool(record);
  for (const tenant of [ours, theirs]) extractionId = await remember(tenant, "Ada keeps bees.");
  const { rows } = await record.admin.query<{ id: string }>(
    "select id from mneme.memories where tenant_id = $1",
    [theirs.tenantId],
  );
  memoryId = rows[0]?.id ?? "";
});
afterAll(async () => {
  await unfenced?.end();
  await engines?.[Symbol.asyncDispose]();
});

/** Keeps and indexes a statement, as a worker does. */
async function remember(tenant: Tenancy, text: string): Promise<string> {
  const { record, index, embedder } = engines;
  const extraction = await acceptDrafts(record, tenant, scope, [draftOf(text)]);
  const target = await targetOf(record, tenant.tenantId, extraction);
  const deps = { ...testIngest(record), index, embedder };
  while ((await ingestBatch(deps, target, { limit: 10, exclude: [] })).more);
  while ((await indexPending(deps, target, 100)).more);
  await index.refresh();
  return extraction;
}

interface Fences {
  readonly record: boolean;
  readonly keys: boolean;
  readonly index: boolean;
}

/** Searches their memories with our credentials. */
async function search(standing: Fences) {
  const { record, index, embedder } = engines;
  let found = 0;
  const behind: Database = standing.record ? record.database : { ...record.database, pool: unfenced };
  const database = standing.keys ? behind : withOpenKeys(behind);
  const candidates: MemoryIndex["candidates"] = async (query) => {
    // With nobody's credentials the alias is the filter's tenant's.
    const ask = () => index.candidates(query);
    const set = await (standing.index ? ask() : asNobody(ask));
    found = set.candidates.length;
    return set;
  };
  const deps: SearchDeps = {
    search: createSearchStore(database),
    participants: createKnownParticipants(),
    settings: { of: async () => ({}) },
    index: { candidates },
    embedder,
    freshness: { isSearchable: async () => true },
    tokens: { seal: () => "", open: () => ({ type: "extraction", extractionIds: [] }) },
    signals: { changed: async () => undefined } as never,
  };
  const command = {
    scope,
    query: "Ada keeps bees.",
    filter: {},
    ranking: {},
    limit: 10,
    tokenBudget: 500,
    atLeastAsFresh: "",
  };
  const result = await asTenant(ours.tenantId, () => searchMemories(deps, theirs, command));
  return { result, found };
}

describe("a search with our credentials for their memories", () => {
  it("finds them once every fence is down: the trial can fail", async () => {
    const { result, found } = await search({ record: false, keys: false, index: false });
    expect(found).toBe(1);
    expect(result.hits.map(({ memory }) => memory.id)).toEqual([memoryId]);
  });

  it.each([
    { where: "all stand", standing: { record: true, keys: true, index: true } },
    { where: "the key store's fence stands alone", standing: { record: false, keys: true, index: false } },
  ])("fails where $where: nothing of theirs can be asked for without their keys", async ({ standing }) => {
    await expect(search(standing)).rejects.toThrow(NO_KEY);
  });

  it("finds nothing where the record's fence stands alone", async () => {
    const { result } = await search({ record: true, keys: false, index: false });
    expect(result).toMatchObject({ hits: [], leftOut: [] });
  });

  it("finds nothing where the index's fence stands alone", async () => {
    const { result, found } = await search({ record: false, keys: false, index: true });
    expect(found).toBe(0);
    expect(result).toMatchObject({ hits: [], leftOut: [] });
  });

  it("is shown nothing by the record even of what the index named", async () => {
    const store = createSearchStore(withOpenKeys(engines.record.database));
    const resolved = await store.resolve(theirs, scope);
    const refs = [{ memoryId, version: 1 }];
    const today = { asOf: undefined, knownAt: undefined };
    if (!resolved) throw new Error("they do not know Ada");
    expect(await store.hydrate(theirs, resolved.ids, refs, today)).toHaveLength(1);
    expect(await asTenant(ours.tenantId, () => store.hydrate(theirs, resolved.ids, refs, today))).toEqual([]);
    expect(await asTenant(ours.tenantId, () => store.recent(theirs, resolved.ids, 10))).toEqual([]);
  });
});

describe("the index by itself", () => {
  const query = (tenantId: string) => ({
    filter: { tenantId, projectId: theirs.projectId },
    vector: undefined,
    keywords: "bees",
    entities: ["ada"],
    pool: 10,
  });
  /** As a search asks that takes shared layers along. */
  const layered = (tenantId: string) => {
    const place = { projectId: theirs.projectId, agentIds: undefined, appIds: undefined, teamIds: [null] };
    const places = [{ ...place, layer: "user", subject: undefined }] as const;
    return { ...query(tenantId), filter: { ...query(tenantId).filter, places } };
  };
  const count = async (work: () => ReturnType<MemoryIndex["candidates"]>) => (await work()).candidates.length;

  it.each([
    ["one scope", query],
    ["places of layers", layered],
  ])(
    "refuses by the alias what the filter asks for, and by the filter what the alias holds, of %s",
    async (_, asked) => {
      const { index } = engines;
      const find = (tenantId: string) => index.candidates(asked(tenantId));
      expect(await count(() => find(theirs.tenantId))).toBe(1);
      expect(await count(() => asTenant(ours.tenantId, () => find(theirs.tenantId)))).toBe(0);
      expect(await count(() => asTenant(theirs.tenantId, () => find(ours.tenantId)))).toBe(0);
    },
  );

  it("answers an alias that is asked for everything with its tenant's documents alone", async () => {
    const { client, record } = engines;
    for (const tenantId of [ours.tenantId, theirs.tenantId]) {
      const { body } = await client.send<{ hits?: { hits?: { _id: string; _routing: string }[] } }>({
        method: "POST",
        path: `/mneme-t-${tenantId}/_search`,
        body: { query: { match_all: {} }, size: 100 },
      });
      const hits = body.hits?.hits ?? [];
      expect(hits.map(({ _routing }) => _routing)).toEqual([tenantId]);
      const versions = "select from mneme.memory_versions where tenant_id = $1";
      expect((await record.admin.query(versions, [tenantId])).rowCount).toBe(hits.length);
    }
  });
});

describe("a handler with our credentials, where the record's fence stands alone,", () => {
  const write = () => ({ rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() });
  const asUs = <T>(work: (database: Database) => Promise<T>) =>
    asTenant(ours.tenantId, () => work(withOpenKeys(engines.record.database)));

  it("reads nothing of theirs", async () => {
    expect(await asUs((database) => createMemoryStore(database).get(theirs, [memoryId]))).toEqual([]);
    const listing = { scope, kinds: [], categories: [], showSuperseded: true, pageSize: 10, pageToken: "" };
    const listed = await asUs((database) => createMemoryStore(database).list(theirs, listing));
    expect(listed.memories).toEqual([]);
    await expect(
      asUs((database) => createExtractionStore(database).get(theirs, extractionId)),
    ).rejects.toMatchObject({ reason: "EXTRACTION_NOT_FOUND" });
  });

  it("writes nothing of theirs", async () => {
    const input = { scope: { userId: "mallory" }, items: [], metadata: {}, request: write() };
    await expect(asUs((database) => createConversationStore(database).accept(theirs, input))).rejects.toThrow(
      "row-level security",
    );
    const remove = (database: Database) =>
      createMemoryStore(database).delete(theirs, [{ memoryId, etag: "" }], {
        ...write(),
        rpc: "DeleteMemory",
      });
    await expect(asUs(remove)).rejects.toThrow();
    const { rowCount } = await engines.record.admin.query("select from mneme.memories where id = $1", [
      memoryId,
    ]);
    expect(rowCount).toBe(1);
  });
});

describe("the key store by itself", () => {
  it("opens nothing of theirs, nor what is held in memory, and makes nothing for them", async () => {
    const { keys, keysAdmin } = engines.record;
    const { rows } = await keysAdmin.query<{ key_id: string }>(
      "select key_id from data_keys where tenant_id = $1",
      [theirs.tenantId],
    );
    expect(rows.length).toBeGreaterThan(1);
    for (const { key_id: keyId } of rows) {
      expect(await keys.get(theirs.tenantId, keyId)).toHaveLength(32);
      await expect(asTenant(ours.tenantId, () => keys.get(theirs.tenantId, keyId))).rejects.toThrow(NO_KEY);
      await asTenant(ours.tenantId, () => keys.destroy(theirs.tenantId, keyId));
      expect(await keys.get(theirs.tenantId, keyId)).toHaveLength(32);
    }
    const made = asTenant(ours.tenantId, () => keys.create(theirs.tenantId, "subject"));
    await expect(made).rejects.toThrow("another tenant");
    const { rowCount } = await keysAdmin.query("select from data_keys where destroyed_at is not null");
    expect(rowCount).toBe(0);
  });
});
