import type { HandlerContext } from "@connectrpc/connect";
import {
  type CancelReplayRequest,
  CancelReplayRequestSchema,
} from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromReplay } from "../../convert/replay.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function cancelReplay({ replays }: Pick<RouteDeps, "replays">) {
  return async (request: CancelReplayRequest, context: HandlerContext) => {
    const write = toWriteRequest("CancelReplay", CancelReplayRequestSchema, request);
    const { replayId } = request;
    const replay = await replays.change(callerOf(context), replayId, "cancelled", write, context.signal);
    return { replay: fromReplay(replay) };
  };
}
