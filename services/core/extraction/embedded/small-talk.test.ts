import { describe, expect, test } from "vitest";
import { extract, statementsOf } from "../testing/conversation.ts";

describe("small talk is dropped, but for what it names", () => {
  test.each([
    ["Congrats on your new job at Bosch!", "Rosa said: Congrats on Emil's new job at Bosch."],
    ["Thank God I never sold it!", "Rosa said: thank God Rosa never sold it."],
  ])("a courtesy that names something is kept: %s", async (said, written) => {
    expect(await statementsOf(["Emil", "Hello Rosa!"], ["Rosa", said])).toEqual([written]);
  });

  test.each(["Oh no!", "No way!"])("%s is neither yes nor no", async (exclamation) => {
    const made = await statementsOf(["Rosa", "Did you hear that Anna broke her leg?"], ["Emil", exclamation]);
    expect(made.join()).not.toMatch(/said (?:yes|no)(?: and no)?[.:]/);
  });

  test("praise is no answer", async () => {
    expect(
      await statementsOf(["Rosa", "Where did you buy that lovely coat?"], ["Emil", "Oh wow, thanks!"]),
    ).toEqual([]);
  });

  test("greetings, thanks and reactions are dropped, and said to be", async () => {
    const { statements, dropped } = await extract(
      ["Rosa", "Hey Emil! How are you? :)"],
      ["Emil", "Hi Rosa! Good to see you!"],
      ["Rosa", "Thanks so much for the lovely evening!"],
      ["Emil", "You're welcome! 😀"],
      ["Rosa", "  "],
    );
    expect(statements).toEqual([]);
    expect(dropped.map(({ reason }) => reason)).toEqual([
      "small_talk",
      "small_talk",
      "small_talk",
      "small_talk",
      "empty",
    ]);
  });
});
