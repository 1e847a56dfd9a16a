import { InvalidArgumentError, type MemoryScope, Mneme, type SearchResult } from "@mneme/sdk";
import { afterAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

const { url } = sharedStack();
const newTenant = async (name: string): Promise<Mneme> =>
  resources.use(new Mneme({ url, apiKey: (await provisionSharedTenant(name)).apiKey }));
const textsOf = ({ hits }: SearchResult) => hits.map(({ memory }) => memory.text);
const day = (number: number) => new Date(Date.UTC(2026, 2, number, 10));
/** A finished statement that was said on a day of March. */
const state = (scope: MemoryScope, text: string, number: number, rest = {}) =>
  scope.add(text, { infer: false, waitFor: "searchable", sentAt: day(number), ...rest });

describe("what was said last", () => {
  it("comes newest first by when it was said, whatever the order of adding, and as many as are asked for", async () => {
    const ada = (await newTenant("most recent")).user("ada");
    await state(ada, "Ada paints boats.", 9);
    await state(ada, "Ada keeps bees.", 3, { metadata: { color: "red" } });
    await state(ada, "Ada plays the cello.", 20);
    await state(ada, "Ada bakes bread.", 12, { metadata: { color: "red" } });
    const two = await ada.mostRecent(2);
    expect(textsOf(two)).toEqual(["Ada plays the cello.", "Ada bakes bread."]);
    expect(two.hits.map(({ score }) => score)).toEqual([0, 0]);
    expect(two.degraded).toEqual([]);
    const all = ["Ada plays the cello.", "Ada bakes bread.", "Ada paints boats.", "Ada keeps bees."];
    expect(textsOf(await ada.mostRecent(100))).toEqual(all);
    // Only those that pass the filter are counted.
    const red = { filter: { metadata: { color: "red" } } };
    expect(textsOf(await ada.mostRecent(1, red))).toEqual(["Ada bakes bread."]);
    const early = { filter: { saidBefore: day(10) } };
    expect(textsOf(await ada.mostRecent(5, early))).toEqual(["Ada paints boats.", "Ada keeps bees."]);
    // What is told again is said then.
    await state(ada, "Ada keeps bees.", 25);
    expect(textsOf(await ada.mostRecent(2))).toEqual(["Ada keeps bees.", "Ada plays the cello."]);
  });

  it("stays inside the scope and its fences, at other times too", async () => {
    const mneme = await newTenant("most recent scopes");
    const [ada, ben] = [mneme.user("ada"), mneme.user("ben")];
    await state(ada, "Ada keeps bees.", 3);
    await state(ada, "Ada sails.", 5);
    await state(ben, "Ben reads.", 9);
    await state(mneme.shared("project"), "The office closes at six.", 4);
    expect(textsOf(await ada.mostRecent(10))).toEqual(["Ada sails.", "Ada keeps bees."]);
    const withShared = await ada.mostRecent(10, { layers: ["shared"] });
    expect(withShared.hits.map(({ memory, layer }) => `${layer}: ${memory.text}`)).toEqual([
      "user: Ada sails.",
      "project: The office closes at six.",
      "user: Ada keeps bees.",
    ]);
    expect(textsOf(await ada.mostRecent(10, { asOf: day(4) }))).toEqual(["Ada keeps bees."]);
    expect(textsOf(await ada.mostRecent(10, { knownAt: new Date("2026-01-01") }))).toEqual([]);
    const [sails] = (await ada.mostRecent(1)).hits;
    await mneme.memories.delete(sails?.memory.id ?? "");
    expect(textsOf(await ada.mostRecent(10))).toEqual(["Ada keeps bees."]);
    expect(textsOf(await mneme.user("nobody").mostRecent(10))).toEqual([]);
  });

  it("stands in a context beside what the query finds, each memory once and cited", async () => {
    const ada = (await newTenant("most recent context")).user("ada");
    await state(ada, "Ada keeps bees on the roof.", 3);
    await state(ada, "Ada has a dentist's appointment on Friday.", 20);
    await state(ada, "Ada borrowed a ladder from Ben.", 21);
    const sections = ["facts", "events", { name: "recent", share: 60 }] as const;
    const one = { filter: { categories: [] }, tokenBudget: 120 };
    const block = await ada.context("bees", { ...one, sections, mostRecent: 2 });
    expect(block.tokens).toBeLessThanOrEqual(120);
    const ids = block.citations.map(({ memoryId }) => memoryId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(block.text).toContain("Ada borrowed a ladder from Ben.");
    expect(block.text).toContain("Ada has a dentist's appointment on Friday.");
    const alone = await ada.context("bees", { ...one, sections: ["recent"], mostRecent: 2 });
    expect(alone.text).toBe(
      [
        "Said last:",
        "- Ada has a dentist's appointment on Friday. (2026-03-20) [1]",
        "- Ada borrowed a ladder from Ben. (2026-03-21) [2]",
      ].join("\n"),
    );
    expect(alone.citations.map(({ section }) => section)).toEqual(["recent", "recent"]);
    // Unless it is asked for, there is no such section.
    expect((await ada.context("bees")).text).not.toContain("Said last:");
  });

  it("is refused with whatever ranks, with a reason", async () => {
    const ada = (await newTenant("most recent refusals")).user("ada");
    const refused = (call: Promise<unknown>, field: string) =>
      expect(call).rejects.toSatisfy(
        (error) => error instanceof InvalidArgumentError && error.fields.some((one) => one.field === field),
      );
    const ranked = { ranking: { recipe: "rrf" } } as object;
    await refused(ada.mostRecent(5, ranked), "most_recent");
    await refused(ada.mostRecent(101), "most_recent");
    await refused(ada.mostRecent(0), "query");
    await refused(ada.search(""), "query");
    await refused(ada.context("bees", { sections: ["facts"], mostRecent: 3 }), "most_recent");
  });
});
