import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { mintUserToken as mint } from "@mneme/core/tenancy/mint-user-token.ts";
import type { MintUserTokenRequest } from "@mneme/proto/mneme/access/v1/user_token_service_pb.js";
import { callerOf } from "../call.ts";
import { toUserPermissions } from "../convert/user-permission.ts";
import type { RouteDeps } from "./deps.ts";

const DEFAULT_TTL_SECONDS = 900;

export function mintUserToken(deps: RouteDeps) {
  return async ({ userId, permissions, ttlSeconds }: MintUserTokenRequest, context: HandlerContext) => {
    const command = {
      userId,
      permissions: toUserPermissions(permissions),
      ttlSeconds: ttlSeconds || DEFAULT_TTL_SECONDS,
    };
    const { token, expireTime } = await mint(deps, callerOf(context), command, context.signal);
    return { token, expireTime: timestampFromDate(expireTime) };
  };
}
