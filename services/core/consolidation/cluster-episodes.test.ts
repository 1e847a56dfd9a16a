import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot } from "../search/vector.ts";
import { DAY_MS } from "../time/day.ts";
import { countTokens } from "../tokens/count-tokens.ts";
import { CLUSTER_LIMITS, clusterEpisodes } from "./cluster-episodes.ts";
import { deedKey } from "./deed.ts";
import type { Episode } from "./episode.ts";
import { episodeOf } from "./episode-testing.ts";

const at = (angle: number) => new Float32Array([Math.cos(angle), Math.sin(angle)]);
const ids = (clusters: readonly (readonly Episode[])[]) =>
  clusters.map((cluster) => cluster.map(({ memoryId }) => memoryId));

const anyEpisode = fc
  .record({
    deed: fc.integer({ min: 0, max: 3 }),
    day: fc.integer({ min: 0, max: 200 }),
    angle: fc.double({ min: 0, max: Math.PI, noNaN: true }),
    category: fc.constantFrom("hobbies", "health"),
    speaker: fc.constantFrom("ada", "bo"),
    names: fc.subarray(["Ada", "Lisbon", "Pixel"]),
    words: fc.integer({ min: 1, max: 60 }),
    ends: fc.boolean(),
  })
  .map(({ deed, day, angle, category, speaker, names, words, ends }) => {
    const date = new Date(Date.UTC(2026, 0, 1) + day * DAY_MS);
    return episodeOf(`Deed ${deed}${" again".repeat(words)}.`, date.toISOString().slice(0, 10), {
      vector: at(angle),
      category,
      speaker,
      entities: names.map((name) => ({ name, type: "other" })),
      validTo: ends ? new Date(date.getTime() + DAY_MS) : undefined,
    });
  });
const anyEpisodes = fc.array(anyEpisode, { maxLength: 40 });

describe("clusters", () => {
  it("are the same in whatever order episodes come", () => {
    fc.assert(
      fc.property(
        anyEpisodes.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        ([all, shuffled]) => {
          expect(ids(clusterEpisodes(shuffled))).toEqual(ids(clusterEpisodes(all)));
        },
      ),
    );
  });

  it("hold each episode once at most, within their limits, oldest first", () => {
    fc.assert(
      fc.property(anyEpisodes, (all) => {
        const clusters = clusterEpisodes(all);
        const told = clusters.flat();
        expect(new Set(told).size).toBe(told.length);
        for (const cluster of clusters) expectFit(cluster);
      }),
    );
  });

  it("can't be joined any more: whatever fits is together", () => {
    fc.assert(
      fc.property(anyEpisodes, (all) => {
        const clusters = clusterEpisodes(all, { ...CLUSTER_LIMITS, least: 1 });
        for (const [i, one] of clusters.entries())
          for (const other of clusters.slice(i + 1)) expect(fit([...one, ...other])).toBe(false);
      }),
    );
  });

  it("are found where they are plain", () => {
    const swims = ["2026-03-03", "2026-03-10", "2026-03-17"].map((day) => episodeOf("Ada swam.", day));
    const dentist = episodeOf("Ada went to the dentist.", "2026-03-11", { vector: at(Math.PI / 2) });
    expect(clusterEpisodes([dentist, ...swims])).toEqual([swims]);
  });

  it.each<[string, Partial<Episode>]>([
    ["another teller's", { speaker: "bo" }],
    ["an assistant's", { role: "assistant", origin: "inferred" }],
    ["of another category", { category: "health" }],
    ["with other metadata", { metadata: { color: "blue" } }],
    ["embedded by another model", { embeddingModel: "other" }],
    ["about others", { entities: [{ name: "Bo", type: "person" }] }],
    ["over by now, where the other still holds", { validTo: new Date("2026-03-12T00:00:00Z") }],
    ["far by its vector", { vector: at(1) }],
  ])("leave alone what is %s", (_, more) => {
    const all = [episodeOf("Ada swam.", "2026-03-03"), episodeOf("Ada swam.", "2026-03-10", more)];
    expect(clusterEpisodes(all)).toEqual([]);
  });

  it("leave alone what lies months apart", () => {
    expect(
      clusterEpisodes([episodeOf("Ada swam.", "2026-01-03"), episodeOf("Ada swam.", "2026-05-10")]),
    ).toEqual([]);
  });

  it("hold more of what recurs than of what differs: it is told once", () => {
    const days = Array.from({ length: 12 }, (_, i) => `2026-03-${String(i + 1).padStart(2, "0")}`);
    const long = "Ada went swimming in the lake with all of her friends from the club before work";
    expect(clusterEpisodes(days.map((day) => episodeOf(`${long}.`, day)))[0]).toHaveLength(12);
    const apart = clusterEpisodes(days.map((day, i) => episodeOf(`${long} on lap ${i}.`, day)));
    expect(apart.length).toBeGreaterThan(1);
  });
});

/** Each two by themselves, looked at anew: whether all may be one cluster. */
function fit(all: readonly Episode[]): boolean {
  const { most, cosine, spanDays, tokens } = CLUSTER_LIMITS;
  const deeds = new Map(all.map((episode) => [deedKey(episode), countTokens(episode.text)]));
  const said = [...deeds.values()].reduce((sum, each) => sum + each, 0);
  const namesOf = ({ entities, speaker }: Episode) =>
    entities.map(({ name }) => name.toLowerCase()).filter((name) => name !== speaker);
  const areAlike = (one: Episode, other: Episode) => {
    const [a, b] = [namesOf(one), namesOf(other)];
    const shares =
      a.length === 0 || b.length === 0 ? a.length === b.length : a.some((name) => b.includes(name));
    return (
      shares &&
      one.speaker === other.speaker &&
      one.category === other.category &&
      (one.validTo === undefined) === (other.validTo === undefined) &&
      Math.abs(one.validFrom.getTime() - other.validFrom.getTime()) <= spanDays * DAY_MS &&
      dot(one.vector, other.vector) >= cosine
    );
  };
  return (
    all.length <= most &&
    said <= tokens &&
    all.every((one) => all.every((other) => one === other || areAlike(one, other)))
  );
}

function expectFit(cluster: readonly Episode[]): void {
  const { least, most, cosine, spanDays, tokens } = CLUSTER_LIMITS;
  expect(cluster.length).toBeGreaterThanOrEqual(least);
  expect(cluster.length).toBeLessThanOrEqual(most);
  const times = cluster.map(({ validFrom }) => validFrom.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(spanDays * DAY_MS);
  for (const one of cluster)
    for (const other of cluster) expect(dot(one.vector, other.vector)).toBeGreaterThanOrEqual(cosine - 1e-6);
  for (const member of ["speaker", "category", "origin", "role"] as const)
    expect(new Set(cluster.map((episode) => episode[member])).size).toBe(1);
  const deeds = new Map(cluster.map((episode) => [deedKey(episode), countTokens(episode.text)]));
  expect([...deeds.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(tokens);
}
