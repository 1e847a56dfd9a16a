import type { FailureReason } from "@mneme/core/extraction/failure-reason.ts";
import { ingestStream } from "@mneme/core/extraction/ingest.ts";
import { ApplicationFailure } from "@temporalio/common";
import { type IngestTarget, OUT_OF_TIME } from "../contract.ts";
import { guarded } from "../guard.ts";
import { countDrops } from "./count-drops.ts";
import type {
  GiveUpInput,
  IngestActivityDeps,
  StreamReport,
  TryInput,
  WorkInput,
  WorkReport,
} from "./deps.ts";
import { createIndexing, indexAll } from "./indexing.ts";
import { noteFailure, workBucket } from "./work-bucket.ts";

export type IngestActivities = ReturnType<typeof createIngestActivities>;

/** Activities of the ingest workflow. Repeating any of them changes nothing. */
export function createIngestActivities(deps: IngestActivityDeps) {
  return {
    /** Works a bucket's messages and indexes them, until nothing came for a while. */
    ingest: (input: WorkInput): Promise<WorkReport> =>
      guarded(deps, (signal) => workBucket(deps, input, signal)),

    /** Brings the index up to the record, however long that takes. */
    index: (target: IngestTarget): Promise<void> =>
      guarded(deps, (signal) => indexAll(createIndexing(deps, target, signal))),

    /**
     * Tries the first extraction of one stream alone. A failed try is an answer, an outage is not. Its time begins
     * when its turn comes: what never ran is no try.
     */
    ingestStream: (input: TryInput): Promise<StreamReport> =>
      guarded(deps, (signal) => deps.aloneInTurn(input.tenantId, () => tryInTime(deps, input, signal))),

    /** Makes an extraction a dead letter, which RetryExtraction revives. */
    giveUp: (input: GiveUpInput): Promise<void> =>
      guarded(deps, async (signal) => {
        const reason = input.reason as FailureReason;
        // A repetition finds the stream's next extraction in its place, which is not to blame.
        if (!(await deps.ingest.store.giveUp(input.tenantId, input, reason, signal))) return;
        deps.metrics.deadLetters.inc({ reason });
        deps.log.warn({ extractionId: input.extractionId, reason }, "extraction given up");
      }),
  };
}

/** @throws ApplicationFailure OUT_OF_TIME where it took longer than it may. */
async function tryInTime(
  deps: IngestActivityDeps,
  input: TryInput,
  signal: AbortSignal,
): Promise<StreamReport> {
  const deadline = AbortSignal.timeout(input.maxMs);
  try {
    return await tryStream(deps, input, AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw ApplicationFailure.nonRetryable("the try took too long", OUT_OF_TIME);
  }
}

async function tryStream(
  { ingest, metrics, log, limits }: IngestActivityDeps,
  { tenantId, streamId }: TryInput,
  signal: AbortSignal,
): Promise<StreamReport> {
  const { worked, failed } = await ingestStream(ingest, tenantId, streamId, {
    limit: limits.batch,
    signal,
    onHeld: () => metrics.held.inc(),
    ...countDrops(metrics),
    onFailure: (failure, error) => noteFailure({ metrics, log }, failure, error),
  });
  metrics.messages.inc(worked.length);
  const [failure] = failed;
  if (!failure) return { messages: worked.length };
  const { extractionId, reason, retryable, retryAfterMs } = failure;
  return { messages: 0, failed: { extractionId, reason, retryable, retryAfterMs } };
}
