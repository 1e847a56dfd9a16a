import type { HandlerContext } from "@connectrpc/connect";
import {
  type UpdateTeamRequest,
  UpdateTeamRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { toMaskedPaths } from "../../convert/field-mask.ts";
import { fromTeam } from "../../convert/team.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function updateTeam({ teams }: Pick<RouteDeps, "teams">) {
  return async (request: UpdateTeamRequest, context: HandlerContext) => {
    const write = toWriteRequest("UpdateTeam", UpdateTeamRequestSchema, request);
    toMaskedPaths(request.updateMask, { name: {} });
    const { teamId, name, etag } = request;
    const team = await teams.rename(callerOf(context), { teamId, name, etag }, write, context.signal);
    return { team: fromTeam(team) };
  };
}
