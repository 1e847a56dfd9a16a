import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { createIndexClient, type IndexClient } from "@mneme/opensearch/client.ts";
import { rebrand } from "@mneme/opensearch/index-testing.ts";
import { putTemplate, SCHEMA_VERSION } from "@mneme/opensearch/template.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { POOL_UNKNOWN } from "../contract.ts";
import { openBroughtKeys } from "../testing/brought-key.ts";
import { until } from "../testing/temporal.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";
import { RECATEGORISE, Stage } from "./reindex-testing.ts";

let client: IndexClient;
beforeAll(async () => {
  const node = process.env.MNEME_OPENSEARCH_URL;
  if (!node) throw new Error("Run these tests with `npm test`, or set MNEME_OPENSEARCH_URL.");
  client = createIndexClient({ node });
  await putTemplate(client, { shards: 2 });
});
afterAll(() => client?.[Symbol.asyncDispose]());

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${name} number ${i} stands in the hall.`);

it("swaps in a new generation that holds everything, while others write, delete and search", async () => {
  await using stage = await Stage.open(client);
  const { record, other } = stage;
  await stage.add(record.tenant, numbered("Chair", 130));
  await stage.add(other, numbered("Table", 30));
  const { rows } = await record.admin.query<{ memory_id: string }>(
    "select memory_id from mneme.memory_versions where tenant_id = $1 order by memory_id desc limit 1",
    [other.tenantId],
  );
  const doomed = rows[0]?.memory_id ?? "";
  let searches = 0;
  let running = true;
  const misses: string[] = [];
  const searching = (async () => {
    for (; running; searches += 1) {
      const found = await stage.finds(record.tenant, `Chair number ${searches % 130} stands in the hall.`);
      if (!found) misses.push(`search ${searches}`);
    }
  })();
  let lamps = 0;
  const writing = (async () => {
    for (; running; lamps += 1) await stage.add(record.tenant, [`Lamp number ${lamps} stands in the hall.`]);
  })();
  const store = createReindexStore(record.database, stage.poolName);
  // Writers of one model write both generations: nothing is copied twice, and nobody is held up.
  const changes: typeof store.changes = () => Promise.reject(new Error("nothing is left to catch up with"));
  const { index, embedder } = stage.pool;
  const reindex = { store: { ...store, changes }, index, embedder };
  const progress = await stage.run({ reindex }, async (workflowId) => {
    await stage.pool.index.remove(other.tenantId, [{ memoryId: doomed }]);
    await record.admin.query("delete from mneme.memories where tenant_id = $1 and id = $2", [
      other.tenantId,
      doomed,
    ]);
    return stage.result(workflowId);
  });
  running = false;
  await Promise.all([searching, writing]);
  expect(progress).toMatchObject({ phase: "done", generation: 2, refused: 0, embedded: 0 });
  expect(misses).toEqual([]);
  expect(searches).toBeGreaterThan(5);
  expect((await stage.pool.generations.list()).map(({ generation, state }) => [generation, state])).toEqual([
    [2, "current"],
  ]);
  expect(await stage.countOf(record.tenant)).toEqual({ 2: 130 + lamps });
  expect(await stage.countOf(other)).toEqual({ 2: 29 });
  expect(await stage.finds(record.tenant, `Lamp number ${lamps - 1} stands in the hall.`)).toBe(true);
}, 120_000);

it.concurrent("goes on where it was after an outage", async () => {
  await using stage = await Stage.open(client);
  const { record } = stage;
  await stage.add(record.tenant, numbered("Chair", 100));
  const store = createReindexStore(record.database, stage.poolName);
  const asked: (string | undefined)[] = [];
  let failing = 2;
  const changes = {
    reindex: {
      store: {
        ...store,
        page: async (...[tenantId, range, signal]: Parameters<typeof store.page>) => {
          asked.push(range.after?.memoryId);
          if (asked.length > 3 && failing-- > 0) {
            throw new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "away", {
              metadata: { dependency: "postgres" },
            });
          }
          return store.page(tenantId, range, signal);
        },
      },
      index: stage.pool.index,
      embedder: stage.pool.embedder,
    },
  };
  const progress = await stage.run(changes, stage.result);
  expect(progress).toMatchObject({ phase: "done", written: 100 });
  // The first tenant's beginning is asked for once: what was copied is not copied again.
  expect(asked.filter((after) => after === undefined).length).toBeLessThanOrEqual(2);
});

it.concurrent("leaves out a tenant whose own key's provider does not answer, which ingest indexes once it does", async () => {
  await using stage = await Stage.open(client);
  const { record, other } = stage;
  await stage.add(record.tenant, numbered("Chair", 30));
  await stage.add(other, numbered("Table", 30));
  await using brought = await openBroughtKeys(record);
  await brought.bring(other.tenantId);
  brought.server.hangs = true;
  const { index, embedder, ingest } = stage.pool;
  const reindex = { store: createReindexStore(brought.openDatabase(), stage.poolName), index, embedder };
  expect(await stage.run({ reindex }, stage.result)).toMatchObject({ phase: "done", written: 30 });
  expect([await stage.countOf(record.tenant), await stage.countOf(other)]).toEqual([{ 2: 30 }, { 2: 0 }]);
  brought.server.hangs = false;
  await stage.work(other, {
    ...stage.pool,
    ingest: { ...ingest, store: createIngestStore(brought.openDatabase()) },
  });
  expect(await stage.countOf(other)).toEqual({ 2: 30 });
  expect(await stage.finds(other, "Table number 7 stands in the hall.")).toBe(true);
}, 60_000);

it.concurrent("embeds anew for another model, and keeps the vectors", async () => {
  await using stage = await Stage.open(client);
  const { record } = stage;
  await stage.add(record.tenant, numbered("Chair", 45));
  stage.pool = stage.openPool("model-b", 4);
  const progress = await stage.run({}, stage.result);
  expect(progress).toMatchObject({ phase: "done", written: 45, embedded: 45 });
  expect(await stage.finds(record.tenant, "Chair number 7 stands in the hall.")).toBe(true);
  const { rows } = await record.admin.query("select distinct embedding_model from mneme.memory_versions");
  expect(rows).toEqual([{ embedding_model: "model-b" }]);
  await stage.add(record.tenant, ["A stool stands in the hall."]);
  expect(await stage.finds(record.tenant, "A stool stands in the hall.")).toBe(true);
});

it.concurrent("holds what workers of the old model write until the swap, though both models are of one dimension", async () => {
  await using stage = await Stage.open(client);
  const { record } = stage;
  await stage.add(record.tenant, numbered("Chair", 45));
  const old = stage.pool;
  stage.pool = stage.openPool("model-b", 8);
  const { generations } = stage.pool;
  const mismatch = { reason: "EMBEDDING_DIMENSION_MISMATCH" };
  await expect(stage.finds(record.tenant, "Chair number 7 stands in the hall.")).rejects.toMatchObject(
    mismatch,
  );
  const { rows } = await record.admin.query<{ memory_id: string }>(
    "select memory_id from mneme.memory_versions order by memory_id limit 2",
  );
  const [changed = "", late = ""] = rows.map(({ memory_id }) => memory_id);
  const store = createReindexStore(record.database, stage.poolName);
  const writer = await record.admin.connect();
  let isOpen = false;
  let refusal: unknown;
  const changes = {
    reindex: {
      store: {
        ...store,
        async mark() {
          const mark = store.mark();
          if (isOpen) await writer.query("commit");
          return mark;
        },
      },
      index: stage.pool.index,
      embedder: stage.pool.embedder,
    },
    generations: {
      ...generations,
      announce: async (generation: number, signal?: AbortSignal) => {
        await stage.add(record.tenant, ["A stool stands in the hall."], old);
        await stage.recategorise(record.tenant, changed, old);
        await writer.query("begin");
        await writer.query(RECATEGORISE, [late, "lost"]);
        isOpen = true;
        await generations.announce(generation, signal);
      },
      promote: async (generation: number, signal?: AbortSignal) => {
        refusal = await stage
          .add(record.tenant, ["A bench stands in the hall."], old)
          .catch((error) => error);
        await generations.promote(generation, signal);
      },
    },
  };
  const progress = await stage.run(changes, stage.result).finally(() => writer.release(true));
  expect(progress).toMatchObject({ phase: "done", written: 45, embedded: 46 });
  expect(refusal).toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
  expect(await stage.finds(record.tenant, "A stool stands in the hall.")).toBe(true);
  expect(await stage.inCategory(record.tenant, "furniture")).toEqual([changed]);
  expect(await stage.inCategory(record.tenant, "lost")).toEqual([late]);
  // What the old one could not index any more is embedded anew by who does.
  await stage.work(record.tenant, stage.pool);
  expect(await stage.finds(record.tenant, "A bench stands in the hall.")).toBe(true);
  await expect(stage.finds(record.tenant, "A bench stands in the hall.", old)).rejects.toMatchObject(
    mismatch,
  );
  expect(await stage.countOf(record.tenant)).toEqual({ 2: 47 });
});

it.concurrent.each(["before it begins", "before the last copy"])(
  "gives up where a writer that was open %s does not end",
  async (moment) => {
    await using stage = await Stage.open(client);
    const { record } = stage;
    await stage.add(record.tenant, numbered("Chair", 30));
    const old = stage.pool;
    stage.pool = stage.openPool("model-b", 8);
    const { generations } = stage.pool;
    const writer = await record.admin.connect();
    const write = async () => {
      await writer.query("begin");
      await writer.query("update mneme.memory_versions set category = 'lost'");
    };
    const announce = async (generation: number, signal?: AbortSignal) => {
      await write();
      await generations.announce(generation, signal);
    };
    try {
      if (moment === "before it begins") await write();
      const held = stage.run({ markMs: 500, generations: { ...generations, announce } }, stage.result);
      await expect(held).rejects.toMatchObject({ cause: { cause: { type: "RECORD_HELD" } } });
    } finally {
      writer.release(true);
    }
    expect((await generations.list()).map(({ generation }) => generation)).toEqual([1]);
    await stage.add(record.tenant, ["A stool stands in the hall."], old);
    expect(await stage.finds(record.tenant, "A stool stands in the hall.", old)).toBe(true);
  },
);

it.concurrent("rebuilds an index of an older mapping within its model, with what waited for it", async () => {
  await using stage = await Stage.open(client);
  const { record } = stage;
  await stage.add(record.tenant, numbered("Chair", 30));
  const [old] = await stage.pool.generations.list();
  await rebrand(client, old as IndexGeneration, SCHEMA_VERSION - 1);
  stage.pool.generations.forget();
  const refused = { reason: "DEPENDENCY_UNAVAILABLE" };
  await expect(stage.add(record.tenant, ["A stool stands in the hall."])).rejects.toMatchObject(refused);
  const { generations } = stage.pool;
  let refusal: unknown;
  const promote = async (generation: number, signal?: AbortSignal) => {
    refusal = await stage.add(record.tenant, ["A bench stands in the hall."]).catch((error) => error);
    await generations.promote(generation, signal);
  };
  const progress = await stage.run({ generations: { ...generations, promote } }, stage.result);
  expect(progress).toMatchObject({ phase: "done", generation: 2, refused: 0, embedded: 0 });
  expect(refusal).toMatchObject(refused);
  expect(await generations.list()).toMatchObject([
    { generation: 2, state: "current", schema: SCHEMA_VERSION },
  ]);
  await stage.work(record.tenant, stage.pool);
  for (const text of ["Chair number 7", "A stool", "A bench"]) {
    expect(await stage.finds(record.tenant, `${text} stands in the hall.`)).toBe(true);
  }
  expect(await stage.countOf(record.tenant)).toEqual({ 2: 32 });
  const { rows } = await record.admin.query("select from mneme.memory_versions where refused");
  expect(rows).toEqual([]);
});

it.concurrent("leaves the current generation as it was when it is cancelled", async () => {
  await using stage = await Stage.open(client);
  const { record } = stage;
  await stage.add(record.tenant, numbered("Chair", 30));
  const store = createReindexStore(record.database, stage.poolName);
  let reached = false;
  const page: typeof store.page = async (_tenant, _range, signal) => {
    reached = true;
    return untilCancelled(signal);
  };
  await stage.run(
    { reindex: { store: { ...store, page }, index: stage.pool.index, embedder: stage.pool.embedder } },
    async (id) => {
      await until(() => reached);
      const handle = stage.temporal.client.workflow.getHandle(id);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
    },
  );
  expect((await stage.pool.generations.list()).map(({ generation }) => generation)).toEqual([1]);
  expect(await stage.finds(record.tenant, "Chair number 7 stands in the hall.")).toBe(true);
});

it.concurrent("is refused for a pool that is not there, with those that are, and makes no index for it", async () => {
  await using stage = await Stage.open(client);
  const { record, other, poolName } = stage;
  await record.admin.query("insert into mneme.tenant_placements (tenant_id, pool) values ($1, 'large')", [
    other.tenantId,
  ]);
  const unknown = stage.pool.generations.ofPool(`${poolName}x`);
  const failure = {
    type: POOL_UNKNOWN,
    message: `there is no such pool; shared ones are: large, ${poolName}`,
  };
  await stage.run({ generations: unknown }, async (id) => {
    await expect(stage.result(id)).rejects.toMatchObject({ cause: { cause: failure } });
  });
  expect(await unknown.list()).toEqual([]);
});
