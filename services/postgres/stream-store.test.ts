import type { LimitedCaller } from "@mneme/core/limits/levels.ts";
import { createStreamLimiter } from "@mneme/core/limits/stream-limiter.ts";
import type { CallerLimits } from "@mneme/core/tenancy/caller.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStreamStore } from "./stream-store.ts";
import { limitedCaller } from "./testing/limited-caller.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("streams");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const caller = (limits: Partial<CallerLimits>) => limitedCaller(record, limits);
const open = (leaseMs = 15_000) =>
  createStreamLimiter(createStreamStore(record.database.pool), { defaults: {}, leaseMs });
const otherKey = (of: LimitedCaller): LimitedCaller => ({ ...of, apiKeyId: crypto.randomUUID() });
const refused = (scope: string, limit: number) => ({
  reason: "TOO_MANY_STREAMS",
  metadata: { scope, limit: String(limit) },
  retryAfterMs: 1_000,
});

async function counted({ tenantId }: LimitedCaller): Promise<number> {
  const { rowCount } = await record.admin.query("select from mneme.open_streams where tenant_id = $1", [
    tenantId,
  ]);
  return rowCount ?? 0;
}

describe("open streams", () => {
  it("are bounded at each level over all replicas, and make room when they end", async () => {
    await using one = open();
    await using other = open();
    const of = await caller({ tenant: { streams: 3 }, apiKey: { streams: 2 } });
    const close = await one.open(of);
    await other.open(of);
    await expect(one.open(of)).rejects.toMatchObject(refused("api_key", 2));
    await one.open(otherKey(of));
    await expect(other.open(otherKey(of))).rejects.toMatchObject(refused("tenant", 3));
    close();
    await expect.poll(() => counted(of)).toBe(2);
    await other.open(of);
  });

  it("are never more than the limit, however many come at once", async () => {
    await using one = open();
    await using other = open();
    const of = await caller({ project: { streams: 5 } });
    const all = await Promise.allSettled(
      Array.from({ length: 30 }, (_, i) => (i % 2 ? one : other).open(of)),
    );
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  });

  it("of a replica that is gone are forgotten, those of one that lives are not", async () => {
    const leaseMs = 600;
    const store = createStreamStore(record.database.pool);
    await using living = open(leaseMs);
    const of = await caller({ tenant: { streams: 2 } });
    await store.open(crypto.randomUUID(), leaseMs, { ...of, id: crypto.randomUUID() }, { tenant: 2 });
    await living.open(of);
    const begun = performance.now();
    await expect.poll(() => living.open(of).catch(() => undefined), { timeout: 5_000 }).toBeDefined();
    expect(performance.now() - begun).toBeGreaterThan(leaseMs / 2);
    await expect(living.open(of)).rejects.toMatchObject(refused("tenant", 2));
  });

  it("are let go of with their process", async () => {
    const of = await caller({ tenant: { streams: 2 } });
    {
      await using limiter = open();
      await limiter.open(of);
      await limiter.open(of);
      expect(await counted(of)).toBe(2);
    }
    expect(await counted(of)).toBe(0);
  });
});
