import { describe, expect, test } from "vitest";
import { resolveDates } from "./dates.ts";

function at(said: string, text: string): string {
  return resolveDates(text, new Date(`${said}T10:00:00Z`), () => "past").text;
}

describe("what more than one word tells", () => {
  test.each([
    ["2026-03-11", "Last Friday the 6th it broke", "On 6 March 2026 it broke"],
    ["2026-03-11", "Last Friday the 9th it broke", "Last Friday the 9th it broke"],
    ["2026-03-11", "We fly next Tuesday the 24th", "We fly on 24 March 2026"],
    ["2026-03-11", "I was away last Monday to Tuesday", "I was away on 9 March 2026 to 10 March 2026"],
    ["2026-03-11", "I am off next Tuesday through Friday", "I am off on 17 March 2026 through 20 March 2026"],
    ["2026-03-11", "I work Tuesday through Friday", "I work Tuesday through Friday"],
    ["2026-03-11", "I woke at 5 this morning", "I woke at 5 this morning (11 March 2026)"],
    ["2026-03-11", "This time last year I lived in Rome", "In March 2025 I lived in Rome"],
    ["2026-03-11", "This time last week it snowed", "In the week of 2 March 2026 it snowed"],
    ["2026-03-11", "It has rained since Christmas", "It has rained since Christmas 2025"],
    ["2026-12-27", "It has rained since Christmas.", "It has rained since Christmas 2026."],
    ["2026-03-11", "It has rained since Christmas Eve", "It has rained since Christmas Eve"],
    ["2026-03-11", "It has rained since Christmas 2023", "It has rained since Christmas 2023"],
  ])("said on %s: %s", (said, text, written) => {
    expect(at(said, text)).toBe(written);
  });

  test.each([
    ["It runs from 1/4/2025 to 31/3/2026", ["2025-04-01", "2026-03-31"]],
    ["It began on 4/1/2025 and ended on 3/31/2025", ["2025-04-01", "2025-03-31"]],
    ["It ended on 31.3.2025 and began on 1.2.2025", ["2025-03-31", "2025-02-01"]],
    ["It runs from 1/4/2025 to 3/5/2025", []],
    ["It began on 1/4/2025", []],
    ["It was 31/3/2025 or 3/31/2025 and then 1/4/2025", ["2025-03-31"]],
  ])("one date in numbers shows how the others are read: %s", (text, days) => {
    const { dates } = resolveDates(text, new Date("2026-05-06T10:00:00Z"), () => "past");
    expect(dates.map(({ start }) => start.toISOString().slice(0, 10))).toEqual(days);
  });
});
