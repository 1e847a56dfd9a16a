import {
  ActivityFailure,
  ApplicationFailure,
  continueAsNew,
  isCancellation,
  patched,
  proxyActivities,
  workflowInfo,
} from "@temporalio/workflow";
import type { AgeingInput, AgeingProgress, AgeingStep } from "../contract.ts";
import type { AgeingActivities } from "./activities.ts";

const work = proxyActivities<AgeingActivities>({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "20 seconds",
  // Ten tries are a quarter of an hour: a step that fails for longer is left to the next run.
  retry: {
    initialInterval: "1 second",
    backoffCoefficient: 2,
    maximumInterval: "3 minutes",
    maximumAttempts: 10,
  },
});

/**
 * In order: summaries are made before episodes fade. A step that is added later stands behind `patched`, with its name:
 * runs of before may be open.
 */
function stepsOf(): readonly AgeingStep[] {
  return [
    ...(patched("consolidate") ? (["consolidate"] as const) : []),
    ...(patched("review") ? (["review"] as const) : []),
    "archive",
  ];
}

const BEGUN: AgeingProgress = { done: [], failed: [], counts: {} };

/**
 * Ages one tenant's memories, step by step; started by the tenant's schedule, or by hand. A step that fails keeps no
 * other from its turn.
 *
 * @returns what was done, in counts.
 * @throws AGEING_INCOMPLETE at the end, with the steps that failed.
 */
export async function ageing(input: AgeingInput): Promise<AgeingProgress["counts"]> {
  const { tenantId } = input;
  // What another version carried may lack anything.
  let progress: AgeingProgress = { ...BEGUN, ...input.carried };

  async function run(step: AgeingStep): Promise<void> {
    // Of another step it would lead astray: one that was added stands before that which was open.
    if (progress.step !== step) progress = { ...progress, step, cursor: undefined };
    do {
      const { cursor, counts } = await work[step]({ tenantId, cursor: progress.cursor });
      progress = { ...progress, cursor, counts: added(progress.counts, counts) };
      if (cursor !== undefined && isLong(input)) {
        await continueAsNew<typeof ageing>({ ...input, carried: progress });
      }
    } while (progress.cursor !== undefined);
  }

  for (const step of stepsOf()) {
    if (progress.done.includes(step)) continue;
    try {
      await run(step);
    } catch (error) {
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      progress = { ...progress, cursor: undefined, failed: [...progress.failed, step] };
    }
    progress = { ...progress, done: [...progress.done, step] };
  }
  const failed = failedSteps(progress);
  if (failed.length > 0) {
    throw ApplicationFailure.nonRetryable(`steps failed: ${failed.join(", ")}`, "AGEING_INCOMPLETE");
  }
  await work.noteAged({ tenantId });
  return progress.counts;
}

/** Also one that came to its end without some of its streams. */
function failedSteps({ failed, counts }: AgeingProgress): readonly AgeingStep[] {
  const isPartial = (counts.failedStreams ?? 0) > 0;
  return isPartial ? [...new Set<AgeingStep>([...failed, "consolidate"])] : failed;
}

function isLong({ maxHistoryEvents }: AgeingInput): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= (maxHistoryEvents ?? Number.POSITIVE_INFINITY);
}

function added(a: AgeingProgress["counts"], b: AgeingProgress["counts"] = {}): AgeingProgress["counts"] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}
