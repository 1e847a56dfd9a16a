import type { Reply } from "@mneme/models/testing/replies.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import type { Handler } from "@mneme/models/testing/scripted-server.ts";

/** What a scripted model writes down of a text: statements, each of all of the text unless it quotes a part. */
export type Readings = Readonly<Record<string, readonly ReadStatement[]>>;

export interface ReadStatement {
  readonly text: string;
  readonly quote?: string;
  readonly category?: string;
  readonly kind?: "semantic" | "episodic" | "procedural";
  readonly confidence?: number;
}

/** A model that reads texts as told, and nothing out of others. */
export function readerOf(
  readings: Readings,
  before: (texts: readonly string[]) => Reply | undefined = () => undefined,
): Handler {
  return ({ body }) => {
    const prompt: string = body.messages[1].content;
    const messages = prompt
      .split("\n")
      .filter((line) => line.startsWith('{"n":'))
      .map((line) => JSON.parse(line) as { n: number; text: string });
    const refused = before(messages.map(({ text }) => text));
    if (refused) return refused;
    const told = messages.filter(({ text }) => (readings[text] ?? []).length > 0);
    return replies.content({
      statements: told.flatMap(({ n, text }) =>
        (readings[text] ?? []).map(({ text: statement, quote = text, ...more }) => ({
          text: statement,
          evidence: [{ message: n, quote }],
          kind: more.kind ?? "semantic",
          category: more.category ?? "other",
          confidence: more.confidence ?? 0.9,
          importance: 0.5,
          origin: "stated",
          entities: [],
          relations: [],
          valid_from: null,
          valid_to: null,
        })),
      ),
      skipped: messages
        .filter((message) => !told.includes(message))
        .map(({ n }) => ({ message: n, reason: "small_talk" })),
      summary: "",
    });
  };
}
