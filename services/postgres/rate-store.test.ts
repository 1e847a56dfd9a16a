import type { LimitedCaller } from "@mneme/core/limits/levels.ts";
import { createRateLimiter, type RateLimiter } from "@mneme/core/limits/rate-limiter.ts";
import type { CallerLimits } from "@mneme/core/tenancy/caller.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMaintenance } from "./maintenance.ts";
import { createRateStore } from "./rate-store.ts";
import { limitedCaller } from "./testing/limited-caller.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("rates");
});
afterAll(() => record?.[Symbol.asyncDispose]());

const open = (store = createRateStore(record.database.pool)) => createRateLimiter(store, { defaults: {} });

const caller = (limits: Partial<CallerLimits>) => limitedCaller(record, limits);

/** @returns how many of `calls`, all at once and spread over the limiters, were let pass. */
async function passed(limiters: readonly RateLimiter[], of: LimitedCaller, calls: number) {
  const all = await Promise.all(
    Array.from({ length: calls }, (_, i) => limiters[i % limiters.length]?.admit(of)),
  );
  return all.filter((admission) => admission && !admission.refusal).length;
}

describe("rates over replicas", () => {
  it("let the burst pass, and after it what the rate allows", async () => {
    await using one = open();
    await using other = open();
    const of = await caller({ tenant: { requestsPerSecond: 50, burst: 30 } });
    const begun = performance.now();
    let count = await passed([one, other], of, 200);
    expect(count).toBeGreaterThanOrEqual(28);
    while (performance.now() - begun < 1_500) count += await passed([one, other], of, 20);
    const seconds = (performance.now() - begun) / 1_000;
    expect(count).toBeLessThanOrEqual(30 + 50 * seconds);
    expect(count).toBeGreaterThan(30 + 50 * seconds * 0.6);
  });

  it("say which level refuses, and when to call again", async () => {
    await using limiter = open();
    const of = await caller({
      tenant: { requestsPerSecond: 1_000 },
      project: { requestsPerSecond: 0.5, burst: 2 },
    });
    expect(await passed([limiter], of, 5)).toBe(2);
    const { refusal, state } = (await limiter.admit(of)) ?? {};
    expect(refusal).toMatchObject({ reason: "RATE_LIMITED", metadata: { limit: "0.5", scope: "project" } });
    expect(refusal?.retryAfterMs).toBeGreaterThan(500);
    expect(refusal?.retryAfterMs).toBeLessThanOrEqual(2_000);
    expect(state).toMatchObject({ burst: 2, remaining: 0 });
    expect(state?.resetMs).toBeGreaterThan(2_000);
  });

  it("are one statement for all levels and callers, and none while tokens are held", async () => {
    const store = createRateStore(record.database.pool);
    const asks: number[] = [];
    await using limiter = open({
      lease: (replica, leaseMs, asked) => {
        asks.push(asked.length);
        return store.lease(replica, leaseMs, asked);
      },
    });
    const limits = { requestsPerSecond: 1_000, burst: 1_000 };
    const [a, b] = [
      await caller({ tenant: limits, project: limits, apiKey: limits }),
      await caller({ tenant: limits }),
    ];
    await Promise.all([limiter.admit(a), limiter.admit(b)]);
    expect(asks).toEqual([4]);
    for (let i = 0; i < 20; i += 1) await limiter.admit(a);
    expect(asks).toEqual([4]);
    expect(limiter.admit(await caller({}))).toBeUndefined();
  });

  it("give back what was leased and not spent", async () => {
    const of = await caller({ apiKey: { requestsPerSecond: 0.001, burst: 10 } });
    for (let calls = 1; calls <= 5; calls += 1) {
      await using limiter = open();
      expect(await passed([limiter], of, 2)).toBe(2);
    }
    await using limiter = open();
    expect(await passed([limiter], of, 1)).toBe(0);
  });

  it("are not held up by what a replica took with it", async () => {
    const store = createRateStore(record.database.pool);
    const { tenantId, projectId } = await record.provision();
    const ask = { tenantId, scopeId: projectId, rate: 100, burst: 10, holds: 0, returns: 0 };
    const [gone, here] = [crypto.randomUUID(), crypto.randomUUID()];
    expect(await store.lease(gone, 300, [{ ...ask, wants: 10 }])).toMatchObject([{ granted: 10 }]);
    // Refilled as it is, the bucket has no room for what may still be spent.
    await expect.poll(() => store.lease(here, 300, [{ ...ask, wants: 1 }])).toMatchObject([{ granted: 1 }]);
  });
});

describe("rates that nobody uses", () => {
  const replica = crypto.randomUUID();
  const askOf = async (rate: number) => {
    const { tenantId, projectId } = await record.provision();
    return { tenantId, scopeId: projectId, rate, burst: 10, wants: 10, holds: 0, returns: 0 };
  };
  const kept = async ({ tenantId }: { tenantId: string }) => {
    const { rowCount } = await record.admin.query("select from mneme.rate_buckets where tenant_id = $1", [
      tenantId,
    ]);
    return rowCount;
  };

  it("are forgotten a day after their bucket is full again and no lease of it left", async () => {
    const store = createRateStore(record.database.pool);
    const { removeRateBuckets } = createMaintenance(record.database.pool);
    await record.admin.query("truncate mneme.rate_buckets");
    // Full after 2 seconds, after 100,000, and after a lease of a day.
    const [quick, slow, leased] = [await askOf(5), await askOf(0.0001), await askOf(5)];
    await store.lease(replica, 1_000, [quick, slow]);
    await store.lease(replica, 86_400_000, [leased]);
    expect(await removeRateBuckets(10)).toBe(0);
    const pass = (seconds: number) =>
      record.admin.query(
        `update mneme.rate_buckets set full_from = full_from - $1, refilled_at = refilled_at - $1,
           leases = (select jsonb_object_agg(key, jsonb_build_array(value->0, (value->>1)::double precision - $1))
                     from jsonb_each(leases))`,
        [seconds],
      );
    await pass(86_405);
    expect(await removeRateBuckets(10)).toBe(1);
    expect([await kept(quick), await kept(slow), await kept(leased)]).toEqual([0, 1, 1]);
    expect(await store.lease(replica, 1_000, [quick])).toMatchObject([{ granted: 10, available: 0 }]);
    expect(await store.lease(replica, 1_000, [slow])).toMatchObject([{ granted: 8 }]);
    await pass(86_405);
    expect(await removeRateBuckets(10)).toBe(2);
    expect(await kept(slow)).toBe(1);
  });

  it("are there again for who asks in the moment in which they are forgotten", async () => {
    const store = createRateStore(record.database.pool);
    const ask = await askOf(0.001);
    await store.lease(replica, 1_000, [{ ...ask, wants: 1 }]);
    const removing = await record.admin.connect();
    await removing.query("begin");
    const own = "from mneme.rate_buckets where tenant_id = $1";
    await removing.query(`select ${own} for update`, [ask.tenantId]);
    const leasing = store.lease(crypto.randomUUID(), 1_000, [{ ...ask, wants: 100 }]);
    const waiting = `select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like '%lease_rates%'`;
    await expect.poll(async () => (await record.admin.query(waiting)).rowCount).toBe(1);
    await removing.query(`delete ${own}`, [ask.tenantId]);
    await removing.query("commit");
    removing.release();
    expect(await leasing).toMatchObject([{ granted: 10, available: 0 }]);
    expect(await store.lease(replica, 1_000, [ask])).toMatchObject([{ granted: 0 }]);
  });
});
