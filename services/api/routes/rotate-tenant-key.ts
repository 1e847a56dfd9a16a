import type { HandlerContext } from "@connectrpc/connect";
import { rotateTenantKey as rotate } from "@mneme/core/encryption/manage-tenant-key.ts";
import {
  type RotateTenantKeyRequest,
  RotateTenantKeyRequestSchema,
} from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { callerOf } from "../call.ts";
import { fromTenantKey } from "../convert/tenant-key.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function rotateTenantKey({ tenantKeys }: RouteDeps) {
  return async (request: RotateTenantKeyRequest, context: HandlerContext) => {
    const write = toWriteRequest("RotateTenantKey", RotateTenantKeyRequestSchema, request);
    return { key: fromTenantKey(await rotate(tenantKeys, callerOf(context), write)) };
  };
}
