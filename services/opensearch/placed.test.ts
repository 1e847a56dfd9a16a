import { randomUUID } from "node:crypto";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { ownPool, type Placement, type Placements } from "@mneme/core/tenancy/placement.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { currentOf } from "./generation.ts";
import { createMemoryIndex, type OpenSearchMemoryIndex } from "./index.ts";
import { candidateQuery, memory, openPool, type Pool } from "./index-testing.ts";
import { tenantAlias } from "./tenant-alias.ts";
import { createTenantMoves } from "./tenant-moves.ts";

let home: Pool;
let other: Pool;
beforeAll(async () => {
  [home, other] = await Promise.all([openPool(), openPool()]);
});
afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
});

/** Placements as a test says. */
class Places implements Placements {
  #by = new Map<string, Placement>();

  put(tenantId: string, change: Partial<Placement>): void {
    const still = { movingTo: undefined, leaving: undefined, wanted: undefined };
    this.#by.set(tenantId, { tenantId, pool: home.generations.pool, ...still, ...change });
  }
  async find(tenantId: string): Promise<Placement> {
    if (!this.#by.has(tenantId)) this.put(tenantId, {});
    return this.#by.get(tenantId) as Placement;
  }
  of = (tenantIds: readonly string[]) => Promise.all(tenantIds.map((each) => this.find(each)));
  pools = async () => [home.generations.pool, other.generations.pool];
}

function open(): { readonly places: Places; readonly index: OpenSearchMemoryIndex } {
  const places = new Places();
  const { client, generations, model } = home;
  return {
    places,
    index: createMemoryIndex({ client, generations, placements: places, model: model.model }),
  };
}

async function currentIn({ generations }: Pool): Promise<IndexGeneration> {
  return currentOf(await generations.list()) as IndexGeneration;
}

const moves = () => createTenantMoves({ client: home.client, generations: home.generations });

async function counts(index: OpenSearchMemoryIndex, tenantId: string): Promise<Record<string, number>> {
  await index.refresh();
  const found = await index.count({ tenantId });
  return Object.fromEntries(found.map(({ pool, documents }) => [pool, documents]));
}
const inBoth = (first: number, second: number) => ({
  [home.generations.pool]: first,
  [other.generations.pool]: second,
});

it("writes a moving tenant's documents to both pools, a neighbour's to one, and reads from where it was", async () => {
  const { places, index } = open();
  const [moving, neighbour] = [randomUUID(), randomUUID()];
  places.put(moving, { movingTo: other.generations.pool });
  const written = memory({ tenantId: moving });
  expect(await index.write([written, memory({ tenantId: neighbour })])).toEqual([]);
  expect(await counts(index, moving)).toEqual(inBoth(1, 1));
  expect(await counts(index, neighbour)).toEqual(inBoth(1, 0));
  const { candidates } = await index.candidates(candidateQuery(moving));
  expect(candidates.map(({ memoryId }) => memoryId)).toEqual([written.memoryId]);
  const path = `/_alias/${tenantAlias(moving)}`;
  const { body } = await home.client.send<object>({ method: "GET", path });
  expect(Object.keys(body)).toEqual([(await currentIn(home)).index]);
});

it("removes from every pool where the tenant may be, the one that it leaves as well", async () => {
  const { places, index } = open();
  const tenantId = randomUUID();
  const written = memory({ tenantId });
  places.put(tenantId, { movingTo: other.generations.pool });
  await index.write([written]);
  places.put(tenantId, { leaving: other.generations.pool });
  await index.write([memory({ tenantId })]);
  expect(await counts(index, tenantId)).toEqual(inBoth(2, 1));
  await index.remove(tenantId, [{ memoryId: written.memoryId }]);
  expect(await counts(index, tenantId)).toEqual(inBoth(1, 0));
});

it("gives a tenant one alias, though who gives it slept through its move", async () => {
  const { places, index } = open();
  const tenantId = randomUUID();
  const target = await currentIn(other);
  const find = places.find.bind(places);
  let moved = false;
  places.find = async (id) => {
    const found = await find(id);
    if (moved) return found;
    moved = true;
    places.put(tenantId, { pool: other.generations.pool });
    await moves().swap(tenantId, target);
    return found;
  };
  await index.ensureTenant(tenantId);
  const path = `/_alias/${tenantAlias(tenantId)}`;
  const { body } = await home.client.send<object>({ method: "GET", path });
  expect(Object.keys(body)).toEqual([target.index]);
});

it("brings nothing back that was deleted, though a copy of it is late", async () => {
  const { index } = open();
  const written = memory({ tenantId: randomUUID() });
  await index.write([written]);
  await index.remove(written.tenantId, [{ memoryId: written.memoryId }]);
  await index.writeTo(await currentIn(home), [written]);
  expect(await counts(index, written.tenantId)).toEqual(inBoth(0, 0));
});

it("gives an own pool one shard, and removes it whole with its tenant", async () => {
  const tenantId = randomUUID();
  const own = home.generations.ofPool(ownPool(tenantId));
  const { index: name } = await own.ensure(home.model);
  const { body } = await home.client.send<
    Record<string, { settings: { index: { number_of_shards: string } } }>
  >({
    method: "GET",
    path: `/${name}/_settings`,
  });
  expect(body[name]?.settings.index.number_of_shards).toBe("1");
  const { places, index } = open();
  places.put(tenantId, { pool: own.pool });
  await index.write([memory({ tenantId })]);
  await expect(moves().remove(tenantId, own.pool)).rejects.toMatchObject({ kind: "failed_precondition" });
  await moves().swap(tenantId, await currentIn(home));
  await moves().remove(tenantId, own.pool);
  expect(await own.list()).toEqual([]);
});
