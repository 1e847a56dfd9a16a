import { expect, test } from "vitest";
import { sentences } from "./language.ts";

const cut = (text: string) => sentences(text).map((sentence) => sentence.text);

test("who writes no capitals ends sentences all the same", () => {
  expect(cut("no. she's afraid of the vet. is there another?")).toEqual([
    "no.",
    "she's afraid of the vet.",
    "is there another?",
  ]);
});

test.each([
  "I met Dr. miller at approx. five.",
  "We left at 5 p.m. and slept.",
  "She works at Alpine Ltd. in Graz.",
  "I was... tired.",
])("abbreviations and pauses end none: %s", (text) => {
  expect(cut(text)).toEqual([text]);
});
