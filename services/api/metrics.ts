import { CALL_COUNTERS, type CallCounters } from "@mneme/core/cost/call-counters.ts";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What the process counts, for Prometheus. Labels are names of ours: services, methods, codes, reasons. */
export interface Metrics {
  readonly registry: Registry;
  readonly duration: Histogram<"service" | "method" | "code">;
  readonly inFlight: Gauge<"service" | "method">;
  readonly failures: Counter<"service" | "method" | "reason">;
  readonly limited: Counter<"limit" | "level">;
  readonly degraded: Counter<"service" | "method" | "part">;
  readonly unlogged: Counter;
  readonly unaudited: Counter;
  /** Of calls of models' servers: the same as the worker's. */
  readonly models: CallCounters;
}

/** Seconds; dense around the promised search latencies (50, 100 and 150 ms). */
const BUCKETS = [
  0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** A registry of its own, so that two servers in one process don't collide. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    duration: new Histogram({
      name: "mneme_api_request_duration_seconds",
      help: "Time from the arrival of a call's headers to the end of its answer.",
      labelNames: ["service", "method", "code"],
      buckets: BUCKETS,
      registers: [registry],
    }),
    inFlight: new Gauge({
      name: "mneme_api_requests_in_flight",
      help: "Calls that have begun and not ended.",
      labelNames: ["service", "method"],
      registers: [registry],
    }),
    failures: new Counter({
      name: "mneme_api_failures_total",
      help: "Calls that ended with an error, by its reason; without a service: requests for no procedure.",
      labelNames: ["service", "method", "reason"],
      registers: [registry],
    }),
    limited: new Counter({
      name: "mneme_api_limited_total",
      help: "Calls and parts of calls that a limit refused, by what is limited and where: tenant, project or api_key.",
      labelNames: ["limit", "level"],
      registers: [registry],
    }),
    unlogged: new Counter({
      name: "mneme_api_unlogged_total",
      help: "Calls and requests of nobody who is known, or over a rate, beyond the lines a minute that these may write.",
      registers: [registry],
    }),
    unaudited: new Counter({
      name: "mneme_api_audit_failures_total",
      help: "Audit events that could not be kept: their calls failed, or had failed already.",
      registers: [registry],
    }),
    degraded: new Counter({
      name: "mneme_api_degraded_total",
      help: "Answers that lacked a part, by that part.",
      labelNames: ["service", "method", "part"],
      registers: [registry],
    }),
    models: {
      modelCalls: new Counter({ ...CALL_COUNTERS.modelCalls, registers: [registry] }),
      modelTokens: new Counter({ ...CALL_COUNTERS.modelTokens, registers: [registry] }),
      modelCost: new Counter({ ...CALL_COUNTERS.modelCost, registers: [registry] }),
      unpricedTokens: new Counter({ ...CALL_COUNTERS.unpricedTokens, registers: [registry] }),
    },
  };
}
