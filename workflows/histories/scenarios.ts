import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import type { BatchProgress } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import type { CloseProgress } from "@mneme/core/extraction/bulk/end-batch.ts";
import type { WorkflowHandle } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { pino } from "pino";
import type { AgeingActivities } from "../ageing/activities.ts";
import type { BatchActivities } from "../batch/activities.ts";
import { startBatch } from "../batch/start-batch.ts";
import type { CanaryActivities } from "../canary/activities.ts";
import {
  type AgeingInput,
  ageingWorkflowId,
  type BatchInput,
  type IngestInput,
  MOVE_TO,
  type ReindexInput,
  type ReplayInput,
  reindexWorkflowId,
  replayWorkflowId,
  WAKE,
  workflowNames,
} from "../contract.ts";
import { guarded } from "../guard.ts";
import type { MaintenanceActivities } from "../maintenance/activities.ts";
import { createMetrics } from "../metrics.ts";
import type { MoveActivities } from "../move/activities.ts";
import { resumeMove, startMove } from "../move/start-move.ts";
import type { ReindexActivities } from "../reindex/activities.ts";
import type { ReplayActivities } from "../replay/activities.ts";
import { ingestActivitiesOver } from "../testing/ingest-activities.ts";
import { openIngestEngines } from "../testing/ingest-engines.ts";
import { wakeBucket } from "../testing/ingest-suite.ts";
import { type TestTemporal, until } from "../testing/temporal.ts";
import { outage, TestBucket } from "../testing/test-bucket.ts";
import { untilCancelled } from "../testing/until-cancelled.ts";

/** Stands in every text and every error of the scenarios, and so in no history. */
export const PLANTED = "Rosalind keeps otters";

/** A run worth remembering: together they pass every branch of the workflows. */
export type Scenario = (temporal: TestTemporal) => Promise<WorkflowHandle>;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "ingest-works-and-ends": (temporal) =>
    ingest(temporal, async (bucket) => {
      for (let i = 0; i < 12; i += 1) await bucket.add(`person ${i % 3}`, `${PLANTED} ${i}`);
    }),

  "ingest-is-woken-while-it-works": (temporal) =>
    ingest(
      temporal,
      async (bucket) => void (await bucket.add("person", PLANTED)),
      async (bucket, wake) => {
        await until(() => bucket.loads.length > 0);
        await bucket.add("person", PLANTED);
        await wake();
      },
    ),

  "ingest-tries-again-and-gives-up": (temporal) =>
    ingest(temporal, async (bucket) => {
      let failures = 1;
      bucket.read = (text) => {
        if (text === `${PLANTED} 0` || (text === `${PLANTED} 1` && failures-- > 0)) {
          throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", text);
        }
        if (text === `${PLANTED} 2`) throw new MnemeError("failed_precondition", "MODEL_REFUSED", text);
        if (text === `${PLANTED} 3`) throw new Error(text, { cause: new Error(text) });
      };
      for (let i = 0; i < 5; i += 1) await bucket.add(`person ${i}`, `${PLANTED} ${i}`);
    }),

  "ingest-counts-a-try-out-of-time": (temporal) =>
    ingest(
      temporal,
      async (bucket) => {
        let read = 0;
        bucket.read = (_, signal) => {
          read += 1;
          if (read === 1) throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", PLANTED);
          if (read > 2) return;
          return untilCancelled(signal);
        };
        await bucket.add("person", PLANTED);
      },
      async () => undefined,
      { maxActivityMs: 2_000 },
    ),

  "ingest-leaves-a-slow-one-to-tries-alone": (temporal) =>
    ingest(
      temporal,
      async (bucket) => {
        let read = 0;
        bucket.read = (_, signal) => {
          read += 1;
          // The batch cuts it off, the first try alone runs out of time.
          if (read > 2) return;
          return untilCancelled(signal);
        };
        bucket.extractor = { ...bucket.extractor, concurrency: 1 };
        bucket.limits = { stayMs: 100, slowMs: 300 };
        await bucket.add("person", PLANTED);
      },
      async () => undefined,
      { maxActivityMs: 2_000 },
    ),

  "ingest-waits-outages-out": (temporal) =>
    ingest(
      temporal,
      async (bucket) => {
        let record = 1;
        let index = 3;
        bucket.beforeLoad = () => {
          if (record-- > 0) throw outage("postgres");
        };
        bucket.beforeRefresh = () => {
          if (index-- > 0) throw outage("opensearch");
        };
        await bucket.add("person", PLANTED);
      },
      async (bucket, wake) => {
        await until(async () => (await bucket.countWorked()) === 1);
        await bucket.add("person", PLANTED);
        await wake();
      },
    ),

  "ingest-continues-as-new": (temporal) =>
    ingest(
      temporal,
      async (bucket) => {
        bucket.read = (text) => {
          throw new MnemeError("unavailable", "MODEL_TIMEOUT", text);
        };
        await bucket.add("person", PLANTED);
      },
      async () => undefined,
      { maxHistoryEvents: 5 },
    ),

  "ingest-is-cancelled": (temporal) =>
    ingest(
      temporal,
      async (bucket) => {
        bucket.beforeLoad = () => {
          throw outage("postgres");
        };
      },
      async (_bucket, _wake, handle) => {
        await until(async () => (await handle.fetchHistory()).events?.length === 6);
        await handle.cancel();
      },
    ),

  "maintenance-schedules-ageing": async (temporal) => {
    const activities: MaintenanceActivities = {
      removeExpired: async () => ({
        sessionWindows: 2,
        requests: 3,
        messageCounts: 1,
        rateBuckets: 1,
        misses: 1,
        modelAnswers: 1,
      }),
      applyRetention: async () => ({ messages: 5, memories: 1 }),
      retireAbandoned: async () => 1,
      reindexProjects: async () => 1,
      scheduleAgeing: async () => 2,
      wakeForgotten: async () => 1,
    };
    await using _worker = await temporal.startWorker(activities);
    const { taskQueue } = temporal;
    const workflowId = `maintenance-${randomUUID()}`;
    const handle = await temporal.client.workflow.start(workflowNames.maintenance, { workflowId, taskQueue });
    await handle.result();
    return handle;
  },

  "ageing-ends-incomplete": (temporal) =>
    age(temporal, {
      archive: async () => {
        throw ApplicationFailure.nonRetryable("the activity failed: INTERNAL", "INTERNAL");
      },
    }),

  "ageing-reviews": (temporal) => age(temporal, {}),

  "ageing-pages-and-continues-as-new": (temporal) => age(temporal, {}, { maxHistoryEvents: 8 }),

  "ageing-consolidates-and-archives": (temporal) => age(temporal, {}),

  canary: async (temporal) => {
    const activities: CanaryActivities = {
      lookAcross: async () => ({ crossings: ["index"], blind: 1, planted: 0 }),
    };
    await using _worker = await temporal.startWorker(activities);
    const { taskQueue } = temporal;
    const workflowId = `canary-${randomUUID()}`;
    const handle = await temporal.client.workflow.start(workflowNames.canary, { workflowId, taskQueue });
    await handle.result();
    return handle;
  },

  "reindex-swaps": (temporal) => reindex(temporal, {}),

  "reindex-swaps-within-a-model": (temporal) =>
    reindex(temporal, { beginGeneration: async () => ({ generation: 2 }) }),

  "reindex-repairs-what-is-short": (temporal) => {
    let short = 1;
    return reindex(temporal, {
      compareCounts: async () => ({ tenants: 2, short: short-- > 0 ? [TENANTS[1] as string] : [] }),
    });
  },

  "reindex-gives-up": (temporal) =>
    reindex(temporal, { compareCounts: async () => ({ tenants: 2, short: [TENANTS[0] as string] }) }),

  "move-clears-up-first-and-goes-on": (temporal) => {
    const leaving = ["before"];
    return move(
      temporal,
      { beginMove: async () => ({ isThere: false, leaving: leaving.shift() }) },
      async (handle) => void (await handle.signal<[string]>(MOVE_TO, "shared2")),
    );
  },

  "move-repairs-what-is-short": (temporal) => {
    let short = 1;
    return move(temporal, { lacksDocuments: async () => short-- > 0 });
  },

  "move-gives-up": (temporal) => move(temporal, { lacksDocuments: async () => true }),

  "move-goes-on-after-a-failure": (temporal) =>
    move(
      temporal,
      { lacksDocuments: async ({ pool }) => pool !== "shared2" },
      async (handle) => void (await handle.signal<[string]>(MOVE_TO, "shared2")),
    ),

  "move-is-cancelled": (temporal) => {
    const copying = Promise.withResolvers<void>();
    return move(
      temporal,
      {
        copyTenant: () => {
          copying.resolve();
          return guarded({ log, metrics: createMetrics() }, untilCancelled);
        },
      },
      async (handle) => {
        await copying.promise;
        await handle.cancel();
      },
    );
  },

  "move-is-resumed": async (temporal) => {
    const { taskQueue } = temporal;
    await using _worker = await temporal.startWorker(
      moveActivities({ beginMove: async () => ({ isThere: true }) }),
    );
    const handle = await resumeMove(temporal.client, randomUUID(), { taskQueue });
    await handle.result();
    return handle;
  },

  "batch-is-answered": (temporal) => {
    const progress = ["going", "going"] as BatchProgress[];
    return batch(temporal, { lookAfterBatch: async () => progress.pop() ?? "ended" });
  },

  "batch-has-nothing-to-wait-for": (temporal) => batch(temporal, { sendBatch: async () => "none" }),

  "batch-takes-too-long": (temporal) => {
    let isCancelled = false;
    return batch(temporal, {
      lookAfterBatch: async () => (isCancelled ? "ended" : "going"),
      cancelBatch: async () => {
        isCancelled = true;
      },
    });
  },

  "batch-is-cancelled": (temporal) => {
    const looking = Promise.withResolvers<void>();
    return batch(
      temporal,
      {
        lookAfterBatch: async () => {
          looking.resolve();
          return "going";
        },
      },
      async (handle) => {
        await looking.promise;
        await handle.cancel();
      },
      { longestMs: 60_000 },
    );
  },

  "batch-is-done-without": (temporal) => {
    const fails = async () => {
      throw ApplicationFailure.nonRetryable("the activity failed: INTERNAL", "INTERNAL");
    };
    return batch(temporal, { sendBatch: fails, applyBatch: fails });
  },

  "batch-ends-slowly": (temporal) => {
    const progress: CloseProgress[] = ["still_going", "still_going"];
    return batch(temporal, { closeBatch: async () => progress.pop() ?? "closed" });
  },

  "batch-is-left": (temporal) => {
    const fails = async () => {
      throw ApplicationFailure.nonRetryable(
        "the activity failed: MODEL_SERVER_FAILED",
        "MODEL_SERVER_FAILED",
      );
    };
    return batch(temporal, { lookAfterBatch: fails, cancelBatch: fails, closeBatch: fails });
  },

  "replay-reads-waits-and-is-woken": (temporal) =>
    replay(
      temporal,
      [
        { next: "again", waitMs: 0, streams: 2 },
        { next: "again", waitMs: 100, streams: 0 },
        { next: "again", waitMs: 600_000, streams: 0 },
        { next: "over", waitMs: 0, streams: 1 },
      ],
      async (handle, taken) => {
        await until(() => taken() === 3);
        // It waits then, and nothing but this ends that.
        await handle.signal(WAKE);
      },
    ),

  "replay-continues-as-new": (temporal) =>
    replay(
      temporal,
      [
        { next: "again", waitMs: 0, streams: 2 },
        { next: "again", waitMs: 0, streams: 2 },
        { next: "over", waitMs: 0, streams: 0 },
      ],
      async () => undefined,
      { maxHistoryEvents: 12 },
    ),

  "move-is-there": (temporal) => move(temporal, { beginMove: async () => ({ isThere: true }) }),
};

const log = pino({ level: "silent" });

const TENANTS = ["0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"];

async function ingest(
  temporal: TestTemporal,
  prepare: (bucket: TestBucket) => Promise<void>,
  meanwhile: (
    bucket: TestBucket,
    wake: () => Promise<unknown>,
    handle: WorkflowHandle,
  ) => Promise<void> = async () => undefined,
  input: Partial<IngestInput> = {},
): Promise<WorkflowHandle> {
  await using engines = await openIngestEngines();
  const bucket = await TestBucket.open(engines);
  await prepare(bucket);
  await using _worker = await temporal.startWorker(ingestActivitiesOver(bucket));
  const wake = () => wakeBucket(temporal, bucket, input);
  const handle = await wake();
  await meanwhile(bucket, wake, handle);
  await handle.result().catch(() => undefined);
  // The first run: where it continues as new, that is what is worth keeping.
  return temporal.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
}

async function age(
  temporal: TestTemporal,
  changes: Partial<AgeingActivities>,
  input: Partial<AgeingInput> = {},
): Promise<WorkflowHandle> {
  const activities: AgeingActivities = {
    review: async () => ({ counts: { downgraded: 2, left: 1 } }),
    archive: async ({ cursor }) => {
      const counts = { faded: 3, left: 1 };
      return cursor ? { counts } : { counts, cursor: { projectId: TENANTS[1], after: TENANTS[0] } };
    },
    consolidate: async ({ cursor }) => {
      const counts = { summaries: 1, consolidated: 3, changed: 0, withheld: 0 };
      return cursor ? { counts } : { counts, cursor: { after: TENANTS[0] } };
    },
    noteAged: async () => undefined,
    ...changes,
  };
  await using _worker = await temporal.startWorker(activities);
  const tenantId = randomUUID();
  const handle = await temporal.client.workflow.start(workflowNames.ageing, {
    workflowId: ageingWorkflowId(tenantId),
    taskQueue: temporal.taskQueue,
    args: [{ tenantId, ...input }],
  });
  await handle.result().catch(() => undefined);
  // The first run: where it continues as new, that is what is worth keeping.
  return temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
}

async function replay(
  temporal: TestTemporal,
  steps: Awaited<ReturnType<ReplayActivities["takeReplayOn"]>>[],
  meanwhile: (handle: WorkflowHandle, taken: () => number) => Promise<void>,
  more: Partial<ReplayInput> = {},
): Promise<WorkflowHandle> {
  let taken = 0;
  const activities: ReplayActivities = {
    takeReplayOn: async () => {
      taken += 1;
      return steps.shift() ?? { next: "over", waitMs: 0, streams: 0 };
    },
  };
  await using _worker = await temporal.startWorker(activities);
  const input: ReplayInput = { tenantId: randomUUID(), replayId: randomUUID(), ...more };
  const handle = await temporal.client.workflow.start(workflowNames.replay, {
    workflowId: replayWorkflowId(input.tenantId, input.replayId),
    taskQueue: temporal.taskQueue,
    args: [input],
  });
  await meanwhile(handle, () => taken);
  await handle.result();
  // The first run: where it continues as new, that is what is worth keeping.
  return temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
}

async function reindex(temporal: TestTemporal, changes: Partial<ReindexActivities>): Promise<WorkflowHandle> {
  const cursors = TENANTS.map((tenantId) => ({ tenantId }));
  const changed = [2_000, 10];
  const activities: ReindexActivities = {
    beginGeneration: async () => ({ generation: 2, mark: "100" }),
    markRecord: async () => ({ mark: "101" }),
    copyPages: async ({ cursor, changes }) => {
      if (changes) return { written: changed.shift() ?? 0, refused: 0, embedded: 0 };
      const at = cursors.findIndex(({ tenantId }) => tenantId === cursor?.tenantId);
      return { written: 10, refused: 0, embedded: 0, next: cursors[at + 1] };
    },
    announce: async () => undefined,
    compareCounts: async () => ({ tenants: 2, short: [] }),
    promote: async () => undefined,
    retireOld: async () => ({ retired: 1 }),
    abandon: async () => undefined,
    ...changes,
  };
  await using _worker = await temporal.startWorker(activities);
  const input: ReindexInput = { graceMs: 100 };
  const handle = await temporal.client.workflow.start(workflowNames.reindex, {
    workflowId: reindexWorkflowId(randomUUID()),
    taskQueue: temporal.taskQueue,
    args: [input],
  });
  await handle.result().catch(() => undefined);
  return handle;
}

async function move(
  temporal: TestTemporal,
  changes: Partial<MoveActivities>,
  meanwhile: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
): Promise<WorkflowHandle> {
  await using _worker = await temporal.startWorker(moveActivities(changes));
  const { taskQueue } = temporal;
  const handle = await startMove(temporal.client, randomUUID(), "own", { taskQueue, graceMs: 100 });
  await meanwhile(handle);
  await handle.result().catch(() => undefined);
  return handle;
}

async function batch(
  temporal: TestTemporal,
  changes: Partial<BatchActivities>,
  meanwhile: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
  input: Partial<BatchInput> = {},
): Promise<WorkflowHandle> {
  const activities: BatchActivities = {
    sendBatch: async () => "sent",
    lookAfterBatch: async () => "ended",
    cancelBatch: async () => undefined,
    applyBatch: async () => ({ answered: 2, unanswered: 1 }),
    releaseBatch: async () => undefined,
    closeBatch: async () => "closed",
    leaveBatch: async () => undefined,
    ...changes,
  };
  await using _worker = await temporal.startWorker(activities);
  const { taskQueue } = temporal;
  const id = { tenantId: randomUUID(), batchId: randomUUID() };
  const pace = { firstPauseMs: 10, longestPauseMs: 20, longestMs: 30, endingMs: 1_000 };
  const handle = await startBatch(temporal.client, { ...id, ...pace, ...input }, { taskQueue });
  await meanwhile(handle);
  await handle.result().catch(() => undefined);
  return handle;
}

function moveActivities(changes: Partial<MoveActivities>): MoveActivities {
  const after = { memoryId: randomUUID(), version: 1 };
  return {
    findWanted: async () => ({ pool: "shared2" }),
    beginMove: async () => ({ isThere: false }),
    copyTenant: async ({ tenantId, cursor }) => {
      return { written: 10, refused: 0, embedded: 0, next: cursor ? undefined : { tenantId, after } };
    },
    lacksDocuments: async () => false,
    swapTenant: async () => ({ from: "shared" }),
    giveUpMove: async () => undefined,
    leavePool: async () => ({ removed: 20 }),
    ...changes,
  };
}
