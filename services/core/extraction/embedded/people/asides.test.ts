import { describe, expect, test } from "vitest";
import { statementsOf } from "../../testing/conversation.ts";

describe("what the listener is asked to do", () => {
  test.each([
    [
      "I rent a locker, the code is 4471, write it down.",
      "Rosa rents a locker, the code is 4471, write it down.",
    ],
    ["I hate peanuts, keep that in mind.", "Rosa hates peanuts, keep that in mind."],
    ["I need a ride, let me know.", "Rosa needs a ride, let Rosa know."],
    [
      "I have a new phone, remember that, and I sold mine.",
      "Rosa has a new phone, remember that, and Rosa sold Rosa's.",
    ],
    ["I take notes and write it down.", "Rosa takes notes and writes it down."],
  ])("is nothing that the speaker does: %s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });
});

test.each([
  ["Us girls are going to Oslo.", "Rosa and the other girls are going to Oslo."],
  ["It is a club for us parents.", "Rosa said: it is a club for Rosa and the other parents."],
  ["They gave us friends.", "Rosa said: they gave Rosa and others friends."],
])("some of us are not all who are meant by us: %s", async (said, written) => {
  expect(await statementsOf(["Rosa", said])).toEqual([written]);
});
