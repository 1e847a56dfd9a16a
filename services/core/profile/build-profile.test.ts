import { describe, expect, it } from "vitest";
import { profileLines } from "./build-profile.ts";
import { groupOf } from "./profile.ts";
import { profileMemory } from "./profile-testing.ts";

const NOW = new Date("2026-06-01T00:00:00Z");
const on = (day: string, messageId = day) => ({ messageId, sentAt: new Date(`${day}T12:00:00Z`) });
const textsOf = (memories: Parameters<typeof profileLines>[0]) =>
  profileLines(memories, NOW).map(({ text }) => text);

describe("profileLines", () => {
  it("tells once what several memories say in the same words, with the sources of all", () => {
    const [line, ...others] = profileLines(
      [
        profileMemory("a", "Ada is a vegan.", { importance: 0.5, sources: [on("2026-01-02", "m1")] }),
        profileMemory("b", "ada is vegan", {
          importance: 0.9,
          validFrom: new Date("2025-03-04"),
          sources: [on("2026-03-04", "m3"), on("2026-02-03", "m2")],
        }),
      ],
      NOW,
    );
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      text: "ada is vegan",
      memoryIds: ["b", "a"],
      messageIds: ["m1", "m2", "m3"],
      since: new Date("2025-03-04"),
      lastSaidAt: new Date("2026-03-04T12:00:00Z"),
    });
  });

  it.each([
    ["matters more", { importance: 0.9 }],
    ["is surer", { confidence: 1 }],
    [
      "was said more often",
      { sources: [on("2026-05-01", "x"), on("2026-05-01", "y"), on("2026-05-01", "z")] },
    ],
    ["was said more lately", { sources: [on("2026-05-30")] }],
    ["was stated, and not inferred", { origin: "stated" as const }],
    ["lasts, and did not happen once", { kind: "semantic" as const }],
  ])("puts first what %s", (_, members) => {
    const plain = {
      importance: 0.5,
      confidence: 0.7,
      origin: "inferred" as const,
      kind: "episodic" as const,
      sources: [on("2026-05-01")],
    };
    expect(
      textsOf([profileMemory("a", "One.", plain), profileMemory("b", "Two.", { ...plain, ...members })]),
    ).toEqual(["Two.", "One."]);
  });

  it("does not let one group hide the others", () => {
    const jobs = Array.from({ length: 30 }, (_, i) =>
      profileMemory(`w${i}`, `Ada worked at firm ${i}.`, { category: "work", importance: 0.8 }),
    );
    const sister = profileMemory("f", "Ada has a sister.", { category: "Family", importance: 0.5 });
    expect(textsOf([...jobs, sister]).slice(0, 10)).toContain("Ada has a sister.");
  });
});

describe("groupOf", () => {
  it.each([
    ["semantic", "Family", "people"],
    ["semantic", "pets", "people"],
    ["episodic", "home", "home"],
    ["procedural", "work", "routines"],
    ["semantic", "constructor", "other"],
    ["semantic", "the project's own", "other"],
  ] as const)("puts %s of %s into %s", (kind, category, group) => {
    expect(groupOf({ kind, category })).toBe(group);
  });
});
