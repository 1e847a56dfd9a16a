import { ReplayService } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { type Served, serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { cancelReplay } from "./cancel-replay.ts";
import { discardReplay } from "./discard-replay.ts";
import { getReplay } from "./get-replay.ts";
import { listReplayDifferences } from "./list-replay-differences.ts";
import { listReplays } from "./list-replays.ts";
import { promoteReplay } from "./promote-replay.ts";
import { resumeReplay } from "./resume-replay.ts";
import { startReplay } from "./start-replay.ts";

export function replayService(deps: RouteDeps): Served {
  return serve(ReplayService, {
    startReplay: startReplay(deps),
    getReplay: getReplay(deps),
    listReplays: listReplays(deps),
    listReplayDifferences: listReplayDifferences(deps),
    promoteReplay: promoteReplay(deps),
    resumeReplay: resumeReplay(deps),
    discardReplay: discardReplay(deps),
    cancelReplay: cancelReplay(deps),
  });
}
