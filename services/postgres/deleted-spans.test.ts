import { expect, it } from "vitest";
import { withoutSpans } from "./deleted-spans.ts";

it("leaves what was said around what is deleted, whatever overlaps", () => {
  const text = "I row. I keep bees. I sing.";
  expect(withoutSpans(text, [])).toBe(text);
  expect(withoutSpans(text, [{ start: 7, end: 19 }])).toBe("I row.  I sing.");
  const both = [
    { start: 0, end: 6 },
    { start: 7, end: 27 },
  ];
  expect(withoutSpans(text, both)).toBe("");
  const nested = [
    { start: 0, end: 19 },
    { start: 9, end: 14 },
  ];
  expect(withoutSpans(text, nested)).toBe("I sing.");
});
