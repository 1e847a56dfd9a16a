import { setTimeout as pause } from "node:timers/promises";
import type { Outbox, OutboxRow } from "@mneme/postgres/outbox.ts";
import type { Client } from "@temporalio/client";
import pLimit from "p-limit";
import type { Logger } from "pino";
import { type IngestInput, ingestWorkflowId, WAKE, workflowNames } from "./contract.ts";
import { reasonOf } from "./failures.ts";
import type { WorkerMetrics } from "./metrics.ts";

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly client: Client;
  readonly taskQueue: string;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, "relaySignals" | "relayRows" | "relayFailures">;
  /** How long a target that was signalled is left alone: meanwhile its rows gather. 500 ms by default. */
  readonly paceMs?: number;
  /** How often it looks without being woken, 1,000 ms by default. */
  readonly pollMs?: number;
}

/** Tells Temporal what the outbox holds. Several may run. */
export interface Relay extends AsyncDisposable {
  /** Looks at once; cheap to call often. */
  wake(): void;
}

const ROWS_AT_ONCE = 500;
const SIGNALS_AT_ONCE = 8;
const SIGNAL_DEADLINE_MS = 5_000;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

/**
 * Starts relaying: rows of one target become one signal, sent before the rows are deleted. Whatever fails,
 * the rows stay and are tried again; a row delivered twice is one signal too many, which is harmless.
 */
export function startRelay(options: RelayOptions): Relay {
  const { outbox, client, taskQueue, log, metrics, paceMs = 500, pollMs = 1_000 } = options;
  const stop = new AbortController();
  const inTurn = pLimit(SIGNALS_AT_ONCE);
  /** Targets signalled just now, with the time until which they are left alone. */
  const paced = new Map<string, number>();
  let bell = Promise.withResolvers<void>();

  async function signal(row: OutboxRow): Promise<void> {
    const target: IngestInput = { tenantId: row.tenantId, bucket: Number(row.key) };
    await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
      client.workflow.signalWithStart(workflowNames.ingest, {
        workflowId: ingestWorkflowId(target.tenantId, target.bucket),
        taskQueue,
        args: [target],
        signal: WAKE,
        // A worker that was killed in the middle of a task is noticed after this long.
        workflowTaskTimeout: "5 seconds",
      }),
    );
    metrics.relaySignals.inc();
  }

  async function deliver(rows: readonly OutboxRow[]): Promise<string[]> {
    const targets = [...Map.groupBy(rows, targetOf)];
    const delivered: string[] = [];
    let failure: unknown;
    await Promise.all(
      targets.map(([target, group]) =>
        inTurn(async () => {
          if (failure || stop.signal.aborted) return;
          try {
            paced.set(target, performance.now() + paceMs);
            await signal(group[0] as OutboxRow);
            delivered.push(...group.map(({ id }) => id));
          } catch (error) {
            paced.delete(target);
            failure = error;
          }
        }),
      ),
    );
    metrics.relayRows.inc(delivered.length);
    if (failure && delivered.length === 0) throw failure;
    return delivered;
  }

  /** One look. @returns when to look again, in milliseconds, unless woken. */
  async function round(): Promise<number> {
    const now = performance.now();
    for (const [target, until] of paced) if (until <= now) paced.delete(target);
    const found = await outbox.claim(
      { topics: ["ingest"], limit: ROWS_AT_ONCE, except: [...paced.keys()] },
      deliver,
    );
    if (found >= ROWS_AT_ONCE) return 0;
    // Rows of a paced target raised no further alarm: look when its time is over.
    const next = Math.min(...paced.values()) - performance.now();
    return Math.max(0, Math.min(pollMs, next));
  }

  async function run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!stop.signal.aborted) {
      bell = Promise.withResolvers();
      try {
        const waitMs = await round();
        backoffMs = FIRST_BACKOFF_MS;
        await Promise.race([bell.promise, quietly(pause(waitMs, undefined, { signal: stop.signal }))]);
      } catch (error) {
        metrics.relayFailures.inc();
        log.warn({ reason: reasonOf(error), backoffMs }, "relay cannot deliver; trying again");
        await quietly(pause(backoffMs, undefined, { signal: stop.signal }));
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
      }
    }
  }

  const running = run();
  return {
    wake: () => bell.resolve(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

function targetOf({ topic, tenantId, key }: OutboxRow): string {
  return `${topic}/${tenantId}/${key}`;
}

/** An abort ends a pause early; that is all. */
function quietly(waiting: Promise<unknown>): Promise<unknown> {
  return waiting.catch(() => undefined);
}
