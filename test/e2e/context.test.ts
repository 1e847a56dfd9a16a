import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { type MemoryDraft, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

/** The fenced block of the page that begins with these words. */
function exampleOf(beginning: string): string {
  const page = readFileSync(join(ROOT, "docs/memory-model.md"), "utf8");
  const blocks = [...page.matchAll(/^```text\n(.*?)\n```$/gms)].map(([, block = ""]) => block);
  return blocks.find((block) => block.startsWith(beginning)) ?? "";
}

const said = (day: string, text: string, members: Partial<MemoryDraft> = {}): MemoryDraft => ({
  text,
  saidAt: new Date(`2026-${day}T12:00:00Z`),
  ...members,
});

describe("contexts and profiles", () => {
  let mneme: Mneme;
  beforeAll(async () => {
    const { apiKey } = await provisionSharedTenant("context");
    mneme = new Mneme({ url: sharedStack().url, apiKey });
    const imported = await mneme
      .user("ada")
      .import([
        said("01-02", "Ada is 36 years old.", { category: "identity", importance: 0.9 }),
        said("01-03", "Ada lives in Lisbon.", { category: "home", importance: 0.9 }),
        said("01-04", "Ada has a sister called Grace.", { category: "family", importance: 0.9 }),
        said("01-05", "Ada's dog is a beagle called Pixel.", { category: "pets" }),
        said("01-06", "Pixel hates water.", { category: "other", importance: 0.2 }),
        said("01-07", "Ada took Pixel to the beach of Cascais.", { category: "travel", kind: "episodic" }),
        said("01-08", "Ada wants answers in one sentence.", { category: "preferences", kind: "procedural" }),
      ]);
    await mneme.waitFor(imported);
    const session = mneme.user("ada").session("monday");
    await session.append([
      { text: "It is warm today.", name: "Ada", sentAt: new Date("2026-03-02T09:58:00Z") },
      { role: "assistant", text: "Any plans?", sentAt: new Date("2026-03-02T09:59:00Z") },
    ]);
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  it("writes the context that the page shows", async () => {
    const block = await mneme.user("ada").session("monday").context("Shall we take Pixel to the beach?", {
      allSessions: true,
      tokenBudget: 200,
      model: "gpt-5",
    });
    expect(block.text).toBe(exampleOf("Who this is about:"));
    expect(block).toMatchObject({ tokenizer: "o200k_base", degraded: [] });
    expect(block.tokens).toBeLessThanOrEqual(200);
    expect(block.leftOutCounts).toEqual([{ section: "turns", reason: "budget", count: 1 }]);
    expect(block.citations.at(-1)).toMatchObject({ section: "turns", turn: 2, memoryId: undefined });
    expect(new Set(block.citations.flatMap(({ memoryId }) => memoryId ?? [])).size).toBe(7);
  });

  it("tells the profile that the page shows, and nothing but what was known at another time", async () => {
    const { groups, leftOut } = await mneme.user("ada").profile();
    const told = groups.flatMap(({ name, lines }) => [`${name}:`, ...lines.map(({ text }) => `  ${text}`)]);
    expect(told.join("\n")).toBe(exampleOf("identity:"));
    expect(leftOut).toEqual({ limit: 0, budget: 0, outdated: 0, notRead: 0 });
    const past = await mneme.user("ada").profile({ knownAt: new Date("2026-01-01") });
    expect(past.groups).toEqual([]);
  });

  it("is right the moment after a write", async () => {
    const bo = mneme.user("bo");
    const added = await bo.add("Bo lives in Rome.", { infer: false, waitFor: "extracted" });
    const [id = ""] = added.extraction?.memoryIds ?? [];
    const textsOf = async () =>
      (await bo.profile()).groups.flatMap(({ lines }) => lines.map(({ text }) => text));
    expect(await textsOf()).toEqual(["Bo lives in Rome."]);
    await mneme.memories.update(id, { text: "Bo lives in Oslo." });
    expect(await textsOf()).toEqual(["Bo lives in Oslo."]);
    await mneme.memories.delete(id);
    expect(await textsOf()).toEqual([]);
  });

  it("tells the turns that were added where there is no window, and none that were said later than asked", async () => {
    const cy = mneme.user("cy").session("friday");
    await cy.add(
      [
        { role: "user", name: "Cy", text: "I planted a fig tree.", sentAt: new Date("2026-03-01T10:00:00Z") },
        { role: "assistant", text: "Where did you plant it?", sentAt: new Date("2026-03-02T10:00:00Z") },
      ],
      { waitFor: "searchable" },
    );
    const turnsOf = async (asOf?: Date) => {
      const { citations } = await cy.context("What did Cy plant?", { sections: ["turns"], asOf });
      return citations.map(({ messageIds }) => messageIds.length);
    };
    expect(await turnsOf()).toEqual([1, 1]);
    expect(await turnsOf(new Date("2026-03-01T12:00:00Z"))).toEqual([1]);
    // The statement that rests on a turn which is told is not told again.
    const { citations } = await cy.context("What did Cy plant?", { tokenBudget: 500 });
    const messages = citations.flatMap(({ messageIds }) => messageIds);
    expect(new Set(messages).size).toBe(messages.length);
  });
});
