import type { HandlerContext } from "@connectrpc/connect";
import { bringKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import type { TransitReference } from "@mneme/proto/mneme/encryption/v1/tenant_key_pb.js";
import {
  type BringTenantKeyRequest,
  BringTenantKeyRequestSchema,
} from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { callerOf } from "../call.ts";
import { fromTenantKey, toReference } from "../convert/tenant-key.ts";
import { toWriteRequest } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function bringTenantKey({ tenantKeys }: RouteDeps) {
  return async (request: BringTenantKeyRequest, context: HandlerContext) => {
    const command = { reference: toReference(request.transit as TransitReference), token: request.token };
    const write = toWriteRequest("BringTenantKey", BringTenantKeyRequestSchema, request);
    return { key: fromTenantKey(await bringKey(tenantKeys, callerOf(context), command, write)) };
  };
}
