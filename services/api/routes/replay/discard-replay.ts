import type { HandlerContext } from "@connectrpc/connect";
import {
  type DiscardReplayRequest,
  DiscardReplayRequestSchema,
} from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromReplay } from "../../convert/replay.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function discardReplay({ replays }: Pick<RouteDeps, "replays">) {
  return async (request: DiscardReplayRequest, context: HandlerContext) => {
    const write = toWriteRequest("DiscardReplay", DiscardReplayRequestSchema, request);
    const { replayId } = request;
    const replay = await replays.change(callerOf(context), replayId, "discarded", write, context.signal);
    return { replay: fromReplay(replay) };
  };
}
