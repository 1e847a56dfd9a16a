import { Context } from "@temporalio/activity";
import type { WorkflowHandleWithSignaledRunId } from "@temporalio/client";
import { type IngestInput, ingestWorkflowId, WAKE, workflowNames } from "../contract.ts";
import { ingestActivitiesOver } from "./ingest-activities.ts";
import { openIngestEngines } from "./ingest-engines.ts";
import { openTestTemporal, type TestTemporal } from "./temporal.ts";
import { TestBucket } from "./test-bucket.ts";

/** Ingest on the real engines, with a worker that serves every bucket as its test says. */
export interface IngestSuite extends AsyncDisposable {
  readonly temporal: TestTemporal;
  /** A bucket of a new tenant. */
  openBucket(): Promise<TestBucket>;
  /** Wakes a bucket's workflow. */
  wake(bucket: TestBucket, input?: Partial<IngestInput>): Promise<WorkflowHandleWithSignaledRunId>;
}

export async function openIngestSuite(): Promise<IngestSuite> {
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(await openIngestEngines());
  const temporal = opened.use(await openTestTemporal());
  const byWorkflow = new Map<string, BucketActivities>();
  opened.use(await temporal.startWorker(activitiesOfCaller(byWorkflow)));
  const kept = opened.move();
  return {
    temporal,
    async openBucket() {
      const bucket = await TestBucket.open(engines);
      byWorkflow.set(workflowIdOf(bucket), ingestActivitiesOver(bucket));
      return bucket;
    },
    wake: (bucket, input) => wakeBucket(temporal, bucket, input),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type BucketActivities = ReturnType<typeof ingestActivitiesOver>;

/** Each activity over the bucket of the workflow that calls it. */
function activitiesOfCaller(byWorkflow: ReadonlyMap<string, BucketActivities>): BucketActivities {
  const ofCaller = () => {
    const { workflowId = "" } = Context.current().info.workflowExecution ?? {};
    const activities = byWorkflow.get(workflowId);
    if (!activities) throw new Error("no such bucket is open");
    return activities;
  };
  return {
    ingest: (...args) => ofCaller().ingest(...args),
    ingestStream: (...args) => ofCaller().ingestStream(...args),
    index: (...args) => ofCaller().index(...args),
    giveUp: (...args) => ofCaller().giveUp(...args),
  };
}

function workflowIdOf({ target }: TestBucket): string {
  return ingestWorkflowId(target.tenantId, target.bucket);
}

/** As the relay does. */
export function wakeBucket(
  { client, taskQueue }: TestTemporal,
  bucket: TestBucket,
  input: Partial<IngestInput> = {},
) {
  return client.workflow.signalWithStart(workflowNames.ingest, {
    workflowId: workflowIdOf(bucket),
    taskQueue,
    args: [{ ...bucket.target, ...input }],
    signal: WAKE,
    workflowTaskTimeout: "5 seconds",
  });
}
