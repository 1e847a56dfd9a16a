import type { HandlerContext } from "@connectrpc/connect";
import type { Grantee } from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import {
  type CreateGrantRequest,
  CreateGrantRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromGrant, toAccess, toGranted, toGrantee } from "../../convert/team.ts";
import { toDate } from "../../convert/time.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function createGrant({ grants }: Pick<RouteDeps, "grants">) {
  return async (request: CreateGrantRequest, context: HandlerContext) => {
    const write = toWriteRequest("CreateGrant", CreateGrantRequestSchema, request);
    const grant = {
      of: toGranted(request),
      grantee: toGrantee(request.grantee as Grantee),
      access: toAccess(request.access),
      expiresAt: toDate(request.expireTime),
    };
    return { grant: fromGrant(await grants.create(callerOf(context), grant, write, context.signal)) };
  };
}
