import { describe, expect, test } from "vitest";
import type { Turn } from "../extractor.ts";
import { extract, statementOf, statementsOf, turnsOf } from "../testing/conversation.ts";
import { createEmbeddedExtractor } from "./extractor.ts";

const extractor = createEmbeddedExtractor();

describe("a user and an assistant", () => {
  test("without names they are the user and the assistant", async () => {
    expect(
      await statementsOf(
        ["user", "I'm vegetarian and allergic to peanuts."],
        ["assistant", "Noted! I booked a table for two at Lentil House."],
      ),
    ).toEqual([
      "The user is vegetarian.",
      "The user is allergic to peanuts.",
      "The assistant booked a table for two at Lentil House.",
    ]);
  });

  test("what the user asks an assistant is kept, of little importance", async () => {
    const asked = await statementOf(["user", "What should I cook for eight people?"]);
    expect(asked.text).toBe("The user asked the assistant: what should the user cook for eight people?");
    expect(asked.importance).toBeLessThan(0.4);
  });

  test("what the assistant did is its own, inferred and less important", async () => {
    const { statements } = await extract(
      ["user", "I sleep badly."],
      ["assistant", "I have ordered magnesium for you."],
    );
    expect(statements[0]).toMatchObject({ origin: "stated" });
    expect(statements[1]).toMatchObject({
      text: "The assistant has ordered magnesium for the user.",
      origin: "inferred",
    });
    expect(statements[1]?.importance).toBeLessThan(statements[0]?.importance ?? 0);
  });

  test("a standing order is procedural", async () => {
    const order = await statementOf(["assistant", "Hello!"], ["user", "Please always answer in Portuguese."]);
    expect(order).toMatchObject({
      text: "The user told the assistant to always answer in Portuguese.",
      kind: "procedural",
    });
  });

  test("system turns, code and an assistant's politeness give nothing", async () => {
    const { statements, dropped } = await extract(
      ["system", "You are a helpful travel agent."],
      ["user", "```\nconst answer = 42;\n```"],
      ["assistant", "That is a lovely idea."],
    );
    expect(statements).toEqual([]);
    expect(dropped.map(({ reason }) => reason)).toEqual(["not_about_anyone", "small_talk", "small_talk"]);
  });

  test("a tool's report is a tool's", async () => {
    expect(await statementOf(["tool", "The flight LX 2084 leaves at 14:20."])).toMatchObject({
      text: "The tool said: the flight LX 2084 leaves at 14:20.",
      origin: "tool",
    });
  });

  test("a long turn becomes several statements, each with its own span", async () => {
    const sentence = (i: number) =>
      `Step ${i} takes the dough out of the bowl and folds it gently over the wooden table twice.`;
    const text = [1, 2, 3, 4, 5, 6].map(sentence).join(" ");
    const { statements } = await extract(["user", text]);
    expect(statements.length).toBeGreaterThan(1);
    for (const [i, { sources }] of statements.entries()) {
      expect(sources[0]?.start ?? 0).toBeGreaterThanOrEqual(statements[i - 1]?.sources[0]?.end ?? 0);
    }
  });
});

describe("context", () => {
  test("is read but never extracted from, and whatever way turns are cut the first source is the same", async () => {
    const turns = turnsOf([
      ["Rosa", "Where did you park?"],
      ["Emil", "Behind the library."],
      ["Rosa", "I parked at the station."],
    ]);
    const whole = await extractor.extract({ turns, context: [], summary: "", nearest: [] });
    const cut = await extractor.extract({
      turns: turns.slice(1),
      context: turns.slice(0, 1),
      summary: "",
      nearest: [],
    });
    expect(cut.statements).toEqual(whole.statements);
  });

  test("a session's edge hides what was said before", async () => {
    const [question, answer] = turnsOf([
      ["Rosa", "Where did you park?"],
      ["Emil", "Behind the library."],
    ]) as [Turn, Turn];
    const turns = [question, { ...answer, sessionId: "later" }];
    const { statements } = await extractor.extract({ turns, context: [], summary: "", nearest: [] });
    expect(statements.map(({ text }) => text)).toEqual(["Emil said: behind the library."]);
  });

  test("stops when told to", async () => {
    const turns = turnsOf([["Rosa", "I like tea."]]);
    const input = { turns, context: [], summary: "", nearest: [] };
    await expect(extractor.extract(input, AbortSignal.abort())).rejects.toThrow();
  });
});
