import type { HandlerContext } from "@connectrpc/connect";
import {
  type StartReplayRequest,
  StartReplayRequestSchema,
} from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { requireAllowedModels, requireModelToReadBy } from "../../checks/settings.ts";
import { fromReplay, toReplayAsked } from "../../convert/replay.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function startReplay({ replays, allowedModels }: Pick<RouteDeps, "replays" | "allowedModels">) {
  return async (request: StartReplayRequest, context: HandlerContext) => {
    const write = toWriteRequest("StartReplay", StartReplayRequestSchema, request);
    const asked = toReplayAsked(request);
    requireAllowedModels(asked.settings, allowedModels);
    requireModelToReadBy(asked.settings, allowedModels);
    const replay = await replays.start(callerOf(context), asked, write, context.signal);
    return { replay: fromReplay(replay) };
  };
}
