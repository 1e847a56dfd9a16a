import { randomUUID } from "node:crypto";
import { ownPool, poolFor } from "@mneme/core/tenancy/placement.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createMaintenance } from "./maintenance.ts";
import { createPlacements, want } from "./placements.ts";
import { withTenant } from "./pool.ts";
import { createReindexStore } from "./reindex-store.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const DEFAULT = "shared";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("placements");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const open = (cacheMs = 0) => createPlacements(record.database.pool, { defaultPool: DEFAULT, cacheMs });

it("takes a tenant that was never moved for one of the default pool", async () => {
  const { tenantId } = await record.provision("unmoved");
  const placed = { tenantId, pool: DEFAULT, movingTo: undefined, leaving: undefined, wanted: undefined };
  expect(await open().find(tenantId)).toEqual(placed);
  expect(await open().of([tenantId])).toEqual([placed]);
});

it("goes through a move there and back, each step as often as it is asked for", async () => {
  const { tenantId } = await record.provision("moved");
  const places = open();
  const twice = async (step: () => Promise<object>) => {
    const first = await step();
    expect(await step()).toEqual(first);
    return first;
  };
  const at = (pool: string, movingTo?: string, leaving?: string) => {
    return { tenantId, pool, movingTo, leaving, wanted: undefined };
  };
  expect(await twice(() => places.begin(tenantId, "large"))).toEqual(at(DEFAULT, "large"));
  expect(await places.begin(tenantId, "other")).toEqual(at(DEFAULT, "large"));
  expect(await places.settle(tenantId, "other")).toEqual(at(DEFAULT, "large"));
  expect(await twice(() => places.settle(tenantId, "large"))).toEqual(at("large", undefined, DEFAULT));
  expect(await places.begin(tenantId, "other")).toEqual(at("large", undefined, DEFAULT));
  expect(await twice(() => places.left(tenantId, DEFAULT))).toEqual(at("large"));
  expect(await places.begin(tenantId, "large")).toEqual(at("large"));
  expect(await places.begin(tenantId, DEFAULT)).toEqual(at("large", DEFAULT));
  expect(await twice(() => places.giveUp(tenantId, DEFAULT))).toEqual(at("large", undefined, DEFAULT));
  expect(await places.left(tenantId, DEFAULT)).toEqual(at("large"));
  expect([...(await places.pools())].sort()).toEqual(["large", DEFAULT]);
});

it("remembers no longer than it says, and asks once for all tenants of a write", async () => {
  const tenants = await Promise.all(["a", "b", "c"].map((name) => record.provision(name)));
  const ids = tenants.map(({ tenantId }) => tenantId);
  const questions: unknown[] = [];
  const counting = Object.create(record.database.pool) as typeof record.database.pool;
  counting.query = ((...args: Parameters<typeof counting.query>) => {
    questions.push(args);
    return record.database.pool.query(...args);
  }) as typeof counting.query;
  const writer = createPlacements(counting, { defaultPool: DEFAULT, cacheMs: 60_000 });
  await Promise.all([writer.of(ids), writer.of(ids.slice(1))]);
  expect(questions).toHaveLength(1);
  const [moved = ""] = ids;
  await open().begin(moved, "large");
  expect(await writer.of([moved])).toMatchObject([{ movingTo: undefined }]);
  expect(await open(0).of([moved])).toMatchObject([{ movingTo: "large" }]);
  expect(questions).toHaveLength(1);
});

it("lists the tenants of a pool for its reindex, those on their way to it too, and knows that they move", async () => {
  const store = createReindexStore(record.database, DEFAULT);
  const { tenantId } = await record.provision("listed");
  const tenantsOf = async (pool: string) => {
    const found: string[] = [];
    for (let at: string | undefined; ; found.push(at)) {
      at = await store.nextTenant(pool, at);
      if (at === undefined) return found;
    }
  };
  expect(await tenantsOf(DEFAULT)).toContain(tenantId);
  expect(await store.isMoving("quiet")).toBe(false);
  await open().begin(tenantId, "quiet");
  expect(await tenantsOf(DEFAULT)).toContain(tenantId);
  expect(await tenantsOf("quiet")).toEqual([tenantId]);
  expect(await store.isMoving("quiet")).toBe(true);
  await open().settle(tenantId, "quiet");
  expect(await tenantsOf(DEFAULT)).not.toContain(tenantId);
  expect(await store.isMoving("quiet")).toBe(true);
  await open().left(tenantId, DEFAULT);
  expect(await store.isMoving("quiet")).toBe(false);
});

it("keeps where a tenant is wanted until it is there, or given up", async () => {
  const { tenantId } = await record.provision("wanted");
  const places = open();
  const ask = (to: string) =>
    withTenant(record.database.pool, tenantId, (client) => want(client, tenantId, to, DEFAULT));
  await ask("large");
  expect(await places.find(tenantId)).toMatchObject({ pool: DEFAULT, movingTo: undefined, wanted: "large" });
  await places.begin(tenantId, "large");
  await ask("other");
  expect(await places.settle(tenantId, "large")).toMatchObject({ pool: "large", wanted: "other" });
  await places.left(tenantId, DEFAULT);
  await places.begin(tenantId, "other");
  expect(await places.settle(tenantId, "other")).toMatchObject({ pool: "other", wanted: undefined });
  await places.left(tenantId, "large");
  await ask("large");
  expect(await places.giveUp(tenantId, DEFAULT)).toMatchObject({ wanted: "large" });
  expect(await places.giveUp(tenantId, "large")).toMatchObject({ leaving: undefined, wanted: undefined });
  await ask("other");
  expect(await places.arrived(tenantId, "other")).toMatchObject({ pool: "other", wanted: undefined });
});

it("asks for the rest of a move that was forgotten, once, and leaves it to the record where to", async () => {
  const { tenantId } = await record.provision("forgotten");
  const maintenance = createMaintenance(record.database.pool);
  await withTenant(record.database.pool, tenantId, (client) => want(client, tenantId, "large", DEFAULT));
  const rows = async () => {
    const { rows: found } = await record.admin.query(
      "select topic, key from mneme.outbox where tenant_id = $1",
      [tenantId],
    );
    return found;
  };
  await maintenance.wakeForgottenMoves(60_000, 100);
  expect(await rows()).toEqual([]);
  await maintenance.wakeForgottenMoves(0, 100);
  await maintenance.wakeForgottenMoves(0, 100);
  expect(await rows()).toEqual([{ topic: "move", key: "" }]);
});

it("knows that there is no such tenant", async () => {
  await expect(open().begin(randomUUID(), "large")).rejects.toMatchObject({ kind: "not_found" });
});

it("shows a tenant's placement to that tenant alone", async () => {
  const { tenantId } = await record.provision("fenced");
  await open().begin(tenantId, "large");
  const { rows } = await record.database.pool.query("select from tenant_placements");
  expect(rows).toEqual([]);
});

it("takes a tenant's own pool and shared ones for a move, and nobody else's own", () => {
  const [ada, bob] = ["019a0000-0000-7000-8000-00000000000a", "019a0000-0000-7000-8000-00000000000b"];
  expect(poolFor(ada, "own")).toBe("own019a000000007000800000000000000a");
  expect(poolFor(ada, ownPool(ada))).toBe(ownPool(ada));
  expect(poolFor(ada, "large2")).toBe("large2");
  for (const wanted of [ownPool(bob), "Large", "a*", "", "x,y"]) {
    expect(() => poolFor(ada, wanted)).toThrow(expect.objectContaining({ reason: "FIELD_INVALID" }));
  }
});
