import { WAYS } from "@mneme/core/canary/watch-crossings.ts";
import { CALL_COUNTERS } from "@mneme/core/cost/call-counters.ts";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const LAG_BUCKETS = [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800];

/** What the worker counts. Labels are reasons and topics, never ids. */
export type WorkerMetrics = ReturnType<typeof createMetrics>;

/** What waits in the outbox. */
export interface Backlog {
  readonly rows: number;
  readonly oldestSeconds: number;
}

/**
 * @param backlog of the outbox, asked at each scrape; the last answer stands while it fails.
 * @param auditBacklog the same of the audit's inbox.
 * @param longestUnaged of the ageing, in seconds; as these.
 * @returns the worker's metrics in a registry of their own.
 */
export function createMetrics(
  backlog?: () => Promise<Backlog | undefined>,
  auditBacklog?: () => Promise<Backlog | undefined>,
  longestUnaged?: () => Promise<number | undefined>,
) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const sampled = (
    name: string,
    help: string,
    read: (backlog: Backlog) => number,
    ask: typeof backlog = backlog,
  ) =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const found = await ask?.().catch(() => undefined);
        if (found) this.set(read(found));
      },
    });
  sampled("mneme_outbox_rows", "Rows waiting in the outbox", ({ rows }) => rows);
  sampled(
    "mneme_outbox_oldest_seconds",
    "Age of the oldest row in the outbox; 0 when it is empty",
    ({ oldestSeconds }) => oldestSeconds,
  );
  sampled(
    "mneme_audit_inbox_events",
    "Audit events that are not in their trail yet",
    ({ rows }) => rows,
    auditBacklog,
  );
  sampled(
    "mneme_audit_inbox_oldest_seconds",
    "Age of the oldest audit event that is not in its trail yet; 0 without any",
    ({ oldestSeconds }) => oldestSeconds,
    auditBacklog,
  );
  new Gauge({
    name: "mneme_ageing_oldest_success_seconds",
    help: "Since the tenant that waits longest had its memories aged, or its schedule; 0 without tenants",
    registers,
    async collect() {
      const seconds = await longestUnaged?.().catch(() => undefined);
      if (seconds !== undefined) this.set(seconds);
    },
  });
  const canaryCrossings = new Counter({
    name: "mneme_canary_crossings_total",
    help: "Times that one canary tenant got at the other's marker: must stay 0",
    labelNames: ["way"],
    registers,
  });
  // An alert on what grows sees nothing of a first one that had no number before.
  for (const way of WAYS) canaryCrossings.inc({ way }, 0);
  return {
    registry,
    batches: new Counter({
      name: "mneme_ingest_batches_total",
      help: "Batches of messages worked",
      registers,
    }),
    messages: new Counter({ name: "mneme_ingest_messages_total", help: "Messages worked", registers }),
    canaryCrossings,
    canaryBlind: new Counter({
      name: "mneme_canary_blind_total",
      help: "Times that a canary did not find its own marker: its silence proves nothing then",
      registers,
    }),
    canaryRuns: new Counter({
      name: "mneme_canary_runs_total",
      help: "Times that both canaries looked for each other's marker",
      registers,
    }),
    extractedLag: new Histogram({
      name: "mneme_ingest_extracted_lag_seconds",
      help: "From a message's arrival until its statements were in the record",
      buckets: LAG_BUCKETS,
      registers,
    }),
    searchableLag: new Histogram({
      name: "mneme_ingest_searchable_lag_seconds",
      help: "From a message's arrival until its statements could be found",
      buckets: LAG_BUCKETS,
      registers,
    }),
    indexWritten: new Counter({ name: "mneme_index_written_total", help: "Documents written", registers }),
    indexRemoved: new Counter({ name: "mneme_index_removed_total", help: "Memories removed", registers }),
    indexRefused: new Counter({
      name: "mneme_index_refused_total",
      help: "Documents that the index refuses for good: a fault to look into",
      registers,
    }),
    failures: new Counter({
      name: "mneme_ingest_failures_total",
      help: "Failed tries of a stream's messages",
      labelNames: ["reason"],
      registers,
    }),
    sensitive: new Counter({
      name: "mneme_ingest_sensitive_total",
      help: "Statements that were dropped for what they held, by kind",
      labelNames: ["kind"],
      registers,
    }),
    leftOut: new Counter({
      name: "mneme_ingest_dropped_by_category_total",
      help: "Statements that were dropped for a category that their project does not keep, by its rule",
      labelNames: ["rule"],
      registers,
    }),
    held: new Counter({
      name: "mneme_ingest_held_total",
      help: "Times that somebody was set aside until a budget for models allows more",
      registers,
    }),
    batchesSent: new Counter({
      name: "mneme_model_batches_total",
      help: "Batches that were to be sent to a model's server: sent, or none where there was nothing to send or no way",
      labelNames: ["result"],
      registers,
    }),
    batchesLeft: new Counter({
      name: "mneme_model_batches_left_total",
      help: "Batches of which files may be left with their server, by why closing them was given up",
      labelNames: ["reason"],
      registers,
    }),
    batchRequests: new Counter({
      name: "mneme_model_batch_requests_total",
      help: "Requests of batches that ended: answered, or unanswered and read by calls of their own",
      labelNames: ["result"],
      registers,
    }),
    batchFailures: new Counter({
      name: "mneme_model_batch_failures_total",
      help: "People whose answers of a batch could not be kept and are read by calls of their own, by why",
      labelNames: ["reason"],
      registers,
    }),
    modelCalls: new Counter({ ...CALL_COUNTERS.modelCalls, registers }),
    modelTokens: new Counter({ ...CALL_COUNTERS.modelTokens, registers }),
    modelCost: new Counter({ ...CALL_COUNTERS.modelCost, registers }),
    unpricedTokens: new Counter({ ...CALL_COUNTERS.unpricedTokens, registers }),
    modelAnswers: new Counter({
      name: "mneme_model_answers_total",
      help: "Questions to models: known (it was asked before, and nothing is spent) or asked",
      labelNames: ["purpose", "answer"],
      registers,
    }),
    budgetsReached: new Counter({
      name: "mneme_budgets_reached_total",
      help: "Times that a budget for models was spent to 80 or to 100 per cent",
      labelNames: ["level", "part"],
      registers,
    }),
    deadLetters: new Counter({
      name: "mneme_ingest_dead_letters_total",
      help: "Extractions given up after their last try",
      labelNames: ["reason"],
      registers,
    }),
    outages: new Counter({
      name: "mneme_activity_outages_total",
      help: "Activities put off because an engine did not answer",
      labelNames: ["activity"],
      registers,
    }),
    relaySignals: new Counter({
      name: "mneme_relay_signals_total",
      help: "Signals sent to Temporal",
      registers,
    }),
    relayRows: new Counter({ name: "mneme_relay_rows_total", help: "Outbox rows delivered", registers }),
    relayFailures: new Counter({ name: "mneme_relay_failures_total", help: "Rounds that failed", registers }),
    auditChained: new Counter({
      name: "mneme_audit_chained_total",
      help: "Audit events put into their trails",
      registers,
    }),
    auditFailures: new Counter({
      name: "mneme_audit_chain_failures_total",
      help: "Looks and turns that failed (outage, or failed: see the log), and trails that do not end where they were signed (broken): look at once",
      labelNames: ["reason"],
      registers,
    }),
    reviewed: new Counter({
      name: "mneme_ageing_reviewed_total",
      help: "Memories whose review was due, by what was done; left: changed meanwhile",
      labelNames: ["action"],
      registers,
    }),
    archived: new Counter({
      name: "mneme_ageing_archived_total",
      help: "Memories archived by their age or use, by why",
      labelNames: ["reason"],
      registers,
    }),
    restored: new Counter({
      name: "mneme_ageing_restored_total",
      help: "Memories that ageing brought back from the archive, by why",
      labelNames: ["because"],
      registers,
    }),
    expired: new Counter({
      name: "mneme_maintenance_removed_total",
      help: "Rows removed because they had expired",
      labelNames: ["kind"],
      registers,
    }),
    forgotten: new Counter({
      name: "mneme_maintenance_woken_buckets_total",
      help: "Buckets whose ingest was woken because work had waited there and nobody was told",
      registers,
    }),
    replayedStreams: new Counter({
      name: "mneme_replay_streams_total",
      help: "People and shared scopes that replays have read to their end, or promoted",
      registers,
    }),
    reindexed: new Counter({ name: "mneme_reindex_documents_total", help: "Documents copied", registers }),
  };
}
