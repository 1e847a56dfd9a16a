import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { episodeOf } from "./episode-testing.ts";
import { writeSummary } from "./write-summary.ts";

describe("a summary by the rules", () => {
  it("tells what recurs once, with how often and when", () => {
    const days = ["2026-03-03", "2026-03-10", "2026-05-20"];
    expect(writeSummary(days.map((day) => episodeOf("Ada went swimming.", day)))).toBe(
      "Ada went swimming: 3 times between 3 March 2026 and 20 May 2026 (3 March 2026, 10 March 2026, 20 May 2026).",
    );
  });

  it("knows what recurs by what was done, whatever day it names", () => {
    const told = [
      episodeOf("Ada went swimming with Bo on 3 March 2026.", "2026-03-03"),
      episodeOf("On 10 March 2026 Ada went swimming with Bo.", "2026-03-10"),
    ];
    expect(writeSummary(told)).toBe(
      "Ada went swimming with Bo: 2 times between 3 March 2026 and 10 March 2026 (3 March 2026, 10 March 2026).",
    );
  });

  it("tells different things with their days, each day once", () => {
    const told = [
      episodeOf("Ada painted a lake.", "2026-03-03"),
      episodeOf("Ada bought brushes.", "2026-03-03"),
      episodeOf("Ada showed her lake on 9 March 2026.", "2026-03-09"),
      episodeOf("Ada sold it.", "2026-03-12"),
    ];
    expect(writeSummary(told)).toBe(
      "3 March 2026: Ada painted a lake. Ada bought brushes. Ada showed her lake on 9 March 2026. 12 March 2026: Ada sold it.",
    );
  });

  it("puts no English into other languages", () => {
    const told = ["2026-03-03", "2026-03-10"].map((day) => episodeOf("Ich war schwimmen.", day));
    expect(writeSummary(told, "de")).toBe(
      "Ich war schwimmen: 2 × 2026-03-03 – 2026-03-10 (2026-03-03, 2026-03-10).",
    );
    expect(writeSummary([episodeOf("泳ぎました。", "2026-03-03")], "ja")).toBe("2026-03-03: 泳ぎました。");
  });

  it("leaves nothing out and adds no word of its own", () => {
    const own = new Set("times between and January February March 2026".split(" "));
    const text = fc.array(fc.constantFrom("Ada", "swam", "far", "today", "12", "km"), {
      minLength: 1,
      maxLength: 6,
    });
    const day = fc.integer({ min: 1, max: 28 }).map((n) => `2026-02-${String(n).padStart(2, "0")}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(text, day), { minLength: 1, maxLength: 8 }), (all) => {
        const told = all.map(([words, on]) => episodeOf(`${words.join(" ")}.`, on));
        const summary = writeSummary(told);
        const words = new Set(summary.match(/[\p{L}\p{N}]+/gu));
        const said = new Set<string>(all.flatMap(([each]) => each));
        for (const word of said) expect(words).toContain(word);
        for (const word of words) expect(said.has(word) || own.has(word) || /^\d+$/.test(word)).toBe(true);
      }),
    );
  });
});
