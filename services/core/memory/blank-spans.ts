import type { SourceSpan } from "./memory.ts";

/** A text with blanks in these places: all others stay where they are. */
export function blankSpans(text: string, spans: readonly Pick<SourceSpan, "start" | "end">[]): string {
  return spans.reduce(
    (left, { start, end }) =>
      left.slice(0, start) + left.slice(start, end).replaceAll(/\S/g, " ") + left.slice(end),
    text,
  );
}
