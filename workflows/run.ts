import { createFairTurns } from "@mneme/core/limits/fair-turns.ts";
import type { AgeingSchedules } from "@mneme/postgres/ageing-schedules.ts";
import type { AuditChain } from "@mneme/postgres/audit-chain.ts";
import { listen } from "@mneme/postgres/listener.ts";
import type { Outbox } from "@mneme/postgres/outbox.ts";
import { Client } from "@temporalio/client";
import type { Logger } from "pino";
import { createAgeingActivities } from "./ageing/activities.ts";
import { planKey } from "./ageing/plan.ts";
import { createAgeingScheduler } from "./ageing/schedules.ts";
import { startChainer } from "./audit/chainer.ts";
import { startKeyEvents } from "./audit/key-events.ts";
import { untilItWorks } from "./backoff.ts";
import { createBatchActivities } from "./batch/activities.ts";
import { startGathering } from "./batch/gathering.ts";
import { gatherLimitsOf, requestLimitsOf } from "./batch/limits.ts";
import { startBudgetWaits } from "./budget-waits.ts";
import { dataConverter } from "./bundle.ts";
import { createCanaryActivities } from "./canary/activities.ts";
import type { WorkerConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { describe } from "./guard.ts";
import { createIngestActivities } from "./ingest/activities.ts";
import { Desk } from "./ingest/desk.ts";
import { createMaintenanceActivities } from "./maintenance/activities.ts";
import { createMetrics } from "./metrics.ts";
import { createMoveActivities } from "./move/activities.ts";
import { createReindexActivities } from "./reindex/activities.ts";
import { isReindexing } from "./reindex/is-reindexing.ts";
import { startRelay } from "./relay.ts";
import { createReplayActivities } from "./replay/activities.ts";
import { startRewrapping } from "./rewrap.ts";
import { type Checks, startStatusServer } from "./status-server.ts";
import { connect, ensureSchedule, installRuntime, recurringOf, runWorker } from "./temporal.ts";

/** Channel that the outbox's trigger notifies. */
const OUTBOX_CHANNEL = "mneme_outbox";

const LIMITS = {
  batch: 128,
  indexBatch: 512,
  putOffMs: 1_000,
  lingerMs: 1_000,
  gatherMs: 200,
  lookMs: 250,
  seats: 32,
  beginMs: 20_000,
  quietMs: 5_000,
  stayMs: 20_000,
  slowMs: 5 * 60_000,
};

/**
 * Runs workflows, activities and the relay until `stop` aborts, then drains them. Engines that are down,
 * at the start or later, are waited for.
 *
 * @throws Error when a setting, the master key or the embedded model is unusable.
 */
export async function run(config: WorkerConfig, log: Logger, stop: AbortSignal): Promise<void> {
  installRuntime(log);
  let outbox: Outbox | undefined;
  let auditChain: AuditChain | undefined;
  let ageing: AgeingSchedules | undefined;
  const metrics = createMetrics(
    async () => outbox?.backlog(),
    async () => auditChain?.backlog(),
    async () => ageing?.longestUnaged(),
  );
  const checks: Checks = new Map();
  const expected = ["postgres", "opensearch", "index", "temporal"];
  const { metricsHost: host, metricsPort: port, taskQueue } = config;
  await using _status = await startStatusServer({ host, port, registry: metrics.registry, checks, expected });
  await using context = await createContext(config, log, metrics);
  ({ outbox, auditChain } = context);
  ageing = context.ageing.schedules;
  checks.set("postgres", context.checks.postgres).set("opensearch", context.checks.opensearch);

  const waiting = (part: string) => ({
    signal: stop,
    onFailure: (error: unknown, backoffMs: number) =>
      log.warn({ part, ...describe(error), backoffMs }, "not ready yet; trying again"),
  });
  const settingUp = untilItWorks(() => context.setUpIndex(stop), waiting("index")).then(() => {
    checks.set("index", async () => undefined);
  });
  settingUp.catch(() => undefined);

  await using _rewrapping = startRewrapping({ custody: context.custody, signing: context.signing, log });
  await using _keyEvents = startKeyEvents({ keyEvents: context.keyEvents, log });
  await using _budgetWaits = startBudgetWaits({ waits: context.budgetWaits, log });
  await using _gathering = startGathering({ bulk: context.bulk, log, limits: gatherLimitsOf(config) });
  await using _chainer = startChainer({ chain: context.auditChain, auditor: context.auditor, log, metrics });

  const connection = await connect(config, log, stop);
  await using _connection = { [Symbol.asyncDispose]: () => connection.close() };
  const client = new Client({ connection, namespace: config.temporalNamespace, dataConverter });
  for (const recurring of recurringOf(taskQueue)) {
    const ensure = () => ensureSchedule(client, taskQueue, recurring);
    untilItWorks(ensure, waiting("schedule")).catch(() => undefined);
  }

  const desk = new Desk();
  await using relay = startRelay({ outbox, client, taskQueue, log, metrics, desk });
  await using _listener = listen({
    url: config.relayDatabaseUrl,
    tls: config.databaseTls,
    channel: OUTBOX_CHANNEL,
    applicationName: "mneme worker listener",
    onNotice: relay.wake,
    onListening: relay.wake,
    onError: () => log.warn("the outbox's notices stopped; polling until they return"),
  });

  const base = { log, metrics };
  const turns = () => createFairTurns(config.extractor.model ? 12 : 3);
  const activities = {
    ...createIngestActivities({
      ...base,
      ingest: context.ingest,
      limits: LIMITS,
      inTurn: turns(),
      aloneInTurn: turns(),
      desk,
      draining: stop,
    }),
    ...createMaintenanceActivities({
      ...base,
      maintenance: context.maintenance,
      pools: context.pools,
      isReindexing: (name) => isReindexing(client, name),
      ageing: {
        schedules: context.ageing.schedules,
        scheduler: createAgeingScheduler(client, { taskQueue, plan: config.ageing }),
        plan: planKey(config.ageing, taskQueue),
      },
    }),
    ...createAgeingActivities({ ...base, ...context.ageing }),
    ...createReindexActivities({ ...base, ...context.reindexing }),
    ...createMoveActivities({ ...base, ...context.moving }),
    ...createBatchActivities({ ...base, bulk: context.bulk, limits: requestLimitsOf(config) }),
    ...createReplayActivities({ ...base, replay: context.replay }),
    ...createCanaryActivities({ ...base, watch: context.watchCrossings }),
  };
  await runWorker(connection, config, activities, {
    log,
    stop,
    onRunning: (worker) => {
      log.info({ taskQueue }, "worker runs");
      checks.set("temporal", async () => {
        if (worker.getState() !== "RUNNING") throw new Error("not running");
        await connection.withDeadline(Date.now() + 1_500, () => connection.workflowService.getSystemInfo({}));
      });
    },
  });
  log.info("worker drained");
}
