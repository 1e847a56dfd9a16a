import type { HandlerContext } from "@connectrpc/connect";
import {
  type ResumeReplayRequest,
  ResumeReplayRequestSchema,
} from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromReplay } from "../../convert/replay.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function resumeReplay({ replays }: Pick<RouteDeps, "replays">) {
  return async (request: ResumeReplayRequest, context: HandlerContext) => {
    const write = toWriteRequest("ResumeReplay", ResumeReplayRequestSchema, request);
    const { replayId } = request;
    const replay = await replays.change(callerOf(context), replayId, "resumed", write, context.signal);
    return { replay: fromReplay(replay) };
  };
}
