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

const { beginGeneration, copyPages, compareCounts, promote, retireOld, abandon } =
  proxyActivities<ReindexActivities>({
    startToCloseTimeout: "30 minutes",
    heartbeatTimeout: "20 seconds",
    retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
  });

/** Times that tenants with a short count are copied again before the new generation is given up. */
const MAX_REPAIRS = 3;

const GRACE_MS = 10_000;

export const progressQuery = defineQuery<ReindexProgress>(REINDEX_PROGRESS);

/**
 * Builds the next generation of the index from the record beside the current one, and swaps them. Writers
 * write to both from the moment the new one exists, so what is copied is only what was there before.
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
    isDone: (next: ReindexCursor) => boolean,
  ): Promise<void> {
    let cursor = from;
    do {
      const { generation } = progress;
      const { written, refused, embedded, next } = await copyPages({ generation, cursor });
      cursor = next;
      advance({
        written: progress.written + written,
        refused: progress.refused + refused,
        embedded: progress.embedded + embedded,
        cursor: next,
      });
      if (cursor && workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof reindex>({ ...input, carried: progress });
      }
    } while (cursor && !isDone(cursor));
  }

  async function build(): Promise<void> {
    if (progress.generation === 0) advance({ generation: (await beginGeneration()).generation });
    advance({ phase: "copying" });
    await copy(progress.cursor, () => false);
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
      for (const tenantId of short) await copy({ tenantId }, (next) => next.tenantId !== tenantId);
    }
  }

  try {
    await build();
  } catch (error) {
    if (progress.generation > 0 && !(error instanceof ContinueAsNew)) {
      const { generation } = progress;
      await CancellationScope.nonCancellable(() => abandon({ generation }));
    }
    throw error;
  }
  advance({ phase: "swapping" });
  await CancellationScope.nonCancellable(async () => {
    await promote({ generation: progress.generation });
    await sleep(input.graceMs ?? GRACE_MS);
    await retireOld();
  });
  advance({ phase: "done" });
  return progress;
}

async function shortTenants(generation: number): Promise<string[]> {
  const short: string[] = [];
  let after: string | undefined;
  do {
    const report = await compareCounts({ generation, after });
    short.push(...report.short);
    after = report.next;
  } while (after !== undefined);
  return short;
}
