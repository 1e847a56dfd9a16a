import type { SourceSpan } from "../memory/memory.ts";
import type { MemoryContent } from "./ingest-store.ts";

/** What is said again is surer by this share of what was lacking. */
export const SURER = 0.25;
/** But never certain. */
export const SUREST = 0.99;

/** How sure a statement is once it is said again; never less than it was. */
export function surer(confidence: number): number {
  return Math.max(confidence, Math.min(SUREST, confidence + (1 - confidence) * SURER));
}

/** A new statement that another message of the same add tells too; a message that repeats itself is no surer. */
export function toldTwice(content: MemoryContent, again: SourceSpan): MemoryContent {
  const { statement } = content;
  if (statement.sources.some(({ messageId }) => messageId === again.messageId)) return content;
  return { ...content, statement: { ...statement, confidence: surer(statement.confidence) } };
}
