import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListReplayDifferencesRequest } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromDifference, toReplayChange } from "../../convert/replay.ts";
import type { RouteDeps } from "../deps.ts";

export function listReplayDifferences({ replays }: Pick<RouteDeps, "replays">) {
  return async (request: ListReplayDifferencesRequest, context: HandlerContext) => {
    const { replayId, change, pageSize, pageToken } = request;
    const asked = { replayId, change: toReplayChange(change), pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await replays.differences(callerOf(context), asked, context.signal);
    return { differences: items.map(fromDifference), nextPageToken };
  };
}
