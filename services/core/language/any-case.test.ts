import fc from "fast-check";
import { expect, it } from "vitest";
import { anyCase } from "./any-case.ts";

const matches = (text: string, said: string) => new RegExp(`^${anyCase(text)}$`, "u").test(said);

it("is any case of the same letters", () => {
  expect(matches("ada", "ADA")).toBe(true);
  expect(matches("Ümit d'Arc", "ümit D'ARC")).toBe(true);
  expect(matches("ada", "adam")).toBe(false);
});

it("takes what means something in a pattern as it is", () => {
  expect(matches("a.b (c)*", "A.B (C)*")).toBe(true);
  expect(matches("a.b", "axb")).toBe(false);
});

it("is a pattern of every text, that matches it", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => matches(text, text)));
});
