import { MnemeError } from "@mneme/core/errors.ts";
import type { WorkflowHandle } from "@temporalio/client";
import type { IngestInput } from "../../contract.ts";
import { ingestActivitiesOver } from "../../testing/ingest-activities.ts";
import { openIngestEngines } from "../../testing/ingest-engines.ts";
import { wakeBucket } from "../../testing/ingest-suite.ts";
import { type TestTemporal, until } from "../../testing/temporal.ts";
import { outage, TestBucket } from "../../testing/test-bucket.ts";
import { untilCancelled } from "../../testing/until-cancelled.ts";
import { PLANTED, type Scenarios } from "../scenario.ts";

export const ingestScenarios: Scenarios = {
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
};

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
