import { countTokens } from "gpt-tokenizer/encoding/cl100k_base";
import { describe, expect, it } from "vitest";
import { getProfile, type ProfileCommand } from "./get-profile.ts";
import type { ProfileMemory } from "./profile.ts";
import type { ProfileReading } from "./profile-store.ts";
import { profileMemory } from "./profile-testing.ts";

const TENANCY = { tenantId: "t", projectId: "p" };
const asked: ProfileReading[] = [];
const profileOf = (
  memories: readonly ProfileMemory[],
  members: Partial<ProfileCommand> = {},
  total = memories.length,
) =>
  getProfile(
    {
      profiles: {
        read: async (_, reading) => {
          asked.push(reading);
          return { memories, participants: [], total };
        },
      },
      freshness: { isSearchable: async () => true },
      tokens: { seal: () => "token", open: () => ({ type: "revision", revision: 1n, buckets: [] }) },
      signals: { changed: async () => undefined },
    },
    TENANCY,
    {
      scope: { userId: "ada" },
      categories: [],
      maxLines: 60,
      tokenBudget: undefined,
      model: "",
      asOf: undefined,
      knownAt: undefined,
      atLeastAsFresh: "",
      ...members,
    },
  );

const notes = Array.from({ length: 40 }, (_, i) =>
  profileMemory(`n${i}`, `Ada keeps note ${i} about the harbour.`, { category: i % 2 ? "work" : "home" }),
);

describe("getProfile", () => {
  it("groups its lines in a fixed order and leaves out empty groups", async () => {
    const { groups, leftOut } = await profileOf([
      profileMemory("p", "Ada plans to sail.", { category: "plans" }),
      profileMemory("r", "Ada answers letters on Mondays.", { kind: "procedural" }),
      profileMemory("i", "Ada is 36 years old.", { category: "identity" }),
      profileMemory("h", "Ada lives in Lisbon.", { category: "home" }),
    ]);
    expect(groups.map(({ name, lines }) => [name, lines.map(({ memoryIds }) => memoryIds)])).toEqual([
      ["identity", [["i"]]],
      ["home", [["h"]]],
      ["routines", [["r"]]],
      ["plans", [["p"]]],
    ]);
    expect(leftOut).toEqual({ limit: 0, budget: 0, outdated: 0, notRead: 0 });
  });

  it("is bounded by lines and by tokens of the model's, and says what it left out", async () => {
    const byLines = await profileOf(notes, { maxLines: 7 }, 100);
    expect(byLines.groups.flatMap(({ lines }) => lines)).toHaveLength(7);
    expect(byLines.leftOut).toEqual({ limit: 33, budget: 0, outdated: 0, notRead: 60 });
    const byTokens = await profileOf(notes, { tokenBudget: 100, model: "gpt-4" });
    const lines = byTokens.groups.flatMap(({ lines }) => lines);
    expect(byTokens.tokens).toBe(lines.reduce((sum, { text }) => sum + countTokens(text) + 1, 0));
    expect(byTokens.tokens).toBeLessThanOrEqual(100);
    expect(byTokens.tokens).toBeGreaterThan(80);
    expect(byTokens).toMatchObject({
      tokenizer: "cl100k_base",
      leftOut: { limit: 0, budget: 40 - lines.length, outdated: 0, notRead: 0 },
    });
  });

  it("is of a time that is asked for", async () => {
    const asOf = new Date("2025-01-01");
    const knownAt = new Date("2025-02-01");
    await profileOf([], { asOf, knownAt, categories: ["home"] });
    expect(asked.at(-1)).toMatchObject({ asOf, knownAt, categories: ["home"] });
  });

  it("is of a person", async () => {
    await expect(profileOf([], { scope: { teamId: "crew" } })).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      metadata: { field: "scope.user_id" },
    });
  });
});
