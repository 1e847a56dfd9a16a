import { describe, expect, test } from "vitest";
import { statementsOf } from "../testing/conversation.ts";

const kept = (said: string) =>
  statementsOf(["user", "I spend a long holiday with my old parents by the sea."], ["assistant", said]);

describe("of what an assistant says, only what it did, found or promised is kept", () => {
  test.each([
    ["I've moved the call to Friday.", "The assistant has moved the call to 8 May 2026."],
    ["Booked: a room in Porto for two.", "The assistant booked: a room in Porto for two."],
    ["I'll remind you on Friday.", "The assistant will remind the user on 8 May 2026."],
    ["I found a direct train to Porto.", "The assistant found a direct train to Porto."],
    ["Your flight has been confirmed.", "The assistant said: the user's flight has been confirmed."],
    ["I see a fault on your line.", "The assistant sees a fault on the user's line."],
  ])("%s", async (said, written) => {
    expect((await kept(said)).at(-1)).toBe(written);
  });

  test.each([
    "You could try a risotto.",
    "Magnesium helps many people to sleep.",
    "So you live in Berlin and have two cats.",
    "I'd suggest the night train.",
    "I can book you on Tuesday at 10:40.",
    "If you had a bicycle you could ride to work.",
    "I'm sorry to hear that about your father.",
    "I'll keep that in mind.",
    "As a vegan you'll love the lentils.",
    "Here's a plan: Monday salmon, Tuesday tacos.",
    "I thought of a museum.",
    "Added.",
  ])("%s", async (said) => {
    expect((await kept(said)).filter((text) => text.startsWith("The assistant"))).toEqual([]);
    expect(await kept(said)).toHaveLength(1);
  });

  test("who goes by a name speaks for himself", async () => {
    const { createEmbeddedExtractor } = await import("./extractor.ts");
    const turn = { messageId: "m", sessionId: "s", sentAt: new Date("2026-05-06T10:00:00Z") };
    const turns = [{ ...turn, role: "assistant" as const, name: "Luna", text: "My owner grew up in Graz." }];
    const { statements } = await createEmbeddedExtractor().extract({
      turns,
      context: [],
      summary: "",
      nearest: [],
    });
    expect(statements.map(({ text }) => text)).toEqual(["Luna's owner grew up in Graz."]);
  });
});
