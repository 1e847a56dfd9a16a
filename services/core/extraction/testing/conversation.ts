import { createEmbeddedExtractor } from "../embedded/extractor.ts";
import type { Turn } from "../extractor.ts";

/** "Rosa" and "Emil" talk to each other, "user" to "assistant". */
export type Line = readonly [who: "Rosa" | "Emil" | "user" | "assistant", text: string];

/** What the embedded extractor writes of a conversation held on Wednesday, 6 May 2026. */
export async function statementsOf(...lines: readonly Line[]): Promise<string[]> {
  const turns = lines.map(
    ([who, text], i): Turn => ({
      messageId: `m${i}`,
      sessionId: "s",
      role: who === "assistant" ? "assistant" : "user",
      name: who === "Rosa" || who === "Emil" ? who : undefined,
      text,
      sentAt: new Date("2026-05-06T10:00:00Z"),
    }),
  );
  const input = { turns, context: [], summary: "", nearest: [] };
  return (await createEmbeddedExtractor().extract(input)).statements.map(({ text }) => text);
}
