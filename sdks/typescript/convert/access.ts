import {
  RoleSchema,
  type ApiKey as WireApiKey,
  type Role as WireRole,
} from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import type { ApiKey, KeyRole, MadeApiKey } from "../types/access.ts";
import { enumCodec } from "./enum.ts";
import { limitsFromWire } from "./limits.ts";
import { required } from "./required.ts";
import { toDate } from "./time.ts";

export const keyRoles = enumCodec<KeyRole, WireRole>(RoleSchema);

/** Roles that a newer server knows are left out. */
export function apiKeyFromWire(apiKey: WireApiKey | undefined): ApiKey {
  const wire = required(apiKey, "API key");
  return {
    id: wire.apiKeyId,
    name: wire.name,
    prefix: wire.prefix,
    projectId: wire.projectId || undefined,
    roles: wire.roles.flatMap((role) => keyRoles.fromWire(role) ?? []),
    limits: limitsFromWire(wire.limits),
    createTime: toDate(wire.createTime),
    expireTime: toDate(wire.expireTime),
    revokeTime: toDate(wire.revokeTime),
    lastUseTime: toDate(wire.lastUseTime),
    replacedBy: wire.replacedBy || undefined,
  };
}

export function madeApiKeyFromWire(response: {
  readonly apiKey?: WireApiKey | undefined;
  readonly secret: string;
}): MadeApiKey {
  return { apiKey: apiKeyFromWire(response.apiKey), secret: response.secret || undefined };
}
