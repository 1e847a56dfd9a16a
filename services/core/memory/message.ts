import type { MessageRole } from "./memory.ts";

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** One turn as an application sends it. */
export interface Message {
  readonly role: MessageRole;
  readonly name: string | undefined;
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly toolCallId: string | undefined;
  readonly sentAt: Date;
}
