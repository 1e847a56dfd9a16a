import type { IngestActivityDeps, WorkInput } from "./deps.ts";
import { createIndexing, indexInBackground, paceIndexing } from "./indexing.ts";

/** What one activity worked, on its way into the index. */
export interface Following {
  /** Messages so far, and when the last one was worked. */
  readonly messages: number;
  readonly lastWork: number;
  readonly counts: { readonly written: number; readonly removed: number; readonly refused: number };
  /** True once the index did not take something: nothing is indexed any more. */
  readonly hasFailed: boolean;
  /** As soon as messages are worked: the rest of their batch may take long. */
  worked(messageIds: readonly string[]): void;
  /** @param keep called when the index was brought up next. */
  promise(keep: () => void): void;
  /** The index is to be looked after, whatever was worked. */
  due(): void;
  /** After each batch, with all of its messages. */
  ended(messages: number): void;
  /** What was put off comes now. */
  flush(): void;
  /** Resolves once everything is indexed, or with the first error. */
  settled(): Promise<{ readonly error: unknown } | undefined>;
}

/** Indexes beside the work, unless somebody else does, and measures how long each message took. */
export function followWork(deps: IngestActivityDeps, input: WorkInput, signal: AbortSignal): Following {
  const { limits, metrics } = deps;
  const indexing = createIndexing(deps, input, signal);
  const arrivals: number[] = [];
  const promises: (() => void)[] = [];
  const background = indexInBackground(indexing, () => {
    const indexed = arrivals.splice(0);
    const kept = promises.splice(0);
    return () => {
      for (const keep of kept) keep();
      observe(metrics.searchableLag, indexed);
    };
  });
  let isDue = false;
  const pace = paceIndexing(limits, () => {
    if (input.index && isDue) background.request();
    isDue = false;
  });
  const seen = { messages: 0, lastWork: performance.now() };
  return {
    get messages() {
      return seen.messages;
    },
    get lastWork() {
      return seen.lastWork;
    },
    counts: indexing.counts,
    get hasFailed() {
      return background.hasFailed;
    },
    worked(messageIds) {
      const worked = messageIds.map(arrivalOf);
      seen.messages += worked.length;
      seen.lastWork = performance.now();
      metrics.messages.inc(worked.length);
      arrivals.push(...worked);
      observe(metrics.extractedLag, worked);
      isDue = true;
      pace.worked(worked.length);
    },
    promise: (keep) => void promises.push(keep),
    due() {
      isDue = true;
    },
    ended: (messages) => pace.ended(messages),
    flush: () => pace.flush(),
    settled: () => background.settled(),
  };
}

/** Message ids are UUIDs of version 7: their first 48 bits are the time they were made. */
function arrivalOf(messageId: string): number {
  return Number.parseInt(messageId.replaceAll("-", "").slice(0, 12), 16);
}

function observe(lag: { observe(seconds: number): void }, arrivals: readonly number[]): void {
  const now = Date.now();
  for (const arrival of arrivals) lag.observe(Math.max(0, now - arrival) / 1_000);
}
