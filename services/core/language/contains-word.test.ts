import { expect, it } from "vitest";
import { containsWord } from "./contains-word.ts";

it.each([
  ["Annette knows Ann.", "ann", true],
  ["Annette knows Anna.", "Ann", false],
  ["It cost 200 in 2024.", "20", false],
  ["Zoë's sister", "Zoë", true],
  ["Rosa", "", false],
])("finds whole words only: %s / %s", (text, word, is) => {
  expect(containsWord(text, word)).toBe(is);
});
