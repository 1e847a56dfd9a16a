import { pino } from "pino";
import { createIngestActivities } from "../ingest/activities.ts";
import type { StayLimits } from "../ingest/deps.ts";
import { Desk } from "../ingest/desk.ts";
import { createMetrics } from "../metrics.ts";
import type { TestBucket } from "./test-bucket.ts";

const LIMITS: StayLimits = {
  batch: 16,
  indexBatch: 64,
  putOffMs: 1_000,
  lingerMs: 0,
  gatherMs: 0,
  lookMs: 20,
  seats: 8,
  beginMs: 5_000,
  quietMs: 200,
  stayMs: 5_000,
  slowMs: 60_000,
};

/** The activities over one bucket, whatever a test makes of it meanwhile. */
export function ingestActivitiesOver(bucket: TestBucket) {
  return createIngestActivities({
    log: pino({ level: "silent" }),
    metrics: createMetrics(),
    get ingest() {
      return bucket.deps;
    },
    get limits() {
      return { ...LIMITS, ...bucket.limits };
    },
    desk: new Desk(),
    inTurn: (_, work) => work(),
    get aloneInTurn() {
      return bucket.aloneInTurn;
    },
    draining: new AbortController().signal,
  });
}
