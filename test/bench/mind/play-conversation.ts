import type { Extractor, Statement, Turn } from "@mneme/core/extraction/extractor.ts";
import type { GoldConversation } from "./written-case.ts";

/** Turns before an add that an extractor sees. */
const CONTEXT = 10;

/**
 * Plays a conversation as an application sends it, a person's turn together with what was answered, each with the
 * turns before it.
 */
export async function playConversation(
  { turns }: Pick<GoldConversation, "turns">,
  extractor: Extractor,
): Promise<Statement[]> {
  const all = turns.map(({ text, by, role, at }, i): Turn => {
    return { messageId: `${i}`, sessionId: undefined, role, name: by, text, sentAt: new Date(at) };
  });
  const statements: Statement[] = [];
  for (let from = 0; from < all.length; ) {
    const answered = all.slice(from + 1).findIndex(({ role }) => role === "user");
    const to = answered < 0 ? all.length : from + 1 + answered;
    const input = {
      turns: all.slice(from, to),
      context: all.slice(Math.max(0, from - CONTEXT), from),
      summary: "",
      nearest: [],
    };
    statements.push(...(await extractor.extract(input)).statements);
    from = to;
  }
  return statements;
}
