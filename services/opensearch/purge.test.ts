import { randomUUID } from "node:crypto";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { currentOf } from "./generation.ts";
import { memory, openPool, type Pool } from "./index-testing.ts";
import { purgeDeleted } from "./purge.ts";
import { createTenantMoves } from "./tenant-moves.ts";

let pool: Pool;
let home: Pool;
let other: Pool;
beforeAll(async () => {
  [pool, home, other] = await Promise.all([openPool(), openPool(), openPool()]);
});
afterAll(async () => {
  for (const each of [pool, home, other]) await each?.[Symbol.asyncDispose]();
});

async function currentIn({ generations }: Pool): Promise<IndexGeneration> {
  return currentOf(await generations.list()) as IndexGeneration;
}

it.concurrent("leaves no deleted document in any segment, and the others where they are", async () => {
  const tenantId = randomUUID();
  const [doomed, kept] = [30, 200].map((count) => Array.from({ length: count }, () => memory({ tenantId })));
  const { index } = await currentIn(pool);
  await pool.index.write([...(doomed ?? []), ...(kept ?? [])]);
  await pool.index.remove(
    tenantId,
    (doomed ?? []).map(({ memoryId }) => ({ memoryId })),
  );
  expect((await documents(pool)).deleted).toBeGreaterThan(0);
  await purgeDeleted(pool.client, index);
  expect(await documents(pool)).toEqual({ count: 200, deleted: 0 });
}, 120_000);

it.concurrent("takes a moved tenant's documents off the disk, and back at the same revision", async () => {
  const [tenantId, neighbour] = [randomUUID(), randomUUID()];
  const written = Array.from({ length: 30 }, (_, i) => memory({ tenantId, revision: i + 1 }));
  await home.index.write([...written, memory({ tenantId: neighbour })]);
  const moves = createTenantMoves(home);
  await moves.swap(tenantId, await currentIn(other));
  expect(await moves.remove(tenantId, home.generations.pool)).toBe(30);
  const counts = (tenant: string) => Promise.all([home, other].map((each) => countIn(each, tenant)));
  expect(await counts(tenantId)).toEqual([0, 0]);
  expect(await counts(neighbour)).toEqual([1, 0]);
  expect(await documents(home)).toEqual({ count: 1, deleted: 0 });
  expect(await home.index.writeTo(await currentIn(home), written)).toEqual([]);
  expect(await counts(tenantId)).toEqual([30, 0]);
}, 120_000);

it("stops with its caller", async () => {
  const { index } = await currentIn(pool);
  await expect(purgeDeleted(pool.client, index, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    kind: "cancelled",
  });
});

async function countIn({ index }: Pool, tenantId: string): Promise<number | undefined> {
  await index.refresh();
  const [found] = await index.count({ tenantId });
  return found?.documents;
}

async function documents(of: Pool) {
  const { index } = await currentIn(of);
  await of.index.refresh();
  const answer = await of.client.send<{
    indices: Record<string, { primaries: { docs: { count: number; deleted: number } } }>;
  }>({
    method: "GET",
    path: `/${index}/_stats/docs`,
  });
  return answer.body.indices[index]?.primaries.docs ?? { count: 0, deleted: 0 };
}
