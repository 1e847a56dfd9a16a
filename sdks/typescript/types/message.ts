/** Who speaks. */
export type Role = "user" | "assistant" | "system" | "tool";

/** A call that the agent made to a tool. */
export interface ToolCall {
  /** The call's id, as the tool's result names it. */
  readonly id?: string | undefined;
  readonly name: string;
  /** The arguments: an object, or JSON text that is sent as it is. */
  readonly arguments?: unknown;
}

/** One turn of a conversation, as the application saw it. */
export interface Message {
  /** "user" if unset. */
  readonly role?: Role | undefined;
  /** The speaker's name; names in memories come from here. */
  readonly name?: string | undefined;
  /** At most 128 KiB. May be empty only where there are tool calls. */
  readonly text: string;
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** On a tool's result: which call it answers. */
  readonly toolCallId?: string | undefined;
  /** When it was said; now if unset. */
  readonly sentAt?: Date | undefined;
}
