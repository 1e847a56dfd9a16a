import type { WorkflowHandleWithSignaledRunId } from "@temporalio/client";
import { type IngestInput, ingestWorkflowId, WAKE, workflowNames } from "../contract.ts";
import { ingestActivitiesOver } from "./ingest-activities.ts";
import { openIngestEngines } from "./ingest-engines.ts";
import { openTestTemporal, type TestTemporal } from "./temporal.ts";
import { TestBucket } from "./test-bucket.ts";

/** Ingest on the real engines, with a worker that serves the bucket opened last. */
export interface IngestSuite extends AsyncDisposable {
  readonly temporal: TestTemporal;
  /** A bucket of a new tenant. */
  openBucket(): Promise<TestBucket>;
  /** Wakes that bucket's workflow. */
  wake(input?: Partial<IngestInput>): Promise<WorkflowHandleWithSignaledRunId>;
}

export async function openIngestSuite(): Promise<IngestSuite> {
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(await openIngestEngines());
  const temporal = opened.use(await openTestTemporal());
  let current: TestBucket | undefined;
  const bucket = () => {
    if (!current) throw new Error("no bucket is open");
    return current;
  };
  opened.use(await temporal.startWorker(ingestActivitiesOver(bucket)));
  const kept = opened.move();
  return {
    temporal,
    async openBucket() {
      current = await TestBucket.open(engines);
      return current;
    },
    wake: (input) => wakeBucket(temporal, bucket(), input),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** As the relay does. */
export function wakeBucket(
  { client, taskQueue }: TestTemporal,
  { target }: TestBucket,
  input: Partial<IngestInput> = {},
) {
  return client.workflow.signalWithStart(workflowNames.ingest, {
    workflowId: ingestWorkflowId(target.tenantId, target.bucket),
    taskQueue,
    args: [{ ...target, ...input }],
    signal: WAKE,
    workflowTaskTimeout: "5 seconds",
  });
}
