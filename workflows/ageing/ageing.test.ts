import { randomUUID } from "node:crypto";
import type { AgeingStore } from "@mneme/core/ageing/ageing-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { createAgeingSchedules } from "@mneme/postgres/ageing-schedules.ts";
import { createAgeingStore } from "@mneme/postgres/ageing-store.ts";
import { createEpisodeStore } from "@mneme/postgres/consolidation/consolidation-store.ts";
import { createInactivityStore } from "@mneme/postgres/inactivity-store.ts";
import { createMaintenance } from "@mneme/postgres/maintenance.ts";
import { createMemoryArchive } from "@mneme/postgres/memory-archive.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createReviewStore } from "@mneme/postgres/review-store.ts";
import { setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { makeOlder } from "@mneme/postgres/testing/age.ts";
import { seedMemories, settingsOf, testEmbedder } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { ScheduleNotFoundError } from "@temporalio/client";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ageingScheduleId, workflowNames } from "../contract.ts";
import { createMaintenanceActivities } from "../maintenance/activities.ts";
import { createMetrics } from "../metrics.ts";
import { historyText, openTestTemporal, type TestTemporal, until } from "../testing/temporal.ts";
import { createAgeingActivities } from "./activities.ts";
import { type AgeingPlan, offsetOf, planKey } from "./plan.ts";
import { createAgeingScheduler } from "./schedules.ts";

const HOUR_MS = 3_600_000;
const DAILY: AgeingPlan = { everyMs: 24 * HOUR_MS, fromMs: HOUR_MS, withinMs: 4 * HOUR_MS };
const EACH_SECOND: AgeingPlan = { everyMs: 1_000, fromMs: 0, withinMs: 1_000 };
const log = pino({ level: "silent" });

let record: TestRecord;
let temporal: TestTemporal;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("ageing_workflow");
  temporal = await openTestTemporal();
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterEach(async () => {
  const { rows } = await record.admin.query<{ id: string }>("select id from mneme.tenants");
  for (const { id } of rows) await scheduler(DAILY).remove(id);
});
afterAll(async () => {
  await temporal?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

const scheduleOf = ({ tenantId }: Provisioned = tenant) =>
  temporal.client.schedule.getHandle(ageingScheduleId(tenantId));
const scheduler = (plan: AgeingPlan) =>
  createAgeingScheduler(temporal.client, { taskQueue: temporal.taskQueue, plan });
const isThere = (of?: Provisioned) =>
  scheduleOf(of)
    .describe()
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof ScheduleNotFoundError) return false;
        throw error;
      },
    );

function activities(plan = DAILY, metrics = createMetrics()) {
  const { pool } = record.database;
  return {
    ...createMaintenanceActivities({
      log,
      metrics,
      maintenance: createMaintenance(pool),
      pools: async () => [],
      isReindexing: async () => false,
      ageing: {
        schedules: createAgeingSchedules(pool),
        scheduler: scheduler(plan),
        plan: planKey(plan, temporal.taskQueue),
      },
    }),
    ...ageing(metrics, consolidating()),
  };
}

function ageing(
  metrics: ReturnType<typeof createMetrics>,
  consolidation: ReturnType<typeof consolidating>,
  { store = createAgeingStore(record.database.pool), forMs }: { store?: AgeingStore; forMs?: number } = {},
) {
  const { pool } = record.database;
  return createAgeingActivities({
    log,
    ...(forMs !== undefined && { forMs }),
    metrics,
    schedules: createAgeingSchedules(pool),
    consolidating: consolidation,
    archiving: {
      store,
      inactivity: createInactivityStore(pool),
      archive: createMemoryArchive(pool),
      settings: settingsOf(record),
      now: () => new Date(),
    },
    reviewing: {
      store,
      reviews: createReviewStore(pool),
      settings: settingsOf(record),
      now: () => new Date(),
    },
  });
}

const consolidating = () => ({
  episodes: createEpisodeStore(record.database),
  settings: settingsOf(record),
  embedderFor: () => testEmbedder,
});

async function maintain(plan = DAILY): Promise<void> {
  await using _worker = await temporal.startWorker(activities(plan));
  const { taskQueue } = temporal;
  const workflowId = `maintenance-${randomUUID()}`;
  await temporal.client.workflow.execute(workflowNames.maintenance, { workflowId, taskQueue });
}

/** Runs of the tenant's schedule that have ended, and how. */
async function endedRuns(of: Provisioned = tenant) {
  const { info } = await scheduleOf(of).describe();
  const handles = info.recentActions.map(({ action }) =>
    temporal.client.workflow.getHandle(action.workflow.workflowId, action.workflow.firstExecutionRunId),
  );
  const runs = await Promise.all(handles.map(async (handle) => ({ handle, is: await handle.describe() })));
  return runs.filter(({ is }) => is.status.name !== "RUNNING");
}

const actionsOf = async (of: Provisioned) => (await scheduleOf(of).describe()).info.numActionsTaken;

/** Something of Ada's that has faded by the project's settings, and something that has not. */
async function seedFaded(): Promise<{ film: string; play: string }> {
  await setOnProject(record, tenant, { ageing: { episodicHalfLifeDays: 30, archiveBelow: 0.2 } });
  const drafts = ["Ada saw a film.", "Ada saw a play."].map((text) => {
    return { ...draftOf(text), kind: "episodic" as const };
  });
  const [film, play] = await seedMemories(record, tenant, { userId: "ada" }, drafts);
  await makeOlder(record, [film?.id ?? ""], 100);
  return { film: film?.id ?? "", play: play?.id ?? "" };
}

const archivedIn = async () => {
  const { rows } = await record.admin.query<{ id: string }>(
    "select id from mneme.memories where tenant_id = $1 and archived_at is not null",
    [tenant.tenantId],
  );
  return rows.map(({ id }) => id);
};

describe("schedules", () => {
  it("are made for tenants that have none, and again where one was lost", async () => {
    await maintain();
    const { spec, policies, state } = await scheduleOf().describe();
    expect(spec.intervals).toEqual([{ every: DAILY.everyMs, offset: offsetOf(tenant.tenantId, DAILY) }]);
    expect(policies).toMatchObject({ overlap: "SKIP", catchupWindow: 6 * HOUR_MS });
    expect(state.paused).toBe(false);
    await scheduleOf().delete();
    await maintain();
    expect(await isThere()).toBe(false);
    await record.admin.query("update mneme.ageing_schedules set looked_at = looked_at - interval '2 hours'");
    await maintain();
    expect(await isThere()).toBe(true);
  });

  it("stay paused, also where the deployment's plan becomes another", async () => {
    await maintain();
    await scheduleOf().pause("not this one");
    const other: AgeingPlan = { everyMs: 12 * HOUR_MS, fromMs: 0, withinMs: HOUR_MS };
    await maintain(other);
    const { spec, state } = await scheduleOf().describe();
    expect(spec.intervals).toEqual([{ every: other.everyMs, offset: offsetOf(tenant.tenantId, other) }]);
    expect(state).toMatchObject({ paused: true, note: "not this one" });
  });

  it("keep the times that an operator has set, as long as the plan is the same", async () => {
    await maintain();
    await scheduleOf().update((held) => ({ ...held, spec: { intervals: [{ every: "7 days" }] } }));
    await record.admin.query("update mneme.ageing_schedules set looked_at = looked_at - interval '2 hours'");
    await maintain();
    expect((await scheduleOf().describe()).spec.intervals).toMatchObject([{ every: 7 * 24 * HOUR_MS }]);
  });

  it("go with a tenant that is suspended, and come back with it", async () => {
    const setState = (state: string) =>
      record.admin.query("update mneme.tenants set state = $2 where id = $1", [tenant.tenantId, state]);
    await maintain();
    await setState("suspended");
    await maintain();
    expect(await isThere()).toBe(false);
    await setState("active");
    await maintain();
    expect(await isThere()).toBe(true);
  });

  it("are paused still when their tenant was suspended meanwhile, also where a crash came between", async () => {
    const setState = (state: string) =>
      record.admin.query("update mneme.tenants set state = $2 where id = $1", [tenant.tenantId, state]);
    await maintain();
    await scheduleOf().pause("not this one");
    await setState("suspended");
    await maintain();
    expect(await isThere()).toBe(false);
    // As if whoever removed it had died before that was noted.
    await record.admin.query("update mneme.ageing_schedules set is_gone = false");
    await maintain();
    await setState("active");
    await maintain();
    expect((await scheduleOf().describe()).state).toMatchObject({ paused: true, note: "not this one" });
    await scheduleOf().unpause();
    for (const state of ["suspended", "active"]) {
      await setState(state);
      await maintain();
    }
    expect((await scheduleOf().describe()).state.paused).toBe(false);
  });

  it("begin no run while they are paused", async () => {
    const control = await record.provision("control");
    await using _worker = await temporal.startWorker(activities());
    for (const { tenantId } of [tenant, control]) await scheduler(EACH_SECOND).ensure(tenantId, false);
    await until(async () => (await endedRuns()).length > 0);
    await scheduleOf().pause();
    const before = await actionsOf(tenant);
    const others = await actionsOf(control);
    await until(async () => (await actionsOf(control)) >= others + 3);
    expect(await actionsOf(tenant)).toBe(before);
    await scheduleOf().unpause();
    await until(async () => (await actionsOf(tenant)) > before);
  }, 60_000);
});

describe("a run", () => {
  it("archives what has faded, once, with two workers, and notes that it ended well", async () => {
    const { film } = await seedFaded();
    const metrics = [createMetrics(), createMetrics()];
    const [one, two] = metrics.map((each) => activities(DAILY, each));
    await using _one = await temporal.startWorker(one as object);
    await using other = await openTestTemporal(temporal.taskQueue);
    await using _two = await other.startWorker(two as object);
    await Promise.all([1, 2].map(() => scheduler(DAILY).ensure(tenant.tenantId, false)));
    const schedules = createAgeingSchedules(record.database.pool);
    await schedules.seen(tenant.tenantId, "any");
    await scheduleOf().trigger();
    await until(async () => (await endedRuns()).length > 0);
    const [run, ...more] = await endedRuns();
    expect(more).toEqual([]);
    expect(await run?.handle.result()).toEqual({ faded: 1, left: 0, inactive: 0, returned: 0 });
    expect(await archivedIn()).toEqual([film]);
    const counted = await Promise.all(metrics.map(({ archived }) => archived.get()));
    expect(counted.flatMap(({ values }) => values.map(({ value }) => value)).reduce((a, b) => a + b, 0)).toBe(
      1,
    );
    const { rows } = await record.admin.query<{ succeeded_at: Date }>(
      "select succeeded_at from mneme.ageing_schedules where tenant_id = $1",
      [tenant.tenantId],
    );
    expect(rows[0]?.succeeded_at).toBeInstanceOf(Date);
    expect(await schedules.longestUnaged()).toBeLessThan(3_600);
    const { rows: events } = await record.admin.query<{ action: string; resource_ids: string[] }>(
      "select action, resource_ids from mneme.audit_inbox where tenant_id = $1 and service = 'ageing'",
      [tenant.tenantId],
    );
    expect(events).toEqual([{ action: "ageing/faded", resource_ids: [film] }]);
    expect(await historyText(run?.handle as never)).not.toMatch(/film|Ada/);
  });

  it.each([
    ["without a word of whose cursor that is", { counts: { summaries: 2 }, cursor: { part: "persons" } }],
    [
      "without counts, and with a step that is no more",
      { done: ["weigh"], step: "weigh", cursor: { at: "3" } },
    ],
    ["in a part that is no more", { step: "archive", cursor: { part: "graves" } }],
    ["by positions", { done: ["consolidate"], step: "review", cursor: { projectId: "17", after: "18" } }],
    ["by positions of streams", { step: "consolidate", cursor: { after: "17" } }],
  ])("goes on from what another version of a worker carried, %s", async (_, carried) => {
    const { film } = await seedFaded();
    await using _worker = await temporal.startWorker(activities());
    const run = await temporal.client.workflow.start(workflowNames.ageing, {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue: temporal.taskQueue,
      args: [{ tenantId: tenant.tenantId, carried }],
      workflowExecutionTimeout: "20 seconds",
    });
    expect(await run.result()).toMatchObject({ faded: 1, ...("counts" in carried && carried.counts) });
    expect(await archivedIn()).toEqual([film]);
  });

  it("has what happened long ago told by a summary before anything fades", async () => {
    await setOnProject(record, tenant, {
      consolidation: { afterDays: 30 },
      ageing: { episodicHalfLifeDays: 30, archiveBelow: 0.2 },
    });
    const swims = ["2026-02-03", "2026-02-10"].map((day) => ({
      ...draftOf("Ada went swimming."),
      kind: "episodic" as const,
      validFrom: new Date(`${day}T09:00:00Z`),
    }));
    await seedMemories(record, tenant, { userId: "ada" }, swims);
    await using _worker = await temporal.startWorker(activities());
    const { taskQueue } = temporal;
    const args = [{ tenantId: tenant.tenantId }];
    const run = await temporal.client.workflow.start(workflowNames.ageing, {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue,
      args,
    });
    expect(await run.result()).toMatchObject({ summaries: 1, consolidated: 2 });
    const { rows } = await record.admin.query<{ reason: string | null }>(
      "select archive_reason as reason from mneme.memories where tenant_id = $1 order by reason",
      [tenant.tenantId],
    );
    expect(rows.map(({ reason }) => reason)).toEqual(["consolidated", "consolidated", null]);
    expect(await historyText(run)).not.toMatch(/swimming|Ada/);
  });

  it("begins a project's walk again where the rules change under it, and comes to its end", async () => {
    const rules = { episodicHalfLifeDays: 30, archiveBelow: 0.2 };
    await setOnProject(record, tenant, { ageing: rules });
    const [oslo] = await seedMemories(record, tenant, { userId: "ada" }, [draftOf("Ada lives in Oslo.")]);
    await makeOlder(record, [oslo?.id ?? ""], 100);
    const drafts = Array.from({ length: 501 }, (_, i) => draftOf(`Ada did ${i}.`, { kind: "episodic" }));
    await seedMemories(record, tenant, { userId: "ada" }, drafts);
    const store = createAgeingStore(record.database.pool);
    const looked: number[] = [];
    const aged: typeof store.aged = async (...page) => {
      const memories = await store.aged(...page);
      if (looked.push(memories.length) === 1)
        await setOnProject(record, tenant, { ageing: { ...rules, semanticHalfLifeDays: 10 } });
      return memories;
    };
    const all = ageing(createMetrics(), consolidating(), { store: { ...store, aged } });
    await using _worker = await temporal.startWorker(all);
    const run = await temporal.client.workflow.start(workflowNames.ageing, {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue: temporal.taskQueue,
      args: [{ tenantId: tenant.tenantId }],
      workflowExecutionTimeout: "20 seconds",
    });
    expect(await run.result()).toMatchObject({ faded: 1 });
    expect(await archivedIn()).toEqual([oslo?.id]);
    expect(looked).toEqual([500, 500, 2]);
  });

  it("comes to its end by calls that stop as soon as they may, over several histories", async () => {
    await setOnProject(record, tenant, {
      consolidation: { afterDays: 30 },
      ageing: { archiveInactiveDays: 30 },
    });
    const days = ["2026-02-03", "2026-02-10"].map((day) => new Date(day));
    const drafts = ["sports", "health"].flatMap((category) =>
      days.map((validFrom) => draftOf(`Ada was at ${category}.`, { kind: "episodic", category, validFrom })),
    );
    for (const userId of ["ada", "bo"]) await seedMemories(record, tenant, { userId }, drafts);
    const cy = await seedMemories(record, tenant, { userId: "cy" }, ["Cy rows.", "Cy sails."]);
    await makeOlder(record, idsOf(cy), 40);
    await record.admin.query(
      `update mneme.extractions set created_at = created_at - interval '40 days'
       where id in (select extraction_id from mneme.memory_versions where memory_id = any ($1::uuid[]))`,
      [idsOf(cy)],
    );
    await using _worker = await temporal.startWorker(ageing(createMetrics(), consolidating(), { forMs: 0 }));
    const run = await temporal.client.workflow.start(workflowNames.ageing, {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue: temporal.taskQueue,
      args: [{ tenantId: tenant.tenantId, maxHistoryEvents: 30 }],
      workflowExecutionTimeout: "60 seconds",
    });
    expect(await run.result()).toMatchObject({ summaries: 4, consolidated: 8, inactive: 2 });
    const { runId } = await run.describe();
    expect(runId).not.toBe(run.firstExecutionRunId);
  });

  it("leaves alone what is told again under it", async () => {
    const { film } = await seedFaded();
    const { pool } = record.database;
    const archive = createMemoryArchive(pool);
    const between = {
      ...archive,
      // Between the look and the locks, Ada says it again.
      archiveAll: async (...args: Parameters<typeof archive.archiveAll>) => {
        const drafts = [{ ...draftOf("Ada saw a film."), kind: "episodic" as const }];
        await seedMemories(record, tenant, { userId: "ada" }, drafts);
        return archive.archiveAll(...args);
      },
    };
    const archiving = {
      store: createAgeingStore(pool),
      inactivity: createInactivityStore(pool),
      archive: between,
      settings: settingsOf(record),
      now: () => new Date(),
    };
    const reviewing = { ...archiving, reviews: createReviewStore(pool) };
    const schedules = createAgeingSchedules(pool);
    const deps = {
      log,
      metrics: createMetrics(),
      schedules,
      archiving,
      reviewing,
      consolidating: consolidating(),
    };
    await using _worker = await temporal.startWorker(createAgeingActivities(deps));
    const { taskQueue } = temporal;
    const options = {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue,
      args: [{ tenantId: tenant.tenantId }],
    };
    expect(await temporal.client.workflow.execute(workflowNames.ageing, options)).toEqual({
      faded: 0,
      left: 1,
      inactive: 0,
      returned: 0,
    });
    expect(await archivedIn()).toEqual([]);
    const [memory] = await createMemoryStore(record.database).get(tenant, [film]);
    expect(memory?.sources).toHaveLength(2);
  });
});

const idsOf = (memories: readonly { readonly id: string }[]) => memories.map(({ id }) => id);

describe("reviews", () => {
  it("are held by the same runs, and leave ids and counts alone behind", async () => {
    await setOnProject(record, tenant, { review: { rules: [{ days: 30, whenStale: "archive" }] } });
    const reviewAt = new Date(Date.now() - HOUR_MS);
    const [rows] = await seedMemories(record, tenant, { userId: "ada" }, [
      { ...draftOf("Ada rows."), reviewAt },
      draftOf("Ada sails."),
    ]);
    const metrics = createMetrics();
    await using _worker = await temporal.startWorker(activities(DAILY, metrics));
    const handle = await temporal.client.workflow.start(workflowNames.ageing, {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue: temporal.taskQueue,
      args: [{ tenantId: tenant.tenantId }],
    });
    expect(await handle.result()).toMatchObject({ archived: 1 });
    expect(await archivedIn()).toEqual([rows?.id]);
    expect(await metrics.registry.metrics()).toContain('mneme_ageing_reviewed_total{action="archived"} 1');
    const { rows: events } = await record.admin.query(
      "select action, resource_ids from mneme.audit_inbox where tenant_id = $1 and service = 'ageing'",
      [tenant.tenantId],
    );
    expect(events).toEqual([{ action: "review/archived", resource_ids: [rows?.id] }]);
    expect(await historyText(handle)).not.toMatch(/rows|Ada/);
  });
});

describe("a stream that cannot be consolidated", () => {
  it("leaves the run incomplete once all steps had their turn", async () => {
    await setOnProject(record, tenant, { consolidation: { afterDays: 30 } });
    const days = ["2026-02-03", "2026-02-10"].map((day) => new Date(day));
    const swims = days.map((validFrom) => draftOf("Ada went swimming.", { kind: "episodic", validFrom }));
    await seedMemories(record, tenant, { userId: "ada" }, swims);
    const episodes = { ...consolidating().episodes, apply: () => Promise.reject(new Error("a fault")) };
    const { consolidate } = ageing(createMetrics(), { ...consolidating(), episodes });
    await using _worker = await temporal.startWorker({ ...activities(), consolidate });
    const run = temporal.client.workflow.execute(workflowNames.ageing, {
      workflowId: `ageing-${randomUUID()}`,
      taskQueue: temporal.taskQueue,
      args: [{ tenantId: tenant.tenantId }],
    });
    await expect(run).rejects.toMatchObject({
      cause: { type: "AGEING_INCOMPLETE", message: "steps failed: consolidate" },
    });
  });
});

describe("offsets", () => {
  it("are a tenant's own, within the hours that the plan gives, over midnight too", () => {
    const night: AgeingPlan = { everyMs: 24 * HOUR_MS, fromMs: 22 * HOUR_MS, withinMs: 6 * HOUR_MS };
    const offsets = Array.from({ length: 600 }, (_, i) => offsetOf(`tenant ${i}`, night) / HOUR_MS);
    expect(offsets.every((hour) => (hour >= 22 && hour < 24) || (hour >= 0 && hour < 4))).toBe(true);
    const byHour = Map.groupBy(offsets, Math.floor);
    expect([...byHour.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 22, 23]);
    expect([...byHour.values()].every(({ length }) => length > 50 && length < 150)).toBe(true);
    expect(offsetOf("tenant 1", night)).toBe(offsetOf("tenant 1", night));
  });
});
