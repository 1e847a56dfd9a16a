import { logLine } from "@mneme/core/log-line.ts";
import type { LogMetadata, Logger as TemporalLogger } from "@temporalio/worker";
import { type DestinationStream, type Logger, pino } from "pino";
import { describe } from "./guard.ts";

/**
 * Ids, counts and reasons only: what an error or a message says may quote a person.
 *
 * @param destination standard output by default.
 */
export function createLog(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  return pino({ ...logLine("worker"), level, serializers: { err: describe } }, destination);
}

/** What of Temporal's own log goes on, by name. */
const PASSED_ON = [
  "workflowId",
  "runId",
  "workflowType",
  "activityType",
  "activityId",
  "attempt",
  "taskQueue",
];

/** Temporal's log, with its ids and without the errors' own words. */
export function temporalLog(log: Logger): TemporalLogger {
  const write = (level: string, message: string, meta: LogMetadata = {}) => {
    const fields: Record<string, unknown> = { sdk: "temporal" };
    for (const key of PASSED_ON) if (meta[key] !== undefined) fields[key] = meta[key];
    if (meta.error !== undefined) Object.assign(fields, { err: meta.error });
    if (level === "ERROR") log.error(fields, message);
    else if (level === "WARN") log.warn(fields, message);
    // A worker's every start, poll and stop is told at INFO.
    else log.debug(fields, message);
  };
  return {
    log: (level, message, meta) => write(level, message, meta),
    trace: (message, meta) => write("TRACE", message, meta),
    debug: (message, meta) => write("DEBUG", message, meta),
    info: (message, meta) => write("INFO", message, meta),
    warn: (message, meta) => write("WARN", message, meta),
    error: (message, meta) => write("ERROR", message, meta),
  };
}
