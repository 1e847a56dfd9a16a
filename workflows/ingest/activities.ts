import { MnemeError, type Reason } from "@mneme/core/errors.ts";
import { ingestStream, toFailure } from "@mneme/core/extraction/ingest.ts";
import type { StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import type { IngestTarget } from "../contract.ts";
import { isOutage } from "../failures.ts";
import { guarded } from "../guard.ts";
import {
  type GiveUpInput,
  type IngestActivityDeps,
  overriding,
  type StreamInput,
  type StreamReport,
  type WorkInput,
  type WorkReport,
} from "./deps.ts";
import { createIndexing, indexAll } from "./indexing.ts";
import { workBucket } from "./work-bucket.ts";

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

    /** Tries the first extraction of one stream alone. A failed try is an answer, an outage is not. */
    ingestStream: (input: StreamInput): Promise<StreamReport> =>
      guarded(deps, (signal) => deps.inTurn(() => tryStream(deps, input, signal))),

    /** Makes an extraction a dead letter, which RetryExtraction revives. */
    giveUp: (input: GiveUpInput): Promise<void> =>
      guarded(deps, async (signal) => {
        const { store } = deps.ingest;
        const next = await store.loadStream(input.tenantId, input.streamId, 1, signal);
        // A repetition finds the stream's next extraction in its place, which is not to blame.
        if (next?.pending[0]?.extractionId !== input.extractionId) return;
        const reason = input.reason as Reason | "INTERNAL";
        await store.giveUp(input.tenantId, input.streamId, reason, signal);
        deps.metrics.deadLetters.inc({ reason });
        deps.log.warn({ extractionId: input.extractionId, reason }, "extraction given up");
      }),
  };
}

async function tryStream(
  { ingest, metrics, log, limits }: IngestActivityDeps,
  { tenantId, streamId }: StreamInput,
  signal: AbortSignal,
): Promise<StreamReport> {
  let loaded: StreamBatch | undefined;
  const store = overriding(ingest.store, {
    loadStream: async (...query) => {
      loaded = await ingest.store.loadStream(...query);
      return loaded;
    },
    // Counted below, where it is known whether it counts.
    recordFailure: async () => undefined,
  });
  try {
    const options = { limit: limits.batch, signal };
    const messages = await ingestStream({ ...ingest, store }, tenantId, streamId, options);
    metrics.messages.inc(messages);
    return { messages };
  } catch (error) {
    signal.throwIfAborted();
    const extractionId = loaded?.pending[0]?.extractionId;
    if (isOutage(error) || !loaded || !extractionId) throw error;
    const { reason, retryable } = toFailure(streamId, error);
    await ingest.store.recordFailure(tenantId, loaded, reason, signal);
    metrics.failures.inc({ reason });
    log.warn({ streamId, extractionId, reason, retryable, err: error }, "a stream's try failed");
    const retryAfterMs = error instanceof MnemeError ? error.retryAfterMs : undefined;
    return { messages: 0, failed: { reason, retryable, retryAfterMs, extractionId } };
  }
}
