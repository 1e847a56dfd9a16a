import { create, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Interceptor } from "@connectrpc/connect";
import { userTokenScope } from "@mneme/core/tenancy/reach-errors.ts";
import { type Scope, ScopeSchema } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { callOf } from "../call.ts";
import { tap } from "./stream.ts";

/**
 * Lets a user's token ask for that user alone: every scope of its requests names the user, said or unsaid. What is asked
 * for by id is left to the record, which shows such a call nothing of anybody else.
 *
 * @throws MnemeError USER_TOKEN_SCOPE for a scope that names somebody else.
 */
export const confinementInterceptor: Interceptor = (next) => async (request) => {
  const userId = callOf(request.contextValues).caller?.userId;
  if (userId === undefined) return next(request);
  const { input } = request.method;
  if (!request.stream) {
    confine(reflect(input, request.message), userId, true);
    return next(request);
  }
  // In a stream, what has no scope is of the one before.
  const message = tap(request.message, (item, index) => confine(reflect(input, item), userId, index === 0));
  return next({ ...request, message });
};

function confine(message: ReflectMessage, userId: string, fills: boolean): void {
  for (const field of message.fields) {
    if (!field.message || !holdsScope(field.message)) continue;
    const isAbsent = isScope(field.message) && field.fieldKind === "message" && !message.isSet(field);
    if (isAbsent && fills) message.set(field, reflect(ScopeSchema, create(ScopeSchema, { userId })));
    for (const inner of messagesOf(message, field)) {
      if (isScope(inner.desc)) confineScope(inner.message as Scope, userId);
      else confine(inner, userId, false);
    }
  }
}

function confineScope(scope: Scope, userId: string): void {
  if (scope.userId !== "" && scope.userId !== userId) throw userTokenScope();
  scope.userId = userId;
}

function messagesOf(message: ReflectMessage, field: DescField): ReflectMessage[] {
  switch (field.fieldKind) {
    case "message":
      return message.isSet(field) ? [message.get(field)] : [];
    case "list":
      return [...message.get(field)] as ReflectMessage[];
    case "map":
      return [...message.get(field).values()] as ReflectMessage[];
    default:
      return [];
  }
}

const isScope = ({ typeName }: DescMessage) => typeName === ScopeSchema.typeName;

const holding = new Map<DescMessage, boolean>();

/** Whether a scope can stand anywhere in it: what can't is not walked. */
function holdsScope(schema: DescMessage): boolean {
  const known = holding.get(schema);
  if (known !== undefined) return known;
  // For now, for messages that hold themselves.
  holding.set(schema, false);
  const holds = isScope(schema) || schema.fields.some(({ message }) => message && holdsScope(message));
  holding.set(schema, holds);
  return holds;
}
