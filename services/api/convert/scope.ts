import { create } from "@bufbuild/protobuf";
import type { Metadata } from "@mneme/core/memory/memory.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import type { MetadataValue } from "@mneme/proto/mneme/scope/v1/metadata_pb.js";
import { MetadataValueSchema } from "@mneme/proto/mneme/scope/v1/metadata_pb.js";
import { ScopeSchema, SharedWith, type Scope as WireScope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { keyOf } from "./enum-table.ts";

const SHARED_WITH: Readonly<Record<NonNullable<Scope["sharedWith"]>, SharedWith>> = {
  project: SharedWith.PROJECT,
  tenant: SharedWith.TENANT,
};

/** Empty members are left out. */
export function toScope(wire: WireScope): Scope {
  const { userId, agentId, appId, teamId, sessionId } = wire;
  const sharedWith = keyOf(SHARED_WITH, wire.sharedWith);
  return {
    ...(userId && { userId }),
    ...(agentId && { agentId }),
    ...(appId && { appId }),
    ...(teamId && { teamId }),
    ...(sessionId && { sessionId }),
    ...(sharedWith && { sharedWith }),
  };
}

export function fromScope({ sharedWith, ...ids }: Scope): WireScope {
  return create(ScopeSchema, { ...ids, ...(sharedWith && { sharedWith: SHARED_WITH[sharedWith] }) });
}

/** Values without a case are refused by validation before they come here. */
export function toMetadata(wire: Readonly<Record<string, MetadataValue>>): Metadata {
  return Object.fromEntries(
    Object.entries(wire).flatMap(([key, { value }]) =>
      value.case === undefined ? [] : [[key, value.value] as const],
    ),
  );
}

export function fromMetadata(metadata: Metadata): Record<string, MetadataValue> {
  return Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, fromValue(value)]));
}

function fromValue(value: string | number | boolean): MetadataValue {
  switch (typeof value) {
    case "string":
      return create(MetadataValueSchema, { value: { case: "stringValue", value } });
    case "number":
      return create(MetadataValueSchema, { value: { case: "numberValue", value } });
    default:
      return create(MetadataValueSchema, { value: { case: "boolValue", value } });
  }
}
