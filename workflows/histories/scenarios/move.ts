import { randomUUID } from "node:crypto";
import type { WorkflowHandle } from "@temporalio/client";
import { pino } from "pino";
import { MOVE_TO } from "../../contract.ts";
import { guarded } from "../../guard.ts";
import { createMetrics } from "../../metrics.ts";
import type { MoveActivities } from "../../move/activities.ts";
import { resumeMove, startMove } from "../../move/start-move.ts";
import type { TestTemporal } from "../../testing/temporal.ts";
import { untilCancelled } from "../../testing/until-cancelled.ts";
import type { Scenarios } from "../scenario.ts";

const log = pino({ level: "silent" });

export const moveScenarios: Scenarios = {
  "move-clears-up-first-and-goes-on": (temporal) => {
    const leaving = ["before"];
    return move(
      temporal,
      { beginMove: async () => ({ isThere: false, leaving: leaving.shift() }) },
      async (handle) => void (await handle.signal<[string]>(MOVE_TO, "shared2")),
    );
  },

  "move-repairs-what-is-short": (temporal) => {
    let short = 1;
    return move(temporal, { lacksDocuments: async () => short-- > 0 });
  },

  "move-gives-up": (temporal) => move(temporal, { lacksDocuments: async () => true }),

  "move-goes-on-after-a-failure": (temporal) =>
    move(
      temporal,
      { lacksDocuments: async ({ pool }) => pool !== "shared2" },
      async (handle) => void (await handle.signal<[string]>(MOVE_TO, "shared2")),
    ),

  "move-is-cancelled": (temporal) => {
    const copying = Promise.withResolvers<void>();
    return move(
      temporal,
      {
        copyTenant: () => {
          copying.resolve();
          return guarded({ log, metrics: createMetrics() }, untilCancelled);
        },
      },
      async (handle) => {
        await copying.promise;
        await handle.cancel();
      },
    );
  },

  "move-is-resumed": async (temporal) => {
    const { taskQueue } = temporal;
    await using _worker = await temporal.startWorker(
      moveActivities({ beginMove: async () => ({ isThere: true }) }),
    );
    const handle = await resumeMove(temporal.client, randomUUID(), { taskQueue });
    await handle.result();
    return handle;
  },

  "move-is-there": (temporal) => move(temporal, { beginMove: async () => ({ isThere: true }) }),
};

async function move(
  temporal: TestTemporal,
  changes: Partial<MoveActivities>,
  meanwhile: (handle: WorkflowHandle) => Promise<void> = async () => undefined,
): Promise<WorkflowHandle> {
  await using _worker = await temporal.startWorker(moveActivities(changes));
  const { taskQueue } = temporal;
  const handle = await startMove(temporal.client, randomUUID(), "own", { taskQueue, graceMs: 100 });
  await meanwhile(handle);
  await handle.result().catch(() => undefined);
  return handle;
}

function moveActivities(changes: Partial<MoveActivities>): MoveActivities {
  const after = { memoryId: randomUUID(), version: 1 };
  return {
    findWanted: async () => ({ pool: "shared2" }),
    beginMove: async () => ({ isThere: false }),
    copyTenant: async ({ tenantId, cursor }) => {
      return { written: 10, refused: 0, embedded: 0, next: cursor ? undefined : { tenantId, after } };
    },
    lacksDocuments: async () => false,
    swapTenant: async () => ({ from: "shared" }),
    giveUpMove: async () => undefined,
    leavePool: async () => ({ removed: 20 }),
    ...changes,
  };
}
