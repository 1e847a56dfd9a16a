import type { HandlerContext } from "@connectrpc/connect";
import {
  type CreateTeamRequest,
  CreateTeamRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTeam } from "../../convert/team.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function createTeam({ teams }: Pick<RouteDeps, "teams">) {
  return async (request: CreateTeamRequest, context: HandlerContext) => {
    const write = toWriteRequest("CreateTeam", CreateTeamRequestSchema, request);
    const { teamId, name } = request;
    return { team: fromTeam(await teams.create(callerOf(context), { teamId, name }, write, context.signal)) };
  };
}
