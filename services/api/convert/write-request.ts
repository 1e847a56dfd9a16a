import {
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import { v7 as uuidv7 } from "uuid";

/**
 * What makes a repeated write the same write. An empty request id is made up, so that nothing repeats it.
 *
 * @param rpc the procedure's own name, e.g. `UpdateMemory`.
 */
export function toWriteRequest<Desc extends DescMessage>(
  rpc: string,
  schema: Desc,
  request: MessageShape<Desc> & { readonly requestId: string },
): WriteRequest {
  return { rpc, requestId: request.requestId || uuidv7(), body: canonicalBody(schema, request) };
}

/**
 * The request's bytes without what does not change the write: its id, what to wait for, and the order of
 * maps, in which some languages' clients encode at random.
 */
export function canonicalBody<Desc extends DescMessage>(
  schema: Desc,
  request: MessageShape<Desc>,
): Uint8Array {
  const bare = { ...request, requestId: "", waitFor: 0 };
  return toBinary(schema, inOrder(schema, bare), { writeUnknownFields: false });
}

/** The message with the keys of every map, at any depth, in one order. */
function inOrder<M extends Message>(schema: DescMessage, message: M): M {
  if (!holdsMaps(schema)) return message;
  const ordered: Record<string, unknown> = { ...message };
  for (const field of schema.fields) {
    const value = ordered[field.localName];
    if (value !== undefined) ordered[field.localName] = orderField(field, value);
  }
  return ordered as unknown as M;
}

function orderField(field: DescField, value: unknown): unknown {
  if (field.fieldKind === "map") return sorted(value as object, (item) => item);
  if (!field.message) return value;
  // Free-form JSON is a plain object here.
  if (field.message.typeName === "google.protobuf.Struct") return orderJson(value);
  const nested = field.message;
  if (Array.isArray(value)) return value.map((item: Message) => inOrder(nested, item));
  return inOrder(nested, value as Message);
}

function orderJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(orderJson);
  return typeof value === "object" && value !== null ? sorted(value, orderJson) : value;
}

function sorted(map: object, each: (value: unknown) => unknown): Record<string, unknown> {
  const entries = Object.entries(map).map(([key, value]) => [key, each(value)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const known = new WeakMap<DescMessage, boolean>();

/** Messages without maps, e.g. turns, are left as they are. No request's message contains itself. */
function holdsMaps(schema: DescMessage): boolean {
  let holds = known.get(schema);
  if (holds === undefined) {
    holds = schema.fields.some(
      (field) =>
        field.fieldKind === "map" ||
        (field.message !== undefined &&
          (field.message.typeName === "google.protobuf.Struct" || holdsMaps(field.message))),
    );
    known.set(schema, holds);
  }
  return holds;
}
