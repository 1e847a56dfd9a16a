import { describe, expect, test } from "vitest";
import { extract, statementsOf } from "../testing/conversation.ts";

describe("what may end by itself is a statement of its own", () => {
  test("each sentence that tells an assistant of a common attribute", async () => {
    expect(
      await statementsOf([
        "user",
        "I live in Oslo. I work at Equinor. My wife is called Ida. We have two kids.",
      ]),
    ).toEqual([
      "The user lives in Oslo.",
      "The user works at Equinor.",
      "The user's wife is called Ida.",
      "The user and others have two kids.",
    ]);
  });

  test.each([
    [
      "I live in Malmö and I'm moving to Copenhagen in April.",
      ["The user lives in Malmö.", "The user is moving to Copenhagen in April 2027."],
    ],
    ["My name is Bob and I work at Siemens.", ["The user's name is Bob.", "The user works at Siemens."]],
    ["I live in Berlin and work at SAP.", ["The user lives in Berlin.", "The user works at SAP."]],
  ])("clauses of one sentence: %s", async (said, written) => {
    expect(await statementsOf(["user", said])).toEqual(written);
  });

  test.each([
    "I love rye bread and my oven makes it well.",
    "She said I live in Rome and work at Fiat.",
    "If I live in Rome and work at Fiat I'll learn Italian.",
  ])("other clauses stay together: %s", async (said) => {
    expect(await statementsOf(["user", said])).toHaveLength(1);
  });

  test("a clause spans its own words", async () => {
    const said = "I live in Malmö and I'm moving to Copenhagen.";
    const { statements } = await extract(["user", said]);
    expect(statements.map(({ sources: [source] }) => said.slice(source?.start, source?.end))).toEqual([
      "I live in Malmö",
      "I'm moving to Copenhagen.",
    ]);
  });

  test("a request to forget is a statement of its own", async () => {
    expect(
      await statementsOf(["user", "We had a lovely week at the lake. Forget that I live in Oslo."]),
    ).toEqual([
      "The user and others had a lovely week at the lake.",
      "The user told the assistant to forget that the user lives in Oslo.",
    ]);
  });

  test("what leans on an attribute stays with it, and so does a scrap", async () => {
    expect(
      await statementsOf(["user", "I adopted a cat. She is grey and shy. Best idea ever!"]),
    ).toHaveLength(1);
  });

  test("people tell each other stories: what they have several of is told with them", async () => {
    const said =
      "My parents drove along the coast for days. I bought a canoe. My dad liked the hut near the lake.";
    expect(await statementsOf(["Emil", "Hi Rosa!"], ["Rosa", said])).toHaveLength(1);
    expect((await statementsOf(["user", said])).length).toBeGreaterThan(1);
  });
});
