import { advanceReplay } from "@mneme/core/replay/advance-replay.ts";
import { createReplayWork } from "@mneme/postgres/replay/replay-work.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { ReplayTenant } from "../testing/replay-tenant.ts";

const ADA = { userId: "ada" };

let engines: IngestEngines;
beforeAll(async () => {
  engines = await openIngestEngines();
});
afterAll(() => engines?.[Symbol.asyncDispose]());
afterEach(() => repair());

/** The record refuses what steps write: no outage, and nothing that another try mends. */
async function damage(tenantId: string): Promise<void> {
  await engines.record.admin.query(
    `alter table mneme.replay_streams add constraint damaged check (tenant_id <> '${tenantId}') not valid`,
  );
}

async function repair(): Promise<void> {
  await engines.record.admin.query("alter table mneme.replay_streams drop constraint if exists damaged");
}

/** Steps until the replay has failed. @returns how many there were. */
async function untilFailed(tenant: ReplayTenant, id: string): Promise<number> {
  for (let steps = 1; steps < 20; steps += 1) {
    await tenant.step(id);
    if ((await tenant.get(id)).state === "failed") return steps;
  }
  throw new Error("it did not fail");
}

async function damaged() {
  const tenant = await ReplayTenant.open(engines);
  await tenant.say(ADA, ["I live in Rome."]);
  const { id } = await tenant.start();
  await damage(tenant.tenant.tenantId);
  return { tenant, id };
}

describe("a replay that can't go on", () => {
  it("fails after five steps, and says why in no words of the error", async () => {
    const { tenant, id } = await damaged();
    expect(await untilFailed(tenant, id)).toBe(5);
    const { failure, readyAt, endedAt } = await tenant.get(id);
    expect(failure).toMatch(/^[A-Z_]+(?::[a-z_]+)?$/);
    expect([readyAt, endedAt]).toEqual([undefined, undefined]);
    // Nobody takes it on by itself.
    await repair();
    await tenant.step(id);
    expect((await tenant.get(id)).state).toBe("failed");
  });

  it("goes on where it was once it is resumed, and its reason goes", async () => {
    const { tenant, id } = await damaged();
    await untilFailed(tenant, id);
    await repair();
    const { state, failure, totals } = await tenant.end(id, "resumed");
    expect([state, failure, totals.streamsDone]).toEqual(["ready", undefined, 1]);
    expect(await tenant.told(id)).toEqual([]);
    await expect(tenant.end(id, "resumed")).rejects.toMatchObject({ reason: "STATE_CONFLICT" });
  });

  it("counts anew once a step came through", async () => {
    const { tenant, id } = await damaged();
    for (let i = 0; i < 4; i += 1) await tenant.step(id);
    await repair();
    await tenant.step(id);
    await damage(tenant.tenant.tenantId);
    await tenant.step(id);
    expect((await tenant.get(id)).state).toBe("running");
  });

  it("can be discarded, and is when its time is over", async () => {
    const first = await damaged();
    await untilFailed(first.tenant, first.id);
    await repair();
    expect((await first.tenant.end(first.id, "discarded")).state).toBe("discarded");
    const second = await damaged();
    await untilFailed(second.tenant, second.id);
    await repair();
    await second.tenant.expire(second.id);
    await second.tenant.advance(second.id);
    expect((await second.tenant.get(second.id)).state).toBe("discarded");
    expect(await second.tenant.left(second.id)).toBe(0);
  });
});

it("chooses the same streams page by page as at once", async () => {
  const tenant = await ReplayTenant.open(engines);
  for (let i = 0; i < 8; i += 1) await tenant.say({ userId: `person ${i}` }, ["I live in Rome."]);
  const { tenantId } = tenant.tenant;
  const chosen = async (sample: object, streamsAtOnce: number) => {
    const { id } = await tenant.start({ sample: { seed: 7, ...sample } });
    const deps = { ...tenant.deps, work: createReplayWork(engines.record.database, { streamsAtOnce }) };
    while ((await tenant.get(id)).state === "queued")
      await advanceReplay(deps, { tenantId, replayId: id }, { forMs: 0 });
    const { rows } = await engines.record.admin.query<{ stream_id: string }>(
      "select stream_id from mneme.replay_streams where replay_id = $1 order by stream_id",
      [id],
    );
    await tenant.end(id, "cancelled");
    return rows.map(({ stream_id }) => stream_id);
  };
  for (const sample of [{}, { percent: 50 }, { mostStreams: 3 }]) {
    const whole = await chosen(sample, 2_000);
    expect(await chosen(sample, 3)).toEqual(whole);
    expect(whole.length).toBeGreaterThan(0);
  }
});
