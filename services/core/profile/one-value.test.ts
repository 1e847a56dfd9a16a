import { describe, expect, it } from "vitest";
import { selvesOf } from "../claims/tellers.ts";
import { withoutOutdated } from "./one-value.ts";
import { profileMemory } from "./profile-testing.ts";

const selves = selvesOf([{ name: "Ada", role: "user" }]);
const NOW = new Date("2026-05-01T00:00:00Z");
const kept = (...texts: readonly string[]) =>
  withoutOutdated(
    texts.map((text, day) => {
      const sources = [{ messageId: `m${day}`, sentAt: new Date(Date.UTC(2026, 0, day + 1)) }];
      return profileMemory(`${day}`, text, { slots: ["slot"], sources });
    }),
    selves,
    NOW,
  ).map(({ text }) => text);

describe("withoutOutdated", () => {
  it.each([
    ["Ada lives in Lisbon.", "Ada moved to Oslo."],
    ["Ada works at Acme.", "Ada works at Globex."],
    ["Ada is a vegetarian.", "Ada is a vegan."],
    ["Ada is 35 years old.", "Ada is 36 years old."],
  ])("leaves out %j once %j was said", (old, newer) => {
    expect(kept(old, newer)).toEqual([newer]);
  });

  it.each([
    ["Ada lives in Lisbon.", "Ada lives in Lisbon with Bo."],
    ["Ada lives in Lisbon and plays the cello.", "Ada lives in Oslo."],
    ["Ada lives in Lisbon.", "Ada wants to live in Oslo."],
    ["Ada lives in Lisbon.", "Ada's sister lives in Oslo."],
    ["Ada likes tea.", "Ada likes coffee."],
    ["Ada has a dog.", "Ada has a cat."],
  ])("keeps %j beside %j", (old, newer) => {
    expect(kept(old, newer)).toEqual([old, newer]);
  });

  it("keeps what is so beside what happened long before and is told later", () => {
    const said = (day: number) => [{ messageId: `m${day}`, sentAt: new Date(Date.UTC(2026, 0, day)) }];
    const rome = profileMemory("r", "Ada lives in Rome.", {
      slots: ["slot"],
      sources: said(1),
      validFrom: new Date("2026-01-01"),
    });
    const moved = (validFrom: Date) =>
      profileMemory("o", "Ada moved to Oslo.", {
        slots: ["slot"],
        sources: said(2),
        kind: "episodic",
        validFrom,
      });
    const left = (validFrom: Date) =>
      withoutOutdated([rome, moved(validFrom)], selves, NOW).map(({ text }) => text);
    expect(left(new Date("2018-01-01"))).toEqual(["Ada lives in Rome."]);
    expect(left(new Date("2026-01-02"))).toEqual(["Ada moved to Oslo."]);
  });

  it("leaves out plans once their day is over", () => {
    const plan = profileMemory("p", "Ada is flying to Rome on 3 May 2026.", { category: "plans" });
    const wish = profileMemory("w", "Ada wants to see Rome.", { category: "plans" });
    const at = (day: string) => withoutOutdated([plan, wish], selves, new Date(day));
    expect(at("2026-05-03T23:00:00Z")).toEqual([plan, wish]);
    expect(at("2026-05-04T00:00:00Z")).toEqual([wish]);
  });

  it("reads only what tells of what another tells of", () => {
    const homes = ["Ada lives in Lisbon.", "Ada lives in Oslo."];
    expect(
      withoutOutdated(
        homes.map((text, i) => profileMemory(`${i}`, text)),
        selves,
        NOW,
      ),
    ).toHaveLength(2);
  });
});
