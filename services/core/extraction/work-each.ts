import pLimit, { type LimitFunction } from "p-limit";
import type { StreamBatch } from "./ingest-store.ts";
import type { Outcome } from "./ingest-tally.ts";

export interface EachOptions {
  /** People that are read beside each other. */
  readonly concurrency: number;
  /** Where they take turns: `readers` of several batches share one, which bounds them together. */
  readonly readers?: LimitFunction;
  /** People that a model has not begun to read by then, in milliseconds, are left for the next call. */
  readonly beginMs?: number;
  /** Ends when no reading began or ended for so long, in milliseconds: those that go on are slow. Unless told, it waits. */
  readonly quietMs?: number;
}

/** A reading that outlasts its batch. Nothing else of its stream may be worked before it has ended. */
export interface SlowReading {
  readonly streamId: string;
  /** Rejects where it was cancelled, or on a fault that is no stream's. */
  readonly ended: Promise<Outcome>;
}

/** What became of people, each by themselves. */
export interface EachReport {
  readonly ended: readonly Outcome[];
  /** Streams that were begun. */
  readonly begun: readonly string[];
  readonly slow: readonly SlowReading[];
}

/**
 * People beside each other, each by themselves: one that takes long loses nobody else's work, and where there is a
 * limit to the quiet, holds up nobody. Whoever gave that limit answers for the slow ones: all others have ended when
 * this does. After an outage nobody else is begun.
 *
 * @param work one person; resolves whatever becomes of it, unless it is cancelled.
 */
export async function workEach(
  batches: readonly StreamBatch[],
  options: EachOptions,
  work: (batch: StreamBatch) => Promise<Outcome>,
): Promise<EachReport> {
  const { concurrency, readers = pLimit(concurrency), beginMs = Number.POSITIVE_INFINITY, quietMs } = options;
  const start = performance.now();
  const begun: string[] = [];
  const ended: Outcome[] = [];
  const going = new Map<string, Promise<Outcome>>();
  const faults: unknown[] = [];
  let isOver = false;
  const quiet = Promise.withResolvers<void>();
  const timer = quietMs === undefined ? undefined : setTimeout(quiet.resolve, quietMs);
  const mayBegin = () => {
    if (isOver || faults.length > 0 || ended.some(({ outage }) => outage)) return false;
    return begun.length < concurrency || performance.now() - start <= beginMs;
  };
  const read = async (batch: StreamBatch) => {
    if (!mayBegin()) return;
    const { streamId } = batch;
    begun.push(streamId);
    timer?.refresh();
    const reading = work(batch);
    going.set(streamId, reading);
    try {
      ended.push(await reading);
    } catch (error) {
      faults.push(error);
    } finally {
      going.delete(streamId);
      if (!isOver) timer?.refresh();
    }
  };
  const all = Promise.all(batches.map((batch) => readers(read, batch)));
  await Promise.race([all, quiet.promise]);
  isOver = true;
  clearTimeout(timer);
  // Whoever was not begun is loaded again: nothing of them is kept here until a slow one has ended.
  readers.clearQueue();
  if (faults.length > 0) {
    await Promise.allSettled(going.values());
    throw faults[0];
  }
  return {
    ended: [...ended],
    begun,
    slow: [...going].map(([streamId, reading]) => ({ streamId, ended: reading })),
  };
}
