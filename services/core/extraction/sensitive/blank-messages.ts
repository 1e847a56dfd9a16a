import { blankSpans } from "../../memory/blank-spans.ts";
import type { SourceSpan } from "../../memory/memory.ts";
import type { ToolCall } from "../../memory/message.ts";
import type { Statement } from "../extractor.ts";
import type { PendingMessage, StreamBatch } from "../ingest-store.ts";
import { sensitiveKindOf, withoutSensitive } from "./find-sensitive.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

/** What stays of a message whose words held what its project keeps out. */
export interface BlankedMessage {
  /** As long as it was, with blanks for what is taken out; empty where nothing is left. */
  readonly text: string;
  /** Without the arguments that held any. */
  readonly toolCalls: readonly ToolCall[];
}

/** What a batch's messages said, as it was sorted. */
export interface SaidStatements {
  readonly kept: readonly Statement[];
  readonly dropped: readonly Statement[];
}

/**
 * What is to stay of a batch's messages once they are read: no sentence that holds any of these kinds, but of such a one
 * what is remembered and holds none itself ("I live in Oslo and I have asthma."), and nothing that a dropped statement
 * rests on.
 *
 * @param shown the same batch as `withoutExcluded`.
 * @returns the messages that change, by their ids.
 */
export function blankMessages(
  { pending }: StreamBatch,
  shown: StreamBatch,
  kinds: ReadonlySet<SensitiveKind>,
  { kept, dropped }: SaidStatements,
): ReadonlyMap<string, BlankedMessage> {
  const blanked = new Map<string, BlankedMessage>();
  if (kinds.size === 0) return blanked;
  const keptIn = spansByMessage(kept);
  const droppedIn = spansByMessage(dropped);
  const hidden = new Map(shown.pending.map(({ turn: { messageId, text } }) => [messageId, text]));
  for (const message of pending) {
    const { messageId, text: said } = message.turn;
    const restored = restore(hidden.get(messageId) ?? said, said, keptIn.get(messageId) ?? [], kinds);
    const text = blankSpans(restored, droppedIn.get(messageId) ?? []);
    const toolCalls = withoutArguments(message, kinds);
    if (text === said && toolCalls === message.toolCalls) continue;
    blanked.set(messageId, { text: text.trim() === "" ? "" : text, toolCalls: toolCalls ?? [] });
  }
  return blanked;
}

function spansByMessage(statements: readonly Statement[]): Map<string, SourceSpan[]> {
  return Map.groupBy(
    statements.flatMap(({ sources }) => sources),
    ({ messageId }) => messageId,
  );
}

/** What the rules find nothing in, as it then stands. */
function restore(
  hidden: string,
  said: string,
  spans: readonly SourceSpan[],
  kinds: ReadonlySet<SensitiveKind>,
): string {
  if (hidden === said) return said;
  let text = hidden;
  for (const { start, end } of spans) {
    const more = text.slice(0, start) + said.slice(start, end) + text.slice(end);
    if (withoutSensitive(more, kinds) === more) text = more;
  }
  return text;
}

function withoutArguments(
  { toolCalls }: PendingMessage,
  kinds: ReadonlySet<SensitiveKind>,
): PendingMessage["toolCalls"] {
  if (!toolCalls?.some(({ argumentsJson }) => sensitiveKindOf(argumentsJson, kinds))) return toolCalls;
  return toolCalls.map((call) =>
    sensitiveKindOf(call.argumentsJson, kinds) ? { ...call, argumentsJson: "" } : call,
  );
}
