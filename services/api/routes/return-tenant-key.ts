import type { HandlerContext } from "@connectrpc/connect";
import { returnKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import {
  type ReturnTenantKeyRequest,
  ReturnTenantKeyRequestSchema,
} from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { callerOf } from "../call.ts";
import { fromTenantKey } from "../convert/tenant-key.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function returnTenantKey({ tenantKeys }: RouteDeps) {
  return async (request: ReturnTenantKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest("ReturnTenantKey", ReturnTenantKeyRequestSchema, request);
    return { key: fromTenantKey(await returnKey(tenantKeys, callerOf(context), write)) };
  };
}
