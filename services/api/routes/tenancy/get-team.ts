import type { HandlerContext } from "@connectrpc/connect";
import type { GetTeamRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromTeam } from "../../convert/team.ts";
import type { RouteDeps } from "../deps.ts";

export function getTeam({ teams }: Pick<RouteDeps, "teams">) {
  return async ({ teamId }: GetTeamRequest, context: HandlerContext) => {
    return { team: fromTeam(await teams.get(callerOf(context), teamId, context.signal)) };
  };
}
