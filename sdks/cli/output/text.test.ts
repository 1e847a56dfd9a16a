import { expect, it } from "vitest";
import { table } from "./table.ts";
import { wrap } from "./text.ts";

it("wraps at words, breaks longer ones, and loses nothing", () => {
  expect(wrap("the quick brown fox", 10)).toBe("the quick\nbrown fox");
  expect(wrap("abcdefghijkl", 5)).toBe("abcde\nfghij\nkl");
  expect(wrap("", 5)).toBe("");
  const words = "lighthouse keeper ".repeat(500).trim();
  expect(wrap(words, 40).split(/\s+/).join(" ")).toBe(words);
});

it("draws a table of one endless word in a moment", { timeout: 5_000 }, () => {
  const drawn = table([{ head: "text" }], [["a".repeat(131_072)]], 80);
  expect(drawn.match(/a/g)).toHaveLength(131_072);
});
