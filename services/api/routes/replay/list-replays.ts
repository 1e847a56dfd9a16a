import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListReplaysRequest } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromReplay } from "../../convert/replay.ts";
import type { RouteDeps } from "../deps.ts";

export function listReplays({ replays }: Pick<RouteDeps, "replays">) {
  return async ({ pageSize, pageToken }: ListReplaysRequest, context: HandlerContext) => {
    const asked = { pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await replays.list(callerOf(context), asked, context.signal);
    return { replays: items.map(fromReplay), nextPageToken };
  };
}
