import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import type { IngestTarget } from "../contract.ts";
import type { IngestActivityDeps, StayLimits } from "./deps.ts";

/** One bucket's way into the index, with what it counted so far. */
export interface Indexing {
  /** Indexes up to one batch. @returns true when there may be more. */
  step(): Promise<boolean>;
  readonly counts: { written: number; removed: number; refused: number };
}

export function createIndexing(
  { ingest, metrics, log, limits }: IngestActivityDeps,
  target: IngestTarget,
  signal: AbortSignal,
): Indexing {
  const counts = { written: 0, removed: 0, refused: 0 };
  return {
    counts,
    async step() {
      const report = await indexPending(ingest, target, limits.indexBatch, signal);
      counts.written += report.written;
      counts.removed += report.removed;
      counts.refused += report.refused;
      metrics.indexWritten.inc(report.written);
      metrics.indexRemoved.inc(report.removed);
      if (report.refused > 0) {
        metrics.indexRefused.inc(report.refused);
        log.error({ ...target, refused: report.refused }, "the index refuses documents for good");
      }
      return report.more;
    },
  };
}

/** Says when what was worked is indexed. */
export interface IndexPace {
  /** Of a batch so far: the rest of it may take long. */
  worked(messages: number): void;
  /** After each batch, with all of its messages. */
  ended(messages: number): void;
  /** What was put off comes now. */
  flush(): void;
}

/**
 * Puts off what a flood brings until there is much of it, for each time costs the index a segment, and soon a merge
 * of many; but never for long, for the flood's next batch may take a model minutes. Anything else is due at once.
 */
export function paceIndexing(
  { batch, indexBatch, putOffMs }: Pick<StayLimits, "batch" | "indexBatch" | "putOffMs">,
  request: () => void,
): IndexPace {
  let messages = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    messages = 0;
    request();
  };
  const putOff = () => {
    timer ??= setTimeout(flush, putOffMs);
  };
  return {
    worked(count) {
      messages += count;
      if (messages >= indexBatch) flush();
      else putOff();
    },
    ended(count) {
      if (count < batch) flush();
      else putOff();
    },
    flush,
  };
}

/** Indexes until nothing is left. */
export async function indexAll(indexing: Indexing): Promise<void> {
  while (await indexing.step());
}

/**
 * Indexes beside the work that makes something to index: `request` says that there is more, `settled`
 * resolves once everything requested is indexed, or with the first error.
 */
export interface BackgroundIndexing {
  request(): void;
  /** True once it met an error: nothing is indexed any more. */
  readonly hasFailed: boolean;
  settled(): Promise<{ readonly error: unknown } | undefined>;
}

/** @param onIndexed told each time everything that was requested so far can be found. */
export function indexInBackground(indexing: Indexing, onIndexed: () => () => void): BackgroundIndexing {
  let requested = false;
  let failure: { readonly error: unknown } | undefined;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (requested && !failure) {
      requested = false;
      const indexed = onIndexed();
      try {
        await indexAll(indexing);
        indexed();
      } catch (error) {
        failure = { error };
      }
    }
    running = undefined;
  }
  return {
    request() {
      requested = true;
      running ??= run();
    },
    get hasFailed() {
      return failure !== undefined;
    },
    async settled() {
      await running;
      return failure;
    },
  };
}
