import { setTimeout as pause } from "node:timers/promises";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Outbox, OutboxRow } from "@mneme/postgres/outbox.ts";
import type { Client } from "@temporalio/client";
import pLimit from "p-limit";
import type { Logger } from "pino";
import { startBatch } from "./batch/start-batch.ts";
import {
  type IngestTarget,
  ingestWorkflowId,
  type ReplayInput,
  replayWorkflowId,
  WAKE,
  workflowNames,
} from "./contract.ts";
import { reasonOf } from "./failures.ts";
import { Desk } from "./ingest/desk.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { resumeMove, startMove } from "./move/start-move.ts";

export interface RelayOptions {
  readonly outbox: Outbox;
  readonly client: Client;
  readonly taskQueue: string;
  readonly log: Logger;
  readonly metrics: Pick<WorkerMetrics, "relaySignals" | "relayRows" | "relayFailures">;
  /** Where activities of this process take rows without a signal. */
  readonly desk?: Desk;
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

const INGEST = "ingest";
/** Its key is the batch's id. */
const BATCH = "batch";
/** Its key is the pool that the tenant is to be moved to; empty where a forgotten move is to go on. */
const MOVE = "move";
/** Its key is the replay's id. */
const REPLAY = "replay";

const ROWS_AT_ONCE = 500;
const SIGNALS_AT_ONCE = 8;
const SIGNAL_DEADLINE_MS = 5_000;
/** Between two looks, so that what is committed at about the same time is one look. */
const GAP_MS = 10;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;

/**
 * Starts relaying: rows of one target become one signal, sent before the rows are deleted. Whatever fails,
 * the rows stay and are tried again; a row delivered twice is one signal too many, which is harmless.
 */
export function startRelay(options: RelayOptions): Relay {
  const {
    outbox,
    client,
    taskQueue,
    log,
    metrics,
    desk = new Desk(),
    paceMs = 500,
    pollMs = 1_000,
  } = options;
  const stop = new AbortController();
  const inTurn = pLimit(SIGNALS_AT_ONCE);
  /** Targets signalled just now, with the time until which they are left alone. */
  const paced = new Map<string, { readonly target: IngestTarget; readonly until: number }>();
  /** Rows at the desk, and those of them that were served and may go. */
  const handed = new Set<string>();
  const served = new Set<string>();
  let bell = Promise.withResolvers<void>();
  const wake = () => bell.resolve();
  desk.listen({
    opened: wake,
    served(rowIds) {
      for (const rowId of rowIds) served.add(rowId);
      wake();
    },
    returned(rowIds) {
      for (const rowId of rowIds) handed.delete(rowId);
      wake();
    },
  });

  async function signal(target: IngestTarget): Promise<void> {
    await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
      client.workflow.signalWithStart(workflowNames.ingest, {
        workflowId: ingestWorkflowId(target.tenantId, target.bucket),
        taskQueue,
        args: [target],
        // Where Temporal is told to be fair, a tenant's many tasks don't keep another's waiting.
        priority: { fairnessKey: target.tenantId },
        signal: WAKE,
        // A worker that was killed in the middle of a task is noticed after this long.
        workflowTaskTimeout: "5 seconds",
      }),
    );
    metrics.relaySignals.inc();
  }

  /** @returns which rows Temporal knows of now. */
  async function deliverIngest(key: string, target: IngestTarget, rowIds: readonly string[]) {
    if (desk.hand(target, rowIds)) {
      for (const rowId of rowIds) handed.add(rowId);
      return [];
    }
    paced.set(key, { target, until: performance.now() + paceMs });
    await signal(target).catch((error: unknown) => {
      paced.delete(key);
      throw error;
    });
    return rowIds;
  }

  /** The last row with a pool says where the tenant is wanted. */
  async function deliverMove(tenantId: string, rows: readonly OutboxRow[]): Promise<readonly string[]> {
    const pool = rows.findLast(({ key }) => key !== "")?.key;
    const start = async () => {
      if (pool === undefined) await resumeMove(client, tenantId, { taskQueue });
      else await startMove(client, tenantId, pool, { taskQueue });
    };
    await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, start).catch((error: unknown) => {
      if (!(error instanceof MnemeError)) throw error;
      // Another try would fail as well.
      log.error({ tenantId, reason: error.reason }, "a move was asked for to what is no pool: dropped");
    });
    return rows.map(({ id }) => id);
  }

  async function deliverBatch({ id, tenantId, key: batchId }: OutboxRow): Promise<readonly string[]> {
    await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
      startBatch(client, { tenantId, batchId }, { taskQueue }),
    );
    return [id];
  }

  async function wakeReplay({ tenantId, key: replayId }: OutboxRow): Promise<void> {
    const input: ReplayInput = { tenantId, replayId };
    await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
      client.workflow.signalWithStart(workflowNames.replay, {
        workflowId: replayWorkflowId(tenantId, replayId),
        taskQueue,
        args: [input],
        priority: { fairnessKey: tenantId },
        signal: WAKE,
      }),
    );
  }

  async function deliver(rows: readonly OutboxRow[]): Promise<string[]> {
    const byTopic = Map.groupBy(rows, ({ topic }) => topic);
    const streams = [...Map.groupBy(byTopic.get(INGEST) ?? [], keyOf)];
    const tenants = [...Map.groupBy(byTopic.get(MOVE) ?? [], ({ tenantId }) => tenantId)];
    const deliveries = [
      ...streams.map(([key, group]) => () => {
        const rowIds = group.map(({ id }) => id);
        return deliverIngest(key, targetOf(group[0] as OutboxRow), rowIds);
      }),
      ...tenants.map(
        ([tenantId, group]) =>
          () =>
            deliverMove(tenantId, group),
      ),
      ...(byTopic.get(BATCH) ?? []).map((row) => () => deliverBatch(row)),
      ...(byTopic.get(REPLAY) ?? []).map((row) => async () => {
        await wakeReplay(row);
        return [row.id];
      }),
    ];
    const delivered: string[] = [];
    let failure: unknown;
    await Promise.all(
      deliveries.map((deliverOne) =>
        inTurn(async () => {
          if (failure || stop.signal.aborted) return;
          try {
            delivered.push(...(await deliverOne()));
          } catch (error) {
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
    for (const [key, { until }] of paced) if (until <= now) paced.delete(key);
    await removeServed();
    // A target that was signalled and now is at the desk gets its rows there.
    const except = [...paced].flatMap(([key, { target }]) => (desk.isOpen(target) ? [] : [key]));
    const topics = [INGEST, MOVE, BATCH, REPLAY];
    const claim = { topics, limit: ROWS_AT_ONCE, except, exceptIds: [...handed] };
    const found = await outbox.claim(claim, deliver);
    if (found >= ROWS_AT_ONCE) return 0;
    // Rows of a paced target raised no further alarm: look when its time is over.
    const next = Math.min(...[...paced.values()].map(({ until }) => until)) - performance.now();
    return Math.max(0, Math.min(pollMs, next));
  }

  async function removeServed(): Promise<void> {
    if (served.size === 0) return;
    const rowIds = [...served];
    await outbox.remove(rowIds);
    for (const rowId of rowIds) {
      served.delete(rowId);
      handed.delete(rowId);
    }
    metrics.relayRows.inc(rowIds.length);
  }

  async function run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!stop.signal.aborted) {
      bell = Promise.withResolvers();
      try {
        const waitMs = await round();
        backoffMs = FIRST_BACKOFF_MS;
        await Promise.race([bell.promise, quietly(pause(waitMs, undefined, { signal: stop.signal }))]);
        // Under load every commit rings the bell.
        await quietly(pause(GAP_MS, undefined, { signal: stop.signal }));
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
    wake,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

function keyOf({ topic, tenantId, key }: OutboxRow): string {
  return `${topic}/${tenantId}/${key}`;
}

function targetOf({ tenantId, key }: OutboxRow): IngestTarget {
  return { tenantId, bucket: Number(key) };
}

/** An abort ends a pause early; that is all. */
function quietly(waiting: Promise<unknown>): Promise<unknown> {
  return waiting.catch(() => undefined);
}
