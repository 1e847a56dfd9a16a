import type { HandlerContext } from "@connectrpc/connect";
import { describeKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import type { GetTenantKeyRequest } from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { callerOf } from "../call.ts";
import { fromTenantKey } from "../convert/tenant-key.ts";
import type { RouteDeps } from "./deps.ts";

export function getTenantKey({ tenantKeys }: RouteDeps) {
  return async (_: GetTenantKeyRequest, context: HandlerContext) => {
    return { key: fromTenantKey(await describeKey(tenantKeys, callerOf(context))) };
  };
}
