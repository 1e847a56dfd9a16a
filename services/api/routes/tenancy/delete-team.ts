import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteTeamRequest,
  DeleteTeamRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function deleteTeam({ teams }: Pick<RouteDeps, "teams">) {
  return async (request: DeleteTeamRequest, context: HandlerContext) => {
    const write = toWriteRequest("DeleteTeam", DeleteTeamRequestSchema, request);
    await teams.delete(callerOf(context), request.teamId, write, context.signal);
    return {};
  };
}
