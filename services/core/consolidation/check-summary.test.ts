import { describe, expect, it } from "vitest";
import { checkedSummary } from "./check-summary.ts";

const EPISODES = [
  { text: "Ada went swimming with Bo in Lake Bled on 3 March 2026.", at: new Date("2026-03-03T09:00:00Z") },
  { text: "Ada went swimming with Bo in Lake Bled on 10 March 2026.", at: new Date("2026-03-10T09:00:00Z") },
  { text: "Ada did not swim 5 km.", at: new Date("2026-03-12T09:00:00Z") },
];
const first = { text: "Ada went swimming with Bo in Lake Bled on 3 and 10 March 2026.", episodes: [0, 1] };
const third = { text: "Ada did not swim 5 km.", episodes: [2] };

describe("a model's summary", () => {
  it("is taken where all of it rests on what it cites", () => {
    expect(checkedSummary([first, third], EPISODES)).toBe(`${first.text} ${third.text}`);
  });

  it.each([
    ["a name", { text: "Ada went swimming with Carla in Lake Bled.", episodes: [0, 1] }],
    ["a number", { text: "Ada went swimming with Bo 7 times.", episodes: [0, 1] }],
    ["a word", { text: "Ada went swimming with her husband Bo.", episodes: [0, 1] }],
    ["a year", { text: "Ada went swimming with Bo in March 2024.", episodes: [0, 1] }],
    ["a denial", { text: "Ada never went swimming with Bo.", episodes: [0, 1] }],
    ["what only another episode says", { text: "Ada went swimming 5 km with Bo.", episodes: [0, 1] }],
    ["an episode that there is not", { text: "Ada went swimming with Bo.", episodes: [0, 1, 3] }],
    ["no episode", { text: "Ada went swimming with Bo.", episodes: [] }],
  ])("is refused with %s that it invents", (_, sentence) => {
    expect(checkedSummary([first, sentence, third], EPISODES)).toBeUndefined();
  });

  it("is refused where it denies nothing of what was denied", () => {
    expect(checkedSummary([first, { text: "Ada did swim 5 km.", episodes: [2] }], EPISODES)).toBeUndefined();
  });

  it.each(["Ada met Ann.", "Ada met Nette.", "Ada met Annette at a ham."])(
    "is refused with a word that only stands within another: %s",
    (text) => {
      const met = { text: "Ada met Annette at a hamlet.", at: new Date("2026-03-03T09:00:00Z") };
      expect(checkedSummary([{ text, episodes: [0] }], [met])).toBeUndefined();
    },
  );

  it("denies what was denied, and not what another of its episodes says", () => {
    const at = new Date("2026-03-03T09:00:00Z");
    const both = [
      { text: "Ada did not pass the driving test.", at },
      { text: "Ada bought a red car.", at },
    ];
    const say = (text: string) => checkedSummary([{ text, episodes: [0, 1] }], both);
    expect(say("Ada did not pass the driving test and bought a red car.")).toBeDefined();
    expect(say("On 3 March 2026 Ada did not pass the driving test, but bought a red car.")).toBeDefined();
    expect(say("Ada passed the driving test and did not buy a red car.")).toBeUndefined();
    expect(say("Ada did pass the driving test and did not buy a red car.")).toBeUndefined();
    expect(say("Ada did not pass the driving test and did not buy a red car.")).toBeUndefined();
  });

  it("is refused where it leaves an episode out, says nothing, or is too long", () => {
    expect(checkedSummary([first], EPISODES)).toBeUndefined();
    expect(checkedSummary([], EPISODES)).toBeUndefined();
    expect(checkedSummary([...Array(20).fill(first), third], EPISODES)).toBeUndefined();
  });
});
