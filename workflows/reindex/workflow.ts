import type { Changes, ReindexCursor } from "@mneme/core/search/reindex.ts";
import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { REINDEX_PROGRESS, type ReindexInput, type ReindexProgress } from "../contract.ts";
import type { AtGeneration, ReindexActivities } from "./activities.ts";

const work = proxyActivities<ReindexActivities>({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
});

/** Copies of what changed meanwhile are made until one is as short as this: the last one holds writers up. */
const SHORT_COPY = 500;
/** No more of them: where more is written than can be copied, the last one is long. */
const MAX_CATCH_UPS = 5;
/** Times that tenants with a short count are copied again before the new generation is given up. */
const MAX_REPAIRS = 3;

const GRACE_MS = 10_000;

export const progressQuery = defineQuery<ReindexProgress>(REINDEX_PROGRESS);

/**
 * Builds the next generation of the index from the record beside the current one, and swaps them. Writers
 * write to both from the moment the new one exists. Only where the two are of different models they can't: what
 * changes meanwhile is copied as well then, the last of it while the writers wait for the swap.
 * A run that fails or is cancelled before the swap leaves the current generation as it was.
 */
export async function reindex(input: ReindexInput): Promise<ReindexProgress> {
  let progress: ReindexProgress = input.carried ?? {
    phase: "building",
    generation: 0,
    written: 0,
    refused: 0,
    embedded: 0,
  };
  setHandler(progressQuery, () => progress);
  const { pool } = input;
  const at = (): AtGeneration => ({ pool, generation: progress.generation });
  const advance = (changes: Partial<ReindexProgress>) => {
    progress = { ...progress, ...changes };
  };

  async function copy(
    from: ReindexCursor | undefined,
    options: { readonly changes?: Changes; readonly isDone?: (next: ReindexCursor) => boolean } = {},
  ): Promise<number> {
    const { changes, isDone } = options;
    let copied = 0;
    let cursor = from;
    do {
      const { written, refused, embedded, next } = await work.copyPages({ ...at(), cursor, changes });
      copied += written;
      cursor = next;
      advance({
        // Of what is copied for a change, most was copied before.
        written: progress.written + (changes === undefined ? written : 0),
        refused: progress.refused + refused,
        embedded: progress.embedded + embedded,
        cursor: next,
      });
      // Only the first copy is long, and only its place is carried over: a later one would begin at its end.
      const isFirst = changes === undefined && isDone === undefined;
      if (cursor && isFirst && workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof reindex>({ ...input, carried: progress });
      }
    } while (cursor && !isDone?.(cursor));
    return copied;
  }

  /** Copies what changed since a mark, up to a new one. */
  async function catchUp(since: string): Promise<{ readonly mark: string; readonly copied: number }> {
    const { mark } = await work.markRecord();
    const copied = await copy(undefined, { changes: { since, until: mark } });
    advance({ mark });
    return { mark, copied };
  }

  /** Copies what those wrote who can't write to the new generation, until they write nothing any more. */
  async function catchUpAll(begun: string): Promise<void> {
    advance({ phase: "catching-up" });
    let mark = begun;
    for (let times = 0; times < MAX_CATCH_UPS; times += 1) {
      const caughtUp = await catchUp(mark);
      mark = caughtUp.mark;
      if (caughtUp.copied <= SHORT_COPY) break;
    }
    await work.announce(at());
    await catchUp(mark);
  }

  async function build(): Promise<void> {
    if (progress.generation === 0) advance(await work.beginGeneration({ pool }));
    advance({ phase: "copying" });
    await copy(progress.cursor);
    if (progress.mark !== undefined) await catchUpAll(progress.mark);
    advance({ phase: "comparing" });
    for (let repairs = 0; ; repairs += 1) {
      const short = await shortTenants(at());
      if (short.length === 0) break;
      if (repairs === MAX_REPAIRS) {
        throw ApplicationFailure.nonRetryable(
          "the new index lacks documents of the record",
          "INDEX_INCOMPLETE",
        );
      }
      for (const tenantId of short) {
        await copy({ tenantId }, { isDone: (next) => next.tenantId !== tenantId });
      }
    }
  }

  try {
    await build();
  } catch (error) {
    if (progress.generation > 0 && !(error instanceof ContinueAsNew)) {
      await CancellationScope.nonCancellable(() => work.abandon(at()));
    }
    throw error;
  }
  advance({ phase: "swapping" });
  await CancellationScope.nonCancellable(async () => {
    await work.promote(at());
    await sleep(input.graceMs ?? GRACE_MS);
    await work.retireOld({ pool });
  });
  advance({ phase: "done" });
  return progress;
}

async function shortTenants(at: AtGeneration): Promise<string[]> {
  const short: string[] = [];
  let after: string | undefined;
  do {
    const report = await work.compareCounts({ ...at, after });
    short.push(...report.short);
    after = report.next;
  } while (after !== undefined);
  return short;
}
