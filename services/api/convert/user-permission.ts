import type { UserPermission } from "@mneme/core/tenancy/user-tokens.ts";
import { UserPermission as Wire } from "@mneme/proto/mneme/access/v1/user_token_service_pb.js";

const NAMES: Readonly<Partial<Record<Wire, UserPermission>>> = {
  [Wire.READ]: "read",
  [Wire.WRITE]: "write",
  [Wire.DELETE]: "delete",
};

/** To read if none is named; validation refuses what has no name. */
export function toUserPermissions(wire: readonly Wire[]): UserPermission[] {
  return wire.length === 0 ? ["read"] : wire.flatMap((permission) => NAMES[permission] ?? []);
}
