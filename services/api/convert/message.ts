import { create } from "@bufbuild/protobuf";
import type { MessageRole } from "@mneme/core/memory/memory.ts";
import type { Message } from "@mneme/core/memory/message.ts";
import { MessageSchema, Role, type Message as WireMessage } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { fromDate, toDate } from "./time.ts";

const ROLES: Readonly<Record<Exclude<Role, Role.UNSPECIFIED>, MessageRole>> = {
  [Role.USER]: "user",
  [Role.ASSISTANT]: "assistant",
  [Role.SYSTEM]: "system",
  [Role.TOOL]: "tool",
};

const WIRE_ROLES: Readonly<Record<MessageRole, Role>> = {
  user: Role.USER,
  assistant: Role.ASSISTANT,
  system: Role.SYSTEM,
  tool: Role.TOOL,
};

/** @param now when it was said, if the message does not tell. */
export function toMessage(wire: WireMessage, now: Date): Message {
  return {
    role: ROLES[wire.role as Exclude<Role, Role.UNSPECIFIED>],
    name: wire.name || undefined,
    text: wire.text,
    toolCalls: wire.toolCalls.map(({ id, name, argumentsJson }) => ({ id, name, argumentsJson })),
    toolCallId: wire.toolCallId || undefined,
    sentAt: toDate(wire.sentAt) ?? now,
  };
}

export function fromMessage(message: Message): WireMessage {
  return create(MessageSchema, {
    role: fromRole(message.role),
    name: message.name ?? "",
    text: message.text,
    toolCalls: message.toolCalls.map((call) => ({ ...call })),
    toolCallId: message.toolCallId ?? "",
    sentAt: fromDate(message.sentAt),
  });
}

export function fromRole(role: MessageRole): Role {
  return WIRE_ROLES[role];
}
