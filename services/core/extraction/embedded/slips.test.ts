import { describe, expect, it } from "vitest";
import { extract, statementsOf } from "../testing/conversation.ts";
import { correctedBy } from "./slips.ts";

describe("a word that was said by mistake", () => {
  it.each([
    ["I live in Bergen.", "Sorry, Oslo.", "I live in Oslo, not Bergen."],
    ["I live in Bergen.", "Typo, I meant Oslo.", "I live in Oslo, not Bergen."],
    ["I live in Bergen.", "Not Bergen, Oslo!", "I live in Oslo, not Bergen."],
    ["I live in Bergen.", "Actually, it's Oslo.", "I live in Oslo, not Bergen."],
    ["I live in Bergen.", "No, not any more. Oslo now.", "I live in Oslo, not Bergen."],
    ["I live in Bergen with Jo.", "Oslo, I mean, not Bergen", "I live in Oslo, not Bergen, with Jo."],
    ["My name is Katherine.", "It's Catherine with a C, sorry.", undefined],
    ["My name is Katherine.", "Sorry, it's Catherine with a C.", "My name is Catherine, not Katherine."],
    ["My name is Jon.", "It's spelled John, actually.", "My name is John, not Jon."],
    ["I have a meeting at 9.", "I meant 10, not 9.", "I have a meeting at 10, not 9."],
    ["I speak four languages.", "Make that five.", "I speak five, not four, languages."],
    ["I speak four languages.", "Make that five languages.", "I speak five languages, not four languages."],
    ["My flight is on 3 May.", "Sorry, 4 May.", "My flight is on 4 May, not 3 May."],
    ["My flight is on 3 May.", "Oops, I meant the 4th.", "My flight is on 4 May, not 3 May."],
    ["The dentist is on Monday.", "Tuesday, my mistake.", "The dentist is on Tuesday, not Monday."],
    ["I drink coffee.", "Tea, I mean.", "I drink tea, not coffee."],
    ["We have two cats.", "Three, sorry.", "We have three, not two, cats."],
    ["I have ten kittens.", "Sorry, nine.", "I have nine, not ten, kittens."],
    ["Ann moved to Hannover.", "Not Ann, Eva.", "Eva, not Ann, moved to Hannover."],
  ])("%s - %s", (before, said, meant) => expect(correctedBy(said, before)).toBe(meant));

  it.each([
    ["I live in Bergen.", "Sorry for the late reply."],
    ["I work as a nurse.", "No, stressful."],
    ["I have a dog.", "Oh, nice"],
    ["I have ten kittens.", "Sorry, stressful."],
    ["I live in Bergen.", "Sorry, I was at lunch."],
    ["I live in Bergen.", "No wait, let me check."],
    ["I live in Bergen.", "Actually, can you book a table?"],
    ["I live in Bergen.", "No problem."],
    ["I live in Bergen.", "Oh, nice."],
    ["I live in Bergen.", "Wait, what?"],
    ["I have 2 dogs and 3 cats.", "Sorry, 4."],
    ["I was born in 1985.", "Sorry, Tuesday."],
    ["I live in Bergen.", "I live in Oslo."],
    ["I live in Bergen.", "Sorry, Bergen."],
  ])("none: %s - %s", (before, said) => expect(correctedBy(said, before)).toBeUndefined());
});

it("is told in the sentence that it belongs to, by the message that says so", async () => {
  const { statements } = await extract(
    ["user", "I live in Bergen."],
    ["assistant", "Nice!"],
    ["user", "Sorry, Oslo."],
  );
  expect(statements.map(({ text }) => text)).toEqual([
    "The user lives in Bergen.",
    "The user lives in Oslo, not Bergen.",
  ]);
  expect(statements[1]?.sources).toEqual([{ messageId: "m2", start: 0, end: "Sorry, Oslo.".length }]);
});

it("is corrected again", async () => {
  const texts = await statementsOf(
    ["user", "I live in Bergen."],
    ["user", "Oslo, sorry."],
    ["user", "No, Rome."],
  );
  expect(texts.at(-1)).toMatch(/^The user lives in .*Rome/);
});

it("is no answer to what the assistant asked", async () => {
  const texts = await statementsOf(
    ["user", "I'm visiting Paris in May."],
    ["assistant", "With Ben?"],
    ["user", "No, Anna."],
  );
  expect(texts.join(" ")).not.toMatch(/not May|not Paris/);
});

it("is put back", async () => {
  const texts = await statementsOf(
    ["user", "I live in Bergen."],
    ["user", "Sorry, Oslo."],
    ["user", "No wait, Bergen."],
  );
  expect(texts.at(-1)).toBe("The user lives in Bergen, not Oslo.");
});

it("corrects nobody else's words", async () => {
  expect(await statementsOf(["Rosa", "I live in Bergen."], ["Emil", "Sorry, Oslo."])).not.toContain(
    "Emil lives in Oslo, not Bergen.",
  );
});
