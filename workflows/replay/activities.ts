import { type Advance, advanceReplay } from "@mneme/core/replay/advance-replay.ts";
import type { ReplayDeps } from "@mneme/core/replay/replay-stream.ts";
import { Context } from "@temporalio/activity";
import type { ReplayInput } from "../contract.ts";
import { describe, type Guard, guarded } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

export interface ReplayActivityDeps extends Guard {
  readonly replay: ReplayDeps;
  readonly metrics: Pick<WorkerMetrics, "outages" | "replayedStreams">;
  /** How long a step begins more, 20,000 ms by default. */
  readonly forMs?: number;
  /** Tries in an outage, 120 by default: about an hour. */
  readonly mostTries?: number;
}

export type ReplayActivities = ReturnType<typeof createReplayActivities>;

/** Activities of the replay workflow; each may be repeated. */
export function createReplayActivities({
  replay,
  forMs = 20_000,
  mostTries = 120,
  ...deps
}: ReplayActivityDeps) {
  return {
    /** Does what a replay's state asks for, for a while. */
    takeReplayOn: (of: Pick<ReplayInput, "tenantId" | "replayId">): Promise<Advance> =>
      guarded(deps, async (signal) => {
        const isLastTry = Context.current().info.attempt >= mostTries;
        const onFault = (error: unknown) =>
          deps.log.warn({ replayId: of.replayId, ...describe(error) }, "a replay's step failed");
        const advance = await advanceReplay(replay, of, { signal, forMs, isLastTry, onFault });
        deps.metrics.replayedStreams.inc(advance.streams);
        return advance;
      }),
  };
}
