import { describe, expect, test } from "vitest";
import { statementsOf } from "../testing/conversation.ts";

/** What Rosa's turn behind one of Emil's becomes. */
function written(text: string): Promise<string[]> {
  return statementsOf(["Emil", "Hi Rosa!"], ["Rosa", text]);
}

describe("emoji that stand for a word are kept", () => {
  test.each([
    ["I ❤️ pizza", "Rosa ❤️ pizza."],
    ["I <3 pizza", "Rosa <3 pizza."],
    ["I ❤ Graz.", "Rosa ❤ Graz."],
    ["I love my 🐶 and ride a 🚲 to work.", "Rosa loves their 🐶 and rides a 🚲 to work."],
    ["My 3 🐱🐱 are hungry.", "Rosa's 3 🐱🐱 are hungry."],
    ["I bought a 🚲 in Zürich", "Rosa bought a 🚲 in Zürich."],
    ["I want a 🐶.", "Rosa wants a 🐶."],
    ["I eat pizza🍕and fries daily.", "Rosa eats pizza 🍕 and fries daily."],
    ["🍕 is my favourite food.", "🍕 is Rosa's favourite food."],
    ["My 👨‍👩‍👧 moved to 🇪🇸 last year.", "Rosa's 👨‍👩‍👧 moved to 🇪🇸 in 2025."],
    ["I live on floor 3️⃣ of the tower.", "Rosa lives on floor 3️⃣ of the tower."],
    ["My 👩🏽‍🚒 costume fits.", "Rosa's 👩🏽‍🚒 costume fits."],
  ])("%s", async (said, expected) => {
    expect(await written(said)).toEqual([expected]);
  });
});

describe("decoration goes, and ends a sentence that another follows", () => {
  test.each([
    ["I adopted a puppy 🐶", ["Rosa adopted a puppy."]],
    ["🎉 I got promoted!", ["Rosa got promoted."]],
    ["Bought a car 🚗! My wife hates it.", ["Rosa bought a car. Rosa's wife hates it."]],
    ["I sold my car xD My wife is angry.", ["Rosa sold their car. Rosa's wife is angry."]],
    ["I sold my car. :) My wife is angry.", ["Rosa sold their car. Rosa's wife is angry."]],
    ["I love my cat 😻 She is three.", ["Rosa loves their cat. She is three."]],
    ["👍", []],
    ["😂😂", []],
    ["👍🏽", []],
    ["Thanks ❤️", []],
    [":)", []],
  ])("%s", async (said, expected) => {
    expect(await written(said)).toEqual(expected);
  });

  test("between an answer and a question", async () => {
    const lines = await statementsOf(
      ["Emil", "Do you want lilies on the table?"],
      ["Rosa", "No lilies :) Are you still vegetarian?"],
    );
    expect(lines.join(" ")).not.toMatch(/lilies Is/);
    expect(lines.join(" ")).toMatch(/no lilies\./i);
  });
});

test("an address is no word of the sentence around it", async () => {
  expect(await written("https://example.com/me?i=1 is my site.")).toEqual([
    "https://example.com/me?i=1 is Rosa's site.",
  ]);
  expect(await written("My blog is at https://x.org/a?b=1&c=2 and I like it.")).toEqual([
    "Rosa's blog is at https://x.org/a?b=1&c=2 and Rosa likes it.",
  ]);
  expect(await written("My file is C:\\Users\\me\\i.txt.")).toEqual(["Rosa's file is C:\\Users\\me\\i.txt."]);
});
