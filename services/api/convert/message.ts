import { create } from "@bufbuild/protobuf";
import { invalidField, MnemeError } from "@mneme/core/errors.ts";
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

const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** As a MemoryDraft's text. */
const MAX_STATEMENT_BYTES = 8192;

/**
 * Checks what the schema's rules can't say: all messages together, and texts that become statements as they
 * are.
 *
 * @throws MnemeError BATCH_TOO_LARGE, FIELD_INVALID.
 */
export function requireBounded(messages: readonly WireMessage[], bodyBytes: number, infer: boolean): void {
  if (bodyBytes > MAX_BODY_BYTES) {
    const description = `take more than ${MAX_BODY_BYTES} bytes together; send them in several calls`;
    throw new MnemeError("invalid_argument", "BATCH_TOO_LARGE", `messages: ${description}`, {
      metadata: { field: "messages", limit: String(MAX_BODY_BYTES) },
      fields: [{ field: "messages", description }],
    });
  }
  if (infer) return;
  messages.forEach(({ text }, index) => {
    const field = `messages[${index}].text`;
    if (!/\S/u.test(text)) throw invalidField(field, "must not be blank where it is stored as a statement");
    if (Buffer.byteLength(text) > MAX_STATEMENT_BYTES) {
      throw invalidField(
        field,
        `must be at most ${MAX_STATEMENT_BYTES} bytes where it is stored as a statement`,
      );
    }
  });
}

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
