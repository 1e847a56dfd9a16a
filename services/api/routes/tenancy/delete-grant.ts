import type { HandlerContext } from "@connectrpc/connect";
import {
  type DeleteGrantRequest,
  DeleteGrantRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function deleteGrant({ grants }: Pick<RouteDeps, "grants">) {
  return async (request: DeleteGrantRequest, context: HandlerContext) => {
    const write = toWriteRequest("DeleteGrant", DeleteGrantRequestSchema, request);
    await grants.delete(callerOf(context), request.grantId, write, context.signal);
    return {};
  };
}
