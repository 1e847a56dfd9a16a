import { pino } from "pino";
import { createIngestActivities } from "../ingest/activities.ts";
import { Desk } from "../ingest/desk.ts";
import { createMetrics } from "../metrics.ts";
import type { TestBucket } from "./test-bucket.ts";

/** The activities over the bucket that the running test has opened. */
export function ingestActivitiesOver(current: () => TestBucket) {
  return createIngestActivities({
    log: pino({ level: "silent" }),
    metrics: createMetrics(),
    get ingest() {
      return current().deps;
    },
    limits: {
      batch: 16,
      indexBatch: 64,
      putOffMs: 1_000,
      lingerMs: 0,
      gatherMs: 0,
      lookMs: 20,
      seats: 8,
      beginMs: 5_000,
      stayMs: 5_000,
    },
    desk: new Desk(),
    inTurn: (work) => work(),
    draining: new AbortController().signal,
  });
}
