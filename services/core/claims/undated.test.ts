import { describe, expect, it } from "vitest";
import { undated } from "./undated.ts";

describe("what a dated statement says without its days", () => {
  it.each([
    "On 3 May, Ada rowed.",
    "On 3 May 2026, Ada rowed.",
    "3 May 2026: Ada rowed.",
    "On Sunday, 3 May 2026, Ada rowed.",
    "On May 3rd, 2026 Ada rowed.",
    "In May 2026 Ada rowed.",
    "2026-05-03: Ada rowed.",
    "On 3, 4 and 5 May 2026, Ada rowed.",
    "Ada rowed on 3 May 2026.",
    "Ada rowed on 3 May 2026 and 10 May 2026.",
    "Ada rowed in May.",
  ])("reads %s", (text) => {
    expect(undated(text)).toContain("Ada rowed.");
    expect(undated(text)[0]).toBe(text);
  });

  it.each(["Ada rowed.", "Ada counted on 3 Mayors.", "Maya rowed."])("leaves %s", (text) => {
    expect(undated(text)).toEqual([text]);
  });
});
