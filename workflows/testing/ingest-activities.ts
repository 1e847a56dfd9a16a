import { pino } from "pino";
import { createIngestActivities } from "../ingest/activities.ts";
import { Desk } from "../ingest/desk.ts";
import { createMetrics } from "../metrics.ts";
import type { MemoryPorts } from "./memory-ports.ts";

/** The real activities over ports in memory: those that the running test has made. */
export function ingestActivitiesOver(current: () => MemoryPorts) {
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
      stayMs: 5_000,
    },
    desk: new Desk(),
    inTurn: (work) => work(),
    draining: new AbortController().signal,
  });
}
