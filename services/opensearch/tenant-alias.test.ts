import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { IndexClient, IndexRequest } from "./client.ts";
import { createGenerations } from "./generation.ts";
import { createMemoryIndex } from "./index.ts";
import { candidateQuery, memory, openPool, type Pool } from "./index-testing.ts";
import { ensureTenantAlias, tenantAlias } from "./tenant-alias.ts";

let pool: Pool;
beforeEach(async () => {
  pool = await openPool();
});
afterEach(() => pool?.[Symbol.asyncDispose]());

/** Sends everything, but holds the first write of an alias back until it is told to go on. */
function slowClient() {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const client: IndexClient = {
    ...pool.client,
    async send<T>(request: IndexRequest) {
      if (request.path === "/_aliases") {
        reached.resolve();
        await released.promise;
      }
      return pool.client.send<T>(request);
    },
  };
  return { client, reached: reached.promise, release: released.resolve };
}

/** Another process of the same pool. */
function writerOf(client: IndexClient) {
  const generations = createGenerations({ client, pool: pool.generations.pool, cacheMs: 200 });
  return createMemoryIndex({ client, generations, model: pool.model.model });
}

async function swap() {
  const { generation } = await pool.generations.build(pool.model);
  await pool.generations.promote(generation);
}

/** The generations that the tenant is read from. */
async function readFrom(tenantId: string): Promise<number[]> {
  const path = `/_alias/${tenantAlias(tenantId)}`;
  const { body } = await pool.client.send<Record<string, unknown>>({ method: "GET", path });
  const live = await pool.generations.list();
  return live.filter(({ index }) => index in body).map(({ generation }) => generation);
}

it("is on the current index alone though its writer slept through a swap, and a faster one came first", async () => {
  const tenantId = randomUUID();
  const { client, reached, release } = slowClient();
  const ensuring = writerOf(client).ensureTenant(tenantId);
  await reached;
  await swap();
  await pool.index.ensureTenant(tenantId);
  expect(await readFrom(tenantId)).toEqual([2]);
  release();
  await ensuring;
  expect(await readFrom(tenantId)).toEqual([2]);
  const written = memory({ tenantId });
  expect(await pool.index.write([written])).toEqual([]);
  await pool.index.refresh();
  const { candidates } = await pool.index.candidates(candidateQuery(tenantId));
  expect(candidates).toMatchObject([{ memoryId: written.memoryId }]);
});

it("moves along when the old index retires, though its writer slept through the swap and died", async () => {
  const tenantId = randomUUID();
  const [old] = await pool.generations.list();
  let isDead = false;
  const currentIndex = async () => {
    if (isDead) throw new Error("died");
    isDead = true;
    await swap();
    return old?.index ?? "";
  };
  await expect(ensureTenantAlias(pool.client, tenantId, currentIndex)).rejects.toThrow("died");
  expect(await readFrom(tenantId)).toEqual([1]);
  await pool.generations.retire(1);
  expect(await readFrom(tenantId)).toEqual([2]);
});

it("is given anew by a writer whose index was swapped and retired while it slept", async () => {
  const tenantId = randomUUID();
  const { client, reached, release } = slowClient();
  const ensuring = writerOf(client).ensureTenant(tenantId);
  await reached;
  await swap();
  await pool.generations.retire(1);
  release();
  await ensuring;
  expect(await readFrom(tenantId)).toEqual([2]);
});
