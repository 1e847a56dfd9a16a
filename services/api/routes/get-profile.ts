import type { HandlerContext } from "@connectrpc/connect";
import { getProfile as build } from "@mneme/core/profile/get-profile.ts";
import type { GetProfileRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { answerBy, callerOf, callOf } from "../call.ts";
import { fromProfile, toProfileCommand } from "../convert/profile.ts";
import type { RouteDeps } from "./deps.ts";

export function getProfile(deps: RouteDeps) {
  return async (request: GetProfileRequest, context: HandlerContext) => {
    const command = toProfileCommand(request, answerBy(callOf(context.values)));
    return fromProfile(await build(deps, callerOf(context), command, context.signal));
  };
}
