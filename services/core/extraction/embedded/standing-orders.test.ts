import { describe, expect, test } from "vitest";
import { statementOf, statementsOf } from "../testing/conversation.ts";

describe("what the assistant is to do each time is procedural", () => {
  test.each([
    ["When I say ship it, run make deploy.", "to run make deploy when the user says ship it."],
    [
      "If I ask for a summary, always give me three bullet points.",
      "to always give the user three bullet points if the user asks for a summary.",
    ],
    [
      "Whenever I send you code, review it for security.",
      "to review it for security whenever the user sends the assistant code.",
    ],
    [
      "If I ever ask about medication, tell me to call my doctor.",
      "to tell the user to call the user's doctor if the user ever asks about medication.",
    ],
    ["If I say stop, never continue.", "not to continue if the user says stop."],
    ["Don't use emojis when I ask for an email.", "not to use emojis when the user asks for an email."],
    [
      "When you write emails for me, sign them with Ada.",
      "to sign them with Ada when the assistant writes emails for the user.",
    ],
    ["Run make deploy when I say ship it.", "to run make deploy when the user says ship it."],
  ])("%s", async (said, told) => {
    const { kind, text } = await statementOf(["user", said]);
    expect([kind, text]).toEqual(["procedural", `The user told the assistant ${told}`]);
  });

  test.each([
    "When I am tired I drink coffee.",
    "Whenever I visit Rome, I eat ice cream.",
    "If it rains, my brother takes the bus.",
    "When I visit my gran, love is in the air.",
  ])("what somebody does each time is not: %s", async (said) => {
    expect((await statementOf(["user", said])).kind).toBe("semantic");
  });

  test("who has a minute is asked once", async () => {
    expect((await statementsOf(["user", "If you have a minute, write me a poem."])).join()).not.toMatch(
      / told /,
    );
  });

  test("what people ask of each other is no rule for an assistant", async () => {
    const said = "When I say stop, please stop the car.";
    const told = await statementsOf(["Emil", "Hi Rosa!"], ["Rosa", said]);
    expect(told.join()).not.toMatch(/ told the assistant/);
  });
});
