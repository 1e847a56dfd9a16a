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

type Deps = Pick<RouteDeps, "replays" | "allowedModels" | "settingsNow">;

export function startReplay({ replays, allowedModels, settingsNow }: Deps) {
  return async (request: StartReplayRequest, context: HandlerContext) => {
    const write = toWriteRequest("StartReplay", StartReplayRequestSchema, request);
    const asked = toReplayAsked(request);
    requireAllowedModels(asked.settings, allowedModels);
    const caller = callerOf(context);
    const project = await settingsNow.of(caller.tenantId, caller.projectId);
    requireModelToReadBy(asked.settings, project, allowedModels);
    const replay = await replays.start(caller, asked, write, context.signal);
    return { replay: fromReplay(replay) };
  };
}
