import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import type { WorkflowHandle } from "@temporalio/client";
import {
  type IngestInput,
  ingestWorkflowId,
  type ReindexInput,
  reindexWorkflowId,
  WAKE,
  workflowNames,
} from "../contract.ts";
import type { MaintenanceActivities } from "../maintenance/activities.ts";
import type { ReindexActivities } from "../reindex/activities.ts";
import { ingestActivitiesOver } from "../testing/ingest-activities.ts";
import { MemoryPorts, outage } from "../testing/memory-ports.ts";
import { type TestTemporal, until } from "../testing/temporal.ts";

/** Stands in every text and every error of the scenarios, and so in no history. */
export const PLANTED = "Rosalind keeps otters";

/** A run worth remembering: together they pass every branch of the workflows. */
export type Scenario = (temporal: TestTemporal) => Promise<WorkflowHandle>;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "ingest-works-and-ends": (temporal) =>
    ingest(temporal, (ports) => {
      for (let i = 0; i < 40; i += 1) ports.add(`stream-${i % 3}`, `${PLANTED} ${i}`);
    }),

  "ingest-is-woken-while-it-works": (temporal) =>
    ingest(
      temporal,
      (ports) => void ports.add("stream", PLANTED),
      async (ports, wake) => {
        await until(() => ports.loads.length > 0);
        ports.add("stream", PLANTED);
        await wake();
      },
    ),

  "ingest-tries-again-and-gives-up": (temporal) =>
    ingest(temporal, (ports) => {
      let failures = 1;
      ports.read = (text) => {
        if (text === `${PLANTED} 0` || (text === `${PLANTED} 1` && failures-- > 0)) {
          throw new MnemeError("unavailable", "MODEL_OUTPUT_INVALID", text);
        }
        if (text === `${PLANTED} 2`) throw new MnemeError("failed_precondition", "MODEL_REFUSED", text);
        if (text === `${PLANTED} 3`) throw new Error(text, { cause: new Error(text) });
      };
      for (let i = 0; i < 5; i += 1) ports.add(`stream-${i}`, `${PLANTED} ${i}`);
    }),

  "ingest-waits-outages-out": (temporal) =>
    ingest(
      temporal,
      (ports) => {
        let record = 1;
        let index = 3;
        ports.recordUse = () => {
          if (record-- > 0) throw outage("postgres");
        };
        ports.indexUse = () => {
          if (index-- > 0) throw outage("opensearch");
        };
        ports.add("stream", PLANTED);
      },
      async (ports, wake) => {
        await until(() => ports.messages.every(({ state }) => state === "done"));
        ports.add("stream", PLANTED);
        await wake();
      },
    ),

  "ingest-continues-as-new": (temporal) =>
    ingest(
      temporal,
      (ports) => {
        ports.read = (text) => {
          throw new MnemeError("unavailable", "MODEL_TIMEOUT", text);
        };
        ports.add("stream", PLANTED);
      },
      async () => undefined,
      { maxHistoryEvents: 5 },
    ),

  "ingest-is-cancelled": (temporal) =>
    ingest(
      temporal,
      (ports) => {
        ports.recordUse = () => {
          throw outage("postgres");
        };
      },
      async (_ports, _wake, handle) => {
        await until(async () => (await handle.fetchHistory()).events?.length === 6);
        await handle.cancel();
      },
    ),

  "maintenance-retires-abandoned": async (temporal) => {
    const activities: MaintenanceActivities = {
      removeExpired: async () => ({ sessionWindows: 2, requests: 3 }),
      retireAbandoned: async () => 1,
      wakeForgotten: async () => 1,
    };
    await using _worker = await temporal.startWorker(activities);
    const { taskQueue } = temporal;
    const workflowId = `maintenance-${randomUUID()}`;
    const handle = await temporal.client.workflow.start(workflowNames.maintenance, { workflowId, taskQueue });
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
};

const TENANTS = ["0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"];

async function ingest(
  temporal: TestTemporal,
  prepare: (ports: MemoryPorts) => void,
  meanwhile: (
    ports: MemoryPorts,
    wake: () => Promise<unknown>,
    handle: WorkflowHandle,
  ) => Promise<void> = async () => undefined,
  input: Partial<IngestInput> = {},
): Promise<WorkflowHandle> {
  const ports = new MemoryPorts();
  prepare(ports);
  await using _worker = await temporal.startWorker(ingestActivitiesOver(() => ports));
  const tenantId = randomUUID();
  const wake = () =>
    temporal.client.workflow.signalWithStart(workflowNames.ingest, {
      workflowId: ingestWorkflowId(tenantId, 3),
      taskQueue: temporal.taskQueue,
      args: [{ tenantId, bucket: 3, ...input }],
      signal: WAKE,
    });
  const handle = await wake();
  await meanwhile(ports, wake, handle);
  await handle.result().catch(() => undefined);
  // The first run: where it continues as new, that is what is worth keeping.
  return temporal.client.workflow.getHandle(handle.workflowId, handle.signaledRunId);
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
