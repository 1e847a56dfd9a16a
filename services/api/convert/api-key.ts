import { create } from "@bufbuild/protobuf";
import type { ApiKey } from "@mneme/core/tenancy/api-key-store.ts";
import type { Role } from "@mneme/core/tenancy/roles.ts";
import {
  ApiKeySchema,
  type ApiKey as WireKey,
  Role as WireRole,
} from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromLimits } from "./limits.ts";
import { fromDate } from "./time.ts";

/** Every role, by its name on the wire. */
export const ROLES: Readonly<Record<Role, WireRole>> = {
  reader: WireRole.READER,
  writer: WireRole.WRITER,
  admin: WireRole.ADMIN,
  eraser: WireRole.ERASER,
  auditor: WireRole.AUDITOR,
  operator: WireRole.OPERATOR,
};

/** Unknown ones are refused by validation before they come here. */
export function toRoles(wire: readonly WireRole[]): Role[] {
  return wire.flatMap((role) => keyOf(ROLES, role) ?? []);
}

export function fromApiKey(key: ApiKey): WireKey {
  return create(ApiKeySchema, {
    apiKeyId: key.id,
    name: key.name,
    prefix: key.prefix,
    projectId: key.projectId ?? "",
    roles: key.roles.map((role) => ROLES[role]),
    limits: fromLimits(key.limits),
    createTime: fromDate(key.createdAt),
    expireTime: fromDate(key.expiresAt),
    revokeTime: fromDate(key.revokedAt),
    lastUseTime: fromDate(key.lastUsedAt),
    replacedBy: key.replacedBy ?? "",
  });
}
