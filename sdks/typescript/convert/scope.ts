import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  MetadataValueSchema,
  type MetadataValue as WireValue,
} from "@mneme/proto/mneme/scope/v1/metadata_pb.js";
import {
  type ScopeSchema,
  SharedWithSchema,
  type Scope as WireScope,
  type SharedWith as WireSharedWith,
} from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { invalidField } from "../errors/errors.ts";
import type { Metadata, MetadataValue, Scope, SharedWith } from "../types/scope.ts";
import { enumCodec } from "./enum.ts";

const MEMBERS = ["userId", "agentId", "appId", "teamId", "sessionId"] as const;

const sharings = enumCodec<SharedWith, WireSharedWith>(SharedWithSchema);

/** A member of a scope. */
export type ScopeMember = (typeof MEMBERS)[number];

/**
 * The scope as it is sent.
 * @throws InvalidArgumentError for an empty id: it would silently widen what is read or deleted.
 */
export function scopeToWire(scope: Scope): MessageInitShape<typeof ScopeSchema> {
  const wire: MessageInitShape<typeof ScopeSchema> = {};
  const { sharedWith, ...ids } = checkedScope(scope);
  Object.assign(wire, ids);
  if (sharedWith !== undefined) wire.sharedWith = sharings.toWire(sharedWith, "scope.shared_with");
  return wire;
}

/** The members that are set. @throws InvalidArgumentError for an empty id, and for anything else to share with. */
export function checkedScope(scope: Scope): Scope {
  const set: Partial<Record<ScopeMember, string>> = {};
  for (const member of MEMBERS) {
    const id = scope[member];
    if (id === undefined) continue;
    set[member] = checkedId(member, id);
  }
  const { sharedWith } = scope;
  if (sharedWith !== undefined) sharings.toWire(sharedWith, "scope.shared_with");
  return { ...set, ...(sharedWith && { sharedWith }) };
}

/** @throws InvalidArgumentError unless the id is a non-empty string. */
export function checkedId(member: ScopeMember, id: string): string {
  if (typeof id === "string" && id !== "") return id;
  const field = `scope.${member.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`)}`;
  throw invalidField(field, "must be a non-empty string");
}

/** Only the members that are set. */
export function scopeFromWire(scope: WireScope | undefined): Scope {
  const set = MEMBERS.flatMap((member) => (scope?.[member] ? [[member, scope[member]]] : []));
  const sharedWith = sharings.fromWire(scope?.sharedWith ?? 0);
  return { ...Object.fromEntries(set), ...(sharedWith && { sharedWith }) };
}

/** @throws InvalidArgumentError naming the entry whose value cannot be sent. */
export function metadataToWire(metadata: Metadata | undefined, field: string): Record<string, WireValue> {
  const entries = Object.entries(metadata ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, valueToWire(value, `${field}["${name}"]`)]),
  );
}

function valueToWire(value: MetadataValue, field: string): WireValue {
  switch (typeof value) {
    case "string":
      return create(MetadataValueSchema, { value: { case: "stringValue", value } });
    case "boolean":
      return create(MetadataValueSchema, { value: { case: "boolValue", value } });
    case "number":
      return create(MetadataValueSchema, { value: { case: "numberValue", value } });
    default:
      throw invalidField(field, "must be a string, a number or a boolean");
  }
}

/** Values that a newer server may send in a form unknown here are left out. */
export function metadataFromWire(metadata: Readonly<Record<string, WireValue>>): Metadata {
  return Object.fromEntries(
    Object.entries(metadata).flatMap(([name, { value }]) =>
      value.case === undefined ? [] : [[name, value.value] as const],
    ),
  );
}
