import type { GatherLimits } from "@mneme/core/extraction/bulk/gather-batches.ts";
import type { RequestLimits } from "@mneme/core/extraction/bulk/prepare-batch.ts";
import type { WorkerConfig } from "../config.ts";

type Extracting = Pick<WorkerConfig, "extractor">;

/** People of one batch, each of whom has one request at least. */
const MOST_STREAMS = 2_000;
/** All of it is in memory at once; OpenAI takes 200 MB. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of one person: what is more comes with the next batch. */
const MOST_MESSAGES = 1_000;

/** When a batch is closed. Without a model's server nothing waits for one but what its project had before. */
export function gatherLimitsOf({ extractor: { model } }: Extracting): GatherLimits {
  const { waitMs = 0, requests = MOST_STREAMS } = model?.batches ?? {};
  return { waitMs, streams: Math.min(requests, MOST_STREAMS) };
}

/** What a batch asks at most. */
export function requestLimitsOf({ extractor: { model } }: Extracting): RequestLimits {
  return { requests: model?.batches.requests ?? 1, bytes: MOST_BYTES, messages: MOST_MESSAGES };
}
