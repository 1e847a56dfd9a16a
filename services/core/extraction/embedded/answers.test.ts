import { describe, expect, test } from "vitest";
import { statementsOf } from "../testing/conversation.ts";

describe("an answer stands beside its question", () => {
  test.each([
    [
      "Do you still play chess?",
      "Not any more.",
      'Emil, asked "Does Emil still play chess?", said no: not any more.',
    ],
    [
      "Do you still play chess?",
      "Not anymore!",
      'Emil, asked "Does Emil still play chess?", said no: not anymore.',
    ],
    [
      "Do you still work at Bosch?",
      "No longer.",
      'Emil, asked "Does Emil still work at Bosch?", said no: no longer.',
    ],
    ["Do you still see Tom?", "Not lately.", 'Emil, asked "Does Emil still see Tom?", said no: not lately.'],
    ["Whose idea was it?", "Mine.", `Emil, asked "Whose idea was it?", said: Emil's.`],
    ["Whose car is it?", "My brother's.", `Emil, asked "Whose car is it?", said: Emil's brother's.`],
    [
      "Did Tom call?",
      "Yes, this morning. He has a fever.",
      'Emil, asked "Did Tom call?", said yes: on the morning of 6 May 2026. He has a fever.',
    ],
    ["Do you run?", "Yes, every day!", 'Emil, asked "Does Emil run?", said yes: every day.'],
    ["Is Lou diabetic?", "Yes Lou is diabetic", 'Emil, asked "Is Lou diabetic?", said yes: Lou is diabetic.'],
    ["Does Tom live here?", "No he moved", 'Emil, asked "Does Tom live here?", said no: he moved.'],
    ["Is Lou well?", "No Lou is ill", 'Emil, asked "Is Lou well?", said no: Lou is ill.'],
    [
      "What is the hardest part of your week?",
      "Being a diabetic.",
      `Emil, asked "What is the hardest part of Emil's week?", said: being a diabetic.`,
    ],
    [
      "What do you do for fun?",
      "Playing chess.",
      'Emil, asked "What does Emil do for fun?", said: playing chess.',
    ],
    [
      "What are you up to?",
      "Playing chess with Tom.",
      'Emil, asked "What is Emil up to?", said: Emil is playing chess with Tom.',
    ],
  ])("%s - %s", async (question, answer, written) => {
    expect(await statementsOf(["Rosa", question], ["Emil", answer])).toEqual([written]);
  });

  test("a question of when is about whom it names", async () => {
    const written = await statementsOf(
      ["Rosa", "Lou is my cousin."],
      ["Emil", "When does he arrive?"],
      ["Rosa", "On Friday."],
    );
    expect(written.at(-1)).toMatch(/^Rosa, asked about .+ "When does he arrive\?", said: on 8 May 2026\.$/);
  });

  test("a greeting is none", async () => {
    expect(await statementsOf(["Rosa", "Did you sleep well?"], ["Emil", "Morning!"])).toEqual([]);
  });

  test("who was asked for and how he is related are one person", async () => {
    const written = await statementsOf(
      ["Rosa", "Who is Lou?"],
      ["Emil", "My cousin."],
      ["Rosa", "What does he do?"],
      ["Emil", "he's a chef"],
    );
    expect(written.at(-1)).toBe(`Emil, asked about Lou "What does he do?", said: he's a chef.`);
  });
});

describe("a fragment", () => {
  test.each([
    ["Yes Lou is diabetic", ["Rosa said: Lou is diabetic."]],
    ["No one came to my party.", ["No one came to Rosa's party."]],
    ["No Mondays for me.", ["Rosa said: no Mondays for Rosa."]],
    ["Being a diabetic.", ["Rosa said: being a diabetic."]],
    ["Being a diabetic, I avoid sugar.", ["Being a diabetic, Rosa avoids sugar."]],
    ["Bo plays the violin. Since Bo was five.", ["Rosa said: Bo plays the violin. Since Bo was five."]],
    ["Since Bo was five.", []],
    ["If it doesn't rain.", []],
    ["When I was five I broke my arm.", ["When Rosa was five Rosa broke their arm."]],
    ["我喜欢喝茶。", ["Rosa: 我喜欢喝茶。"]],
    ["मुझे चाय पसंद है।", ["Rosa: मुझे चाय पसंद है।"]],
  ])("%s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual(written);
  });

  test("what hangs on another's sentence stands beside it", async () => {
    const written = await statementsOf(
      ["Emil", "Bo plays the violin so well."],
      ["Rosa", "Since Bo was five."],
    );
    expect(written.at(-1)).toBe('Rosa, replying to "Bo plays the violin so well", said: since Bo was five.');
  });
});

describe("sympathy", () => {
  test.each([
    "Poor guy.",
    "Poor thing!",
    "Oh, poor Tom!",
    "You poor thing!",
    "Lucky you.",
    "Bless her.",
    "Bless his heart.",
    "Good for you!",
    "Fair enough.",
    "Never mind.",
    "No wonder!",
    "Too bad.",
    "Get well soon!",
    "Oh my goodness!",
  ])("is small talk: %s", async (said) => {
    expect(await statementsOf(["Rosa", said])).toEqual([]);
  });

  test.each([
    ["I was poor as a child.", "Rosa was poor as a child."],
    ["Poor service.", "Rosa said: Poor service."],
  ])("is not: %s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });
});

test.each(["k bye.", "happy birthday in advance.", "Happy anniversary in advance!"])(
  "a wish: %s",
  async (said) => {
    expect(await statementsOf(["Rosa", said])).toEqual([]);
  },
);

test("a wish that names somebody is no small talk", async () => {
  expect(await statementsOf(["Rosa", "Happy birthday to my sister Anna!"])).toHaveLength(1);
});

test.each(["Who's we?", "Wait, who is they?", "Who do you mean by we?"])(
  "whom a pronoun means is asked in the other's words: %s",
  async (asked) => {
    const written = await statementsOf(
      ["Rosa", "We moved to Graz."],
      ["Emil", asked],
      ["Rosa", "My sister."],
    );
    expect(written).toHaveLength(2);
    expect(written[1]).toMatch(/my sister|Rosa's sister/i);
    expect(written[1]).not.toContain("Emil and others");
    expect(await statementsOf(["user", "We moved."], ["user", asked])).toHaveLength(1);
  },
);
