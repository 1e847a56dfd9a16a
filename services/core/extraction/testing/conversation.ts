import { createEmbeddedExtractor } from "../embedded/extractor.ts";
import type { ExtractionOutput, Statement, Turn } from "../extractor.ts";

/** "Rosa" and "Emil" talk to each other, "user" to "assistant". */
export type Line = readonly [who: "Rosa" | "Emil" | "user" | "assistant" | "tool" | "system", text: string];

/** A Wednesday. */
export const SAID = new Date("2026-05-06T10:00:00Z");

const extractor = createEmbeddedExtractor();

/** A conversation held on that Wednesday, in one session. */
export function turnsOf(lines: readonly Line[]): Turn[] {
  return lines.map(
    ([who, text], i): Turn => ({
      messageId: `m${i}`,
      sessionId: "s",
      role: who === "Rosa" || who === "Emil" ? "user" : who,
      name: who === "Rosa" || who === "Emil" ? who : undefined,
      text,
      sentAt: SAID,
    }),
  );
}

/** What the embedded extractor makes of a conversation. */
export function extract(...lines: readonly Line[]): Promise<ExtractionOutput> {
  return extractor.extract({ turns: turnsOf(lines), context: [], summary: "", nearest: [] });
}

/** The texts that it writes. */
export async function statementsOf(...lines: readonly Line[]): Promise<string[]> {
  return (await extract(...lines)).statements.map(({ text }) => text);
}

/** @throws Error where it writes more than one statement, or none. */
export async function statementOf(...lines: readonly Line[]): Promise<Statement> {
  const { statements } = await extract(...lines);
  const [statement] = statements;
  if (!statement || statements.length > 1) throw new Error(`${statements.length} statements, not one`);
  return statement;
}
