import {
  ActivityCancellationType,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  defineSignal,
  patched,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from "@temporalio/workflow";
import { MOVE_PROGRESS, MOVE_TO, type MoveInput, type MoveProgress } from "../contract.ts";
import type { MoveActivities } from "./activities.ts";

const work = proxyActivities<MoveActivities>({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "20 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "30 seconds" },
  // What still writes must have ended before what it wrote is removed.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

/** Times that a tenant with a short count is copied again before the move is given up. */
const MAX_REPAIRS = 3;

/** Longer than any request to the index may take: see `IndexClientOptions.timeoutMs`. */
const GRACE_MS = 10_000;

/** Marks the histories of runs that go on where another pool is wanted after a failure; before, they failed. */
const GOES_ON_AFTER_FAILURE = "goes-on-after-failure";

export const progressQuery = defineQuery<MoveProgress>(MOVE_PROGRESS);
export const moveToSignal = defineSignal<[string]>(MOVE_TO);

/**
 * Moves a tenant's part of the index to another pool, from the record. Writers write to both pools from the beginning to the
 * swap, which is one step; what the tenant had before is removed then. A run that fails or is cancelled before
 * the swap leaves the tenant where it was, and nothing of it where it was going to. One that fails goes on to another
 * pool that the tenant was wanted in meanwhile.
 */
export async function move(input: MoveInput): Promise<MoveProgress> {
  const { tenantId, graceMs = GRACE_MS } = input;
  let wanted = input.to;
  let progress = input.carried ?? startOf(input.to);
  setHandler(progressQuery, () => progress);
  setHandler(moveToSignal, (pool) => {
    wanted = pool;
  });
  const advance = (changes: Partial<MoveProgress>) => {
    progress = { ...progress, ...changes };
  };

  async function copy(from: MoveProgress["cursor"]): Promise<void> {
    let cursor = from;
    do {
      const report = await work.copyTenant({ tenantId, pool: progress.to, cursor });
      cursor = report.next;
      advance({
        written: progress.written + report.written,
        refused: progress.refused + report.refused,
        embedded: progress.embedded + report.embedded,
        cursor,
      });
      if (cursor && workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof move>({ ...input, to: wanted, carried: progress });
      }
    } while (cursor);
  }

  /** Cleaning up is never half done. */
  const leave = (pool: string) =>
    CancellationScope.nonCancellable(async () => {
      advance({ phase: "leaving" });
      const { removed } = await work.leavePool({ tenantId, pool });
      advance({ removed: progress.removed + removed });
    });

  /** @returns false where it is there already. */
  async function begin(): Promise<boolean> {
    for (;;) {
      const { isThere, leaving } = await work.beginMove({ tenantId, pool: progress.to });
      if (leaving === undefined) return !isThere;
      await leave(leaving);
      if (CancellationScope.current().consideredCancelled) throw new CancelledFailure("given up");
      advance({ phase: "preparing" });
    }
  }

  async function fill(): Promise<void> {
    const pool = progress.to;
    advance({ phase: "copying" });
    await copy(progress.cursor);
    advance({ phase: "comparing" });
    for (let repairs = 0; await work.lacksDocuments({ tenantId, pool }); repairs += 1) {
      if (repairs === MAX_REPAIRS) {
        throw ApplicationFailure.nonRetryable(
          "the new pool lacks documents of the record",
          "INDEX_INCOMPLETE",
        );
      }
      await copy(undefined);
    }
  }

  async function moveThere(): Promise<void> {
    const pool = progress.to;
    try {
      if (!(await begin())) return;
      await fill();
    } catch (error) {
      if (!(error instanceof ContinueAsNew)) {
        await CancellationScope.nonCancellable(() => work.giveUpMove({ tenantId, pool }));
        await leave(pool);
      }
      throw error;
    }
    await CancellationScope.nonCancellable(async () => {
      advance({ phase: "swapping" });
      const { from } = await work.swapTenant({ tenantId, pool });
      await sleep(graceMs);
      if (from !== undefined) await leave(from);
    });
  }

  if (input.to === "") {
    const { pool } = await work.findWanted({ tenantId });
    // A call that came meanwhile is later than what the record had.
    wanted ||= pool;
    advance(startOf(wanted));
  }
  for (;;) {
    try {
      await moveThere();
    } catch (error) {
      const isOver = error instanceof ContinueAsNew || wanted === progress.to;
      // Where it is cancelled, what else is wanted is given up at its first step.
      if (isOver || !patched(GOES_ON_AFTER_FAILURE)) throw error;
    }
    if (wanted === progress.to) break;
    advance(startOf(wanted));
  }
  advance({ phase: "done" });
  return progress;
}

function startOf(to: string): MoveProgress {
  return { phase: "preparing", to, written: 0, refused: 0, embedded: 0, removed: 0, cursor: undefined };
}
