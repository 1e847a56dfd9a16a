import type { Message, ToolCall } from "@mneme/sdk";

const KIB = 1024;
const MIB = 1024 * KIB;

/** What the server takes, in bytes of UTF-8. */
const TEXT_BYTES = 128 * KIB;
const STATEMENT_BYTES = 8 * KIB;
const ARGUMENTS_BYTES = 64 * KIB;
const REQUEST_BYTES = 4 * MIB;

/** What one call is sent, below what the server takes: 1,000 messages and 4 MiB. */
const PART_MESSAGES = 500;
const PART_BYTES = 3 * MIB;

/** More than the protocol needs to frame the members of a message, or of a tool call. */
const FRAME_BYTES = 64;

/**
 * Says what of a message is larger than the server takes, or nothing.
 *
 * @param isStatement whether its text is stored as one statement.
 */
export function oversize(message: Message, isStatement: boolean): string | undefined {
  const textLimit = isStatement ? STATEMENT_BYTES : TEXT_BYTES;
  if (Buffer.byteLength(message.text) > textLimit) return `text is larger than ${textLimit / KIB} KiB`;
  const call = (message.toolCalls ?? []).findIndex((one) => argumentsBytes(one) > ARGUMENTS_BYTES);
  if (call >= 0) return `toolCalls[${call}].arguments is larger than ${ARGUMENTS_BYTES / KIB} KiB`;
  return bytesOf(message) > REQUEST_BYTES
    ? `it is larger than ${REQUEST_BYTES / MIB} MiB with its toolCalls`
    : undefined;
}

/** Messages in order, as many a part as one call is sent. */
export function inParts(messages: readonly Message[]): Message[][] {
  const parts: Message[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = bytesOf(message);
    const part = parts.at(-1);
    if (part && part.length < PART_MESSAGES && bytes + size <= PART_BYTES) {
      part.push(message);
      bytes += size;
    } else {
      parts.push([message]);
      bytes = size;
    }
  }
  return parts;
}

function bytesOf({ text, name = "", toolCallId = "", toolCalls = [] }: Message): number {
  const own = [text, name, toolCallId].reduce((sum, member) => sum + Buffer.byteLength(member), FRAME_BYTES);
  return toolCalls.reduce((sum, call) => sum + callBytes(call), own);
}

function callBytes(call: ToolCall): number {
  return FRAME_BYTES + Buffer.byteLength(call.id ?? "") + Buffer.byteLength(call.name) + argumentsBytes(call);
}

/** Text is sent as it is, anything else as JSON. */
function argumentsBytes({ arguments: given }: ToolCall): number {
  if (given === undefined) return 0;
  return Buffer.byteLength(typeof given === "string" ? given : JSON.stringify(given));
}
