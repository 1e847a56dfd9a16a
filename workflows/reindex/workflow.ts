import type { ReindexCursor } from "@mneme/core/search/reindex.ts";
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
import type { ReindexActivities } from "./activities.ts";

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
 * write to both from the moment the new one exists, but for those of another model: what they wrote meanwhile
 * is copied as well, the last of it while they wait for the swap.
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
  const advance = (changes: Partial<ReindexProgress>) => {
    progress = { ...progress, ...changes };
  };

  async function copy(
    from: ReindexCursor | undefined,
    options: { readonly since?: string; readonly isDone?: (next: ReindexCursor) => boolean } = {},
  ): Promise<number> {
    const { since, isDone } = options;
    let copied = 0;
    let cursor = from;
    do {
      const { generation } = progress;
      const { written, refused, embedded, next } = await work.copyPages({ generation, cursor, since });
      copied += written;
      cursor = next;
      advance({
        // Of what is copied for a change, most was copied before.
        written: progress.written + (since === undefined ? written : 0),
        refused: progress.refused + refused,
        embedded: progress.embedded + embedded,
        cursor: next,
      });
      // Only the first copy is long, and only its place is carried over: a later one would begin at its end.
      const isFirst = since === undefined && isDone === undefined;
      if (cursor && isFirst && workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof reindex>({ ...input, carried: progress });
      }
    } while (cursor && !isDone?.(cursor));
    return copied;
  }

  /** Copies what changed since the mark. @returns how much that was. */
  async function catchUp(): Promise<number> {
    const { mark } = await work.markRecord();
    const written = await copy(undefined, { since: progress.mark as string });
    advance({ mark });
    return written;
  }

  async function build(): Promise<void> {
    if (progress.generation === 0) advance(await work.beginGeneration());
    advance({ phase: "copying" });
    await copy(progress.cursor);
    advance({ phase: "catching-up" });
    for (let times = 0; times < MAX_CATCH_UPS && (await catchUp()) > SHORT_COPY; times += 1);
    await work.announce({ generation: progress.generation });
    await catchUp();
    advance({ phase: "comparing" });
    for (let repairs = 0; ; repairs += 1) {
      const short = await shortTenants(progress.generation);
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
      const { generation } = progress;
      await CancellationScope.nonCancellable(() => work.abandon({ generation }));
    }
    throw error;
  }
  advance({ phase: "swapping" });
  await CancellationScope.nonCancellable(async () => {
    await work.promote({ generation: progress.generation });
    await sleep(input.graceMs ?? GRACE_MS);
    await work.retireOld();
  });
  advance({ phase: "done" });
  return progress;
}

async function shortTenants(generation: number): Promise<string[]> {
  const short: string[] = [];
  let after: string | undefined;
  do {
    const report = await work.compareCounts({ generation, after });
    short.push(...report.short);
    after = report.next;
  } while (after !== undefined);
  return short;
}
