import fc from "fast-check";
import { expect, it } from "vitest";
import { PRODUCT_SETTINGS } from "../tenancy/settings.ts";
import { DAY_MS } from "../time/day.ts";
import { searchMemories } from "./search-memories.ts";
import { commandOf, depsOf, worldOf } from "./search-testing.ts";

const TENANCY = { tenantId: "tenant", projectId: "project" };
const TEXTS = { old: "Ada kept bees.", used: "Ada keeps bees still." };
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const ageing = { semanticHalfLifeDays: 30, rankByStrength: true };

it("puts what was used lately before what was not, where the project ranks by strength", async () => {
  const world = worldOf(TEXTS, {
    settings: { ...PRODUCT_SETTINGS, ageing },
    refreshed: new Map([
      ["old", daysAgo(60)],
      ["used", daysAgo(0)],
    ]),
  });
  const { hits } = await searchMemories(depsOf(world), TENANCY, commandOf("bees"));
  expect(hits.map(({ memory }) => memory.id)).toEqual(["used", "old"]);
  const [used, old] = hits.map(({ parts }) => parts.factors.strength);
  expect(used).toBeCloseTo(1, 3);
  expect(old).toBeCloseTo(0.5 + 0.5 * 0.25, 3);
});

it.each([
  ["does not say so", { semanticHalfLifeDays: 30 }],
  ["has no half life of that kind", { episodicHalfLifeDays: 30, rankByStrength: true }],
])("asks nothing and changes nothing where the project %s", async (_, set) => {
  const world = worldOf(TEXTS, {
    settings: { ...PRODUCT_SETTINGS, ageing: set },
    refreshed: new Map([["old", daysAgo(600)]]),
  });
  const { hits } = await searchMemories(depsOf(world), TENANCY, commandOf("bees"));
  expect(hits.map(({ memory, parts }) => [memory.id, parts.factors.strength])).toEqual([
    ["old", 1],
    ["used", 1],
  ]);
  expect(world.asked.refreshed).toEqual([]);
});

it("takes half of a score at most, however old", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 36_500 }), async (days) => {
      const refreshed = new Map([["old", daysAgo(days)]]);
      const world = worldOf(TEXTS, { settings: { ...PRODUCT_SETTINGS, ageing }, refreshed });
      const { hits } = await searchMemories(depsOf(world), TENANCY, commandOf("bees"));
      const factor = hits.find(({ memory }) => memory.id === "old")?.parts.factors.strength ?? 0;
      expect(factor).toBeGreaterThanOrEqual(0.5);
      expect(factor).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});
