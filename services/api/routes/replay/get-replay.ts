import type { HandlerContext } from "@connectrpc/connect";
import type { GetReplayRequest } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromReplay } from "../../convert/replay.ts";
import type { RouteDeps } from "../deps.ts";

export function getReplay({ replays }: Pick<RouteDeps, "replays">) {
  return async ({ replayId }: GetReplayRequest, context: HandlerContext) => {
    return { replay: fromReplay(await replays.get(callerOf(context), replayId, context.signal)) };
  };
}
