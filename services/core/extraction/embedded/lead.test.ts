import { describe, expect, test } from "vitest";
import { statementOf, statementsOf } from "../testing/conversation.ts";

describe("a reply has what it replies to", () => {
  test.each([
    ["I love hiking.", "Me too!", 'Emil, replying to "Rosa loves hiking", said: Emil too.'],
    ["I hate coriander.", "So do I.", 'Emil, replying to "Rosa hates coriander", said: so does Emil.'],
    ["You should try yoga.", "I will!", 'Emil, replying to "Emil should try yoga", said: Emil will.'],
    [
      "So you're moving to Spain.",
      "No, to Portugal.",
      'Emil, replying to "Emil is moving to Spain", said no: to Portugal.',
    ],
    ["Are you coming? I made lasagna.", "Yes!", 'Emil, asked "Is Emil coming?", said yes.'],
  ])("%s - %s", async (said, reply, written) => {
    const made = await statementsOf(["Rosa", said], ["Emil", reply]);
    expect(made.at(-1)).toBe(written);
  });

  test("what is told before a question given back is kept", async () => {
    const written = await statementsOf(
      ["Rosa", "Do you live alone?"],
      ["Emil", "I live with my sister, and you?"],
      ["Rosa", "With two cats."],
    );
    expect(written).toEqual([
      'Emil, asked "Does Emil live alone?", said: Emil lives with their sister.',
      'Rosa, asked "Does Rosa live alone?", said: with two cats.',
    ]);
  });

  test("a question given back is asked anew", async () => {
    const written = await statementsOf(
      ["Rosa", "What did you have for dinner?"],
      ["Emil", "Leftovers. You?"],
      ["Rosa", "Pizza."],
    );
    expect(written.at(-1)).toBe('Rosa, asked "What did Rosa have for dinner?", said: Pizza.');
  });

  test("a pronoun stands beside the sentence that it points back to", async () => {
    const written = await statementsOf(
      ["Emil", "The choir sang Brahms at the town hall."],
      ["Rosa", "That was a great concert!"],
    );
    expect(written.at(-1)).toBe(
      'Rosa, replying to "The choir sang Brahms at the town hall", said: that was a great concert.',
    );
  });

  test("what points back at nothing told is left as it is", async () => {
    expect(
      await statementsOf(["Emil", "Good morning, Rosa!"], ["Rosa", "This is driving me crazy."]),
    ).toEqual(["Rosa said: this is driving Rosa crazy."]);
  });

  test("an answer has its question's turn as a further source; a full sentence has not", async () => {
    const short = await statementOf(["Rosa", "Where did you park?"], ["Emil", "Behind the library."]);
    expect(short.sources).toEqual([
      { messageId: "m1", start: 0, end: 19 },
      { messageId: "m0", start: 0, end: 19 },
    ]);
    const full = await statementOf(
      ["Rosa", "Where did you park?"],
      ["Emil", "I parked the van behind the old library near the river, next to the bakery."],
    );
    expect(full.sources.map(({ messageId }) => messageId)).toEqual(["m1"]);
  });
});
