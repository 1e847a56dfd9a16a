import {
  condition,
  continueAsNew,
  defineSignal,
  proxyActivities,
  setHandler,
  workflowInfo,
} from "@temporalio/workflow";
import { type ReplayInput, WAKE } from "../contract.ts";
import type { ReplayActivities } from "./activities.ts";

const { takeReplayOn } = proxyActivities<ReplayActivities>({
  // A model that is slow has this long for what a step began.
  startToCloseTimeout: "2 hours",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
});

export const wakeSignal = defineSignal(WAKE);

/**
 * Takes a replay on, step by step, until nothing is left to be done: what it is asked for stands in the record, and who
 * promotes, cancels or discards it wakes it.
 */
export async function replay(input: ReplayInput): Promise<void> {
  let isWoken = false;
  setHandler(wakeSignal, () => {
    isWoken = true;
  });
  for (;;) {
    isWoken = false;
    const { next, waitMs } = await takeReplayOn({ tenantId: input.tenantId, replayId: input.replayId });
    if (next === "over" && !isWoken) return;
    if (waitMs > 0) await condition(() => isWoken, waitMs);
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (continueAsNewSuggested || historyLength >= (input.maxHistoryEvents ?? MOST_EVENTS)) {
      await continueAsNew<typeof replay>(input);
    }
  }
}

const MOST_EVENTS = 2_000;
