import { type Memory, Mneme } from "@mneme/sdk";
import { describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const SWIMS = [
  ["2025-03-04", "I went swimming with Bo at the lake yesterday."],
  ["2025-03-11", "I went swimming with Bo at the lake yesterday."],
  ["2025-03-18", "I went swimming with Bo at the lake yesterday."],
] as const;
const SUMMARY = "Ada went swimming with Bo at the lake: 3 times between 3 March 2025 and 17 March 2025";

async function freshAda(name: string) {
  const { apiKey, projectId } = await provisionSharedTenant(name);
  const mneme = new Mneme({ url: sharedStack().url, apiKey });
  await mneme.projects.update(projectId, { settings: { consolidation: { afterDays: 30 } } });
  const ada = mneme.scope({ userId: "ada" });
  const tell = (text: string, day = "2025-04-01") =>
    ada.add([{ role: "user", name: "Ada", text, sentAt: new Date(`${day}T09:00:00Z`) }], {
      waitFor: "searchable",
    });
  for (const [day, text] of SWIMS) await tell(text, day);
  const texts = async () => (await ada.list().toArray()).map(({ text }) => text).sort();
  return { mneme, ada, tell, texts };
}

describe("consolidation, through the public API", () => {
  it("has searches find a summary, and gives back what it tells", async () => {
    const { mneme, ada, texts } = await freshAda("consolidation");
    await using _ = mneme;
    const episodes = await ada.list().toArray();
    expect(episodes.map(({ kind }) => kind)).toEqual(["episodic", "episodic", "episodic"]);
    const before = new Date();
    const request = { requestId: "once" };
    const counts = await mneme.consolidations.now({ userId: "ada" }, request);
    expect(counts).toEqual({
      episodes: 3,
      summaries: 1,
      archived: 3,
      changed: 0,
      withheld: 0,
      episodesLeft: 0,
      nextPageToken: undefined,
      freshnessToken: expect.any(String),
    });
    expect(await mneme.consolidations.now({ userId: "ada" }, request)).toEqual(counts);
    const fresh = await ada.search("Who went swimming?", { atLeastAsFresh: counts });
    expect(fresh.hits.map(({ memory }) => memory.provenance?.extractor)).toEqual(["consolidate"]);

    const [one] = await mneme.consolidations.list({ userId: "ada" }).toArray();
    expect(one).toMatchObject({ state: "active", scope: { userId: "ada" }, extractor: "consolidate" });
    const ids = episodes.map(({ id }) => id).sort();
    expect(one?.episodeMemoryIds).toEqual(ids);
    const summary = await mneme.memories.get(one?.summaryMemoryId ?? "");
    expect(summary).toMatchObject({ kind: "semantic", text: expect.stringContaining(SUMMARY) });
    expect(summary.sources).toHaveLength(3);
    const { story } = await mneme.memories.history(summary.id);
    expect(story).toContain("it was made of 3 episodes up to 17 March 2025");

    const found = async (atLeastAsFresh?: string) => {
      const { hits } = await ada.search("How often did Ada go swimming?", { limit: 10, atLeastAsFresh });
      return hits.map(({ memory }: { memory: Memory }) => memory.id).sort();
    };
    await expect.poll(() => found(), { timeout: 60_000, interval: 200 }).toEqual([summary.id]);
    // What the index has forgotten is found at the times when it was in reach.
    const idsAt = async (times: { asOf?: Date; knownAt?: Date }) => {
      const { hits } = await ada.search("How often did Ada go swimming?", { limit: 10, ...times });
      return hits.map(({ memory }: { memory: Memory }) => memory.id).sort();
    };
    expect(await idsAt({ knownAt: before })).toEqual(ids);
    const within = await idsAt({ asOf: new Date("2025-03-11T00:00:00Z") });
    expect(within).toHaveLength(2);
    expect(ids).toEqual(expect.arrayContaining(within));
    expect(await idsAt({ asOf: new Date("2025-04-01T00:00:00Z") })).toEqual([summary.id]);
    const context = await ada.context("How often did Ada go swimming?", { knownAt: before });
    expect(context.text).not.toContain("3 times");
    expect(context.citations.length).toBeGreaterThan(0);
    expect(ids).toEqual(expect.arrayContaining(context.citations.map(({ memoryId }) => memoryId)));
    const { consolidation, freshnessToken } = await mneme.consolidations.undo(one?.id ?? "");
    expect(consolidation.state).toBe("undone");
    expect(await found(freshnessToken)).toEqual(ids);
    expect(await mneme.consolidations.now({ userId: "ada" })).toMatchObject({ summaries: 0, withheld: 1 });
    expect(await texts()).toHaveLength(3);
  });

  it("tells nothing any more of what is to be forgotten", async () => {
    const { mneme, ada, tell, texts } = await freshAda("consolidation forgets");
    await using _ = mneme;
    await tell("I went swimming with Carla at the lake yesterday.", "2025-03-25");
    await mneme.consolidations.now({ userId: "ada" });
    const before = (await texts()).join(" ");
    expect(before).toContain("Carla");
    await tell("Forget that I went swimming with Carla.", "2025-05-01");
    const after = (await texts()).join(" ");
    expect(after).not.toContain("Carla");
    expect(after).toContain("Bo");
    const all = await ada.list({ showArchived: true }).toArray();
    expect(all.filter(({ text }) => text.includes("Carla"))).toEqual([]);
  });

  it("tells how often the same was done that was told in the same words, however often it is ingested", async () => {
    const { apiKey, projectId } = await provisionSharedTenant("consolidation of the same words");
    await using mneme = new Mneme({ url: sharedStack().url, apiKey });
    await mneme.projects.update(projectId, { settings: { consolidation: { afterDays: 30 } } });
    const ada = mneme.scope({ userId: "ada" });
    const days = ["2025-02-03", "2025-02-10", "2025-02-17"];
    for (const day of [...days, ...days]) {
      const sentAt = new Date(`${day}T09:00:00Z`);
      await ada.add([{ role: "user", name: "Ada", text: "I went swimming.", sentAt }], {
        waitFor: "searchable",
      });
    }
    const episodes = await ada.list().toArray();
    expect(episodes.map(({ text }) => text)).toEqual(days.map(() => "Ada went swimming."));
    expect(await mneme.consolidations.now({ userId: "ada" })).toMatchObject({ summaries: 1, archived: 3 });
    const [summary] = await ada.list().toArray();
    expect(summary?.text).toContain("went swimming: 3 times between 3 February 2025 and 17 February 2025");
  });

  it("says so where it is off, and to a session", async () => {
    const { apiKey } = await provisionSharedTenant("consolidation off");
    await using mneme = new Mneme({ url: sharedStack().url, apiKey });
    await expect(mneme.consolidations.now({ userId: "ada" })).rejects.toMatchObject({
      reason: "STATE_CONFLICT",
    });
    await expect(mneme.consolidations.now({ userId: "ada", sessionId: "s" })).rejects.toMatchObject({
      reason: "FIELD_INVALID",
    });
    const nobody = "0197a0a0-0000-7000-8000-000000000000";
    await expect(mneme.consolidations.get(nobody)).rejects.toMatchObject({
      reason: "CONSOLIDATION_NOT_FOUND",
    });
  });
});
