import { create } from "@bufbuild/protobuf";
import { invalidField } from "@mneme/core/errors.ts";
import type { MessageRole } from "@mneme/core/memory/memory.ts";
import type { Message, ToolCall } from "@mneme/core/memory/message.ts";
import {
  MessageSchema,
  Role,
  type Message as WireMessage,
  type ToolCall as WireToolCall,
} from "@mneme/proto/mneme/memory/v1/message_pb.js";
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

/**
 * @param at where the messages stand in the request, e.g. `turns`.
 * @param now when they were said, where they do not tell.
 * @throws MnemeError FIELD_INVALID for a tool call's arguments that are not JSON.
 */
export function toMessages(wires: readonly WireMessage[], at: string, now: Date): Message[] {
  return wires.map((wire, index) => ({
    role: ROLES[wire.role as Exclude<Role, Role.UNSPECIFIED>],
    name: wire.name || undefined,
    text: wire.text,
    toolCalls: wire.toolCalls.map((call, place) => toToolCall(call, `${at}[${index}].tool_calls[${place}]`)),
    toolCallId: wire.toolCallId || undefined,
    sentAt: toDate(wire.sentAt) ?? now,
  }));
}

function toToolCall({ id, name, argumentsJson }: WireToolCall, at: string): ToolCall {
  if (argumentsJson !== "" && !isJson(argumentsJson)) {
    throw invalidField(`${at}.arguments_json`, "must be JSON, or empty if there are none");
  }
  return { id, name, argumentsJson };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
