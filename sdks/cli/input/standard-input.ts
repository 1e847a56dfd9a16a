import type { Message } from "@mneme/sdk";
import { UsageError } from "../failure.ts";
import { isBlank } from "./blank.ts";
import { oversize } from "./message-size.ts";
import { type MessageReading, parseMessages } from "./messages.ts";

const AS_TEXT = "--plain takes all of it as one text";

/**
 * What was piped to `mneme add -`: one plain text, or messages as JSON or JSON Lines where it begins as these do. What
 * is neither for certain is refused.
 *
 * @param plain that it is a text, whatever it looks like.
 * @throws UsageError naming the line, never quoting the text.
 */
export function parseStandardInput(
  content: string,
  reading: MessageReading,
  plain: boolean,
): readonly Message[] {
  if (isBlank(content)) throw new UsageError("standard input is blank");
  if (plain) return [toTurn(content, reading)];
  if (/^\s*[{["]/.test(content)) return parseAsJson(content, reading);
  const line = content.split(/\r?\n/).findIndex((one) => /^\s*(\{\s*"|\[\s*[{["])/.test(one));
  if (line >= 0) {
    throw new UsageError(`line ${line + 1} looks like JSON, but line 1 does not; ${AS_TEXT}`);
  }
  return [toTurn(content, reading)];
}

function parseAsJson(content: string, reading: MessageReading): readonly Message[] {
  try {
    return parseMessages(content, reading);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}; it begins like JSON, ${AS_TEXT}`);
  }
}

function toTurn(content: string, { role, name, sentAt, asStatements = false }: MessageReading): Message {
  // What printed it ended its last line.
  const turn = { text: content.replace(/[\r\n]+$/, ""), role, name, sentAt };
  const fault = oversize(turn, asStatements);
  if (fault !== undefined) throw new UsageError(`standard input: ${fault}`);
  return turn;
}
