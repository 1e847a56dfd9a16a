import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type MessageSchema,
  RoleSchema,
  type Message as WireMessage,
  type Role as WireRole,
  type ToolCall as WireToolCall,
} from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { invalidField } from "../errors/errors.ts";
import type { Message, Role, ToolCall } from "../types/message.ts";
import { enumCodec } from "./enum.ts";
import { fromDate, toDate } from "./time.ts";

export const roles = enumCodec<Role, WireRole>(RoleSchema);

/** One turn as it is sent; `field` is its path in the request, for errors. */
export function messageToWire(message: Message, field: string): MessageInitShape<typeof MessageSchema> {
  if (typeof message.text !== "string") throw invalidField(`${field}.text`, "must be a string");
  return {
    role: roles.toWire(message.role ?? "user", `${field}.role`),
    name: message.name ?? "",
    text: message.text,
    toolCalls: (message.toolCalls ?? []).map((call, index) => ({
      id: call.id ?? "",
      name: call.name,
      argumentsJson: argumentsJson(call.arguments, `${field}.tool_calls[${index}].arguments_json`),
    })),
    toolCallId: message.toolCallId ?? "",
    ...sentAt(message, field),
  };
}

function sentAt(message: Message, field: string) {
  const timestamp = fromDate(message.sentAt, `${field}.sent_at`);
  return timestamp === undefined ? {} : { sentAt: timestamp };
}

function argumentsJson(value: unknown, field: string): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw invalidField(field, `cannot be written as JSON (${cause instanceof Error ? cause.name : "error"})`);
  }
}

export function messageFromWire(message: WireMessage): Message {
  return {
    role: roles.fromWire(message.role),
    name: message.name || undefined,
    text: message.text,
    toolCalls: message.toolCalls.map(toolCallFromWire),
    toolCallId: message.toolCallId || undefined,
    sentAt: toDate(message.sentAt),
  };
}

function toolCallFromWire(call: WireToolCall): ToolCall {
  return { id: call.id || undefined, name: call.name, arguments: parsed(call.argumentsJson) };
}

/** The arguments as an application sent them; text that is no JSON stays text. */
function parsed(json: string): unknown {
  if (json === "") return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
