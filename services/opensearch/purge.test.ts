import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { memory, openPool, type Pool } from "./index-testing.ts";
import { purgeDeleted } from "./purge.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

it("leaves no deleted document in any segment, and the others where they are", async () => {
  const tenantId = randomUUID();
  const [doomed, kept] = [30, 200].map((count) => Array.from({ length: count }, () => memory({ tenantId })));
  const index = (await pool.generations.list())[0]?.index as string;
  await pool.index.write([...(doomed ?? []), ...(kept ?? [])]);
  await pool.index.remove(
    tenantId,
    (doomed ?? []).map((each) => each.memoryId),
  );
  expect((await documents(index)).deleted).toBeGreaterThan(0);
  await purgeDeleted(pool.client, index);
  expect(await documents(index)).toEqual({ count: 200, deleted: 0 });
}, 120_000);

it("stops with its caller", async () => {
  const index = (await pool.generations.list())[0]?.index as string;
  await expect(purgeDeleted(pool.client, index, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    kind: "cancelled",
  });
});

async function documents(index: string) {
  await pool.index.refresh();
  const answer = await pool.client.send<{
    indices: Record<string, { primaries: { docs: { count: number; deleted: number } } }>;
  }>({
    method: "GET",
    path: `/${index}/_stats/docs`,
  });
  return answer.body.indices[index]?.primaries.docs ?? { count: 0, deleted: 0 };
}
