import type { StreamBatch } from "../extraction/ingest-store.ts";
import type { StreamReading } from "../extraction/read-stream.ts";
import { blankSpans } from "../memory/blank-spans.ts";
import type { SourceSpan } from "../memory/memory.ts";

/** Places in messages, by message. */
export type SpansByMessage = ReadonlyMap<string, readonly Omit<SourceSpan, "messageId">[]>;

/** How many places there are: of those where memories were deleted, none is ever taken back. */
export function countSpans(spans: SpansByMessage): number {
  return [...spans.values()].reduce((sum, all) => sum + all.length, 0);
}

/** Whether a span is at least partly one of these. */
export function isBeside({ messageId, start, end }: SourceSpan, spans: SpansByMessage): boolean {
  return (spans.get(messageId) ?? []).some((gone) => start < gone.end && gone.start < end);
}

/** A batch with blanks where deleted memories were said, and without the messages that say nothing else: no model reads them. */
export function blankDeleted(batch: StreamBatch, deleted: SpansByMessage): StreamBatch {
  if (deleted.size === 0) return batch;
  const pending = batch.pending.flatMap((message) => {
    const spans = deleted.get(message.turn.messageId);
    if (!spans) return [message];
    const text = blankSpans(message.turn.text, spans).trimEnd();
    return text === "" ? [] : [{ ...message, turn: { ...message.turn, text } }];
  });
  return { ...batch, pending };
}

/** Without what is said where a deleted memory was: in other words it would come back. */
export function withoutDeleted(reading: StreamReading, deleted: SpansByMessage): StreamReading {
  if (deleted.size === 0) return reading;
  const statements = reading.statements.filter(
    ({ statement: { sources } }) => !sources.some((span) => isBeside(span, deleted)),
  );
  return { ...reading, statements };
}
