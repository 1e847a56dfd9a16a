import { type Memory, Mneme } from "@mneme/sdk";
import { describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

async function freshClient(name: string): Promise<Mneme> {
  const { apiKey } = await provisionSharedTenant(name);
  return new Mneme({ url: sharedStack().url, apiKey });
}

describe("the archive, through the public API", () => {
  it("hides a memory from every search, and gives it back when it is told again", async () => {
    await using mneme = await freshClient("archive");
    const dana = mneme.scope({ userId: "dana" });
    const tell = (...texts: string[]) =>
      dana.add(
        texts.map((text) => ({ role: "user", name: "Dana", text })),
        { waitFor: "searchable" },
      );
    await tell(
      "My friend Sarah recommended Rust to me.",
      "My project is written in Rust.",
      "I live in Oslo.",
    );
    const all = await dana.list().toArray();
    const about = (text: string) => all.find((memory) => memory.text.includes(text)) as Memory;
    const sarah = about("Sarah");

    const { memory, freshnessToken } = await mneme.memories.archive(sarah.id, { etag: sarah.etag });
    expect(memory).toMatchObject({ archiveReason: "by_hand", etag: sarah.etag, version: 1 });
    const query = "What did Sarah suggest for my project?";
    const found = async (atLeastAsFresh?: string) => {
      const { hits } = await dana.search(query, { limit: 10, atLeastAsFresh });
      return hits.map((hit) => hit.memory.id);
    };
    expect(await found()).not.toContain(sarah.id);
    expect(await found(freshnessToken)).not.toContain(sarah.id);
    const context = await dana.context(query);
    expect(context.text).not.toContain("Sarah recommended");
    expect((await dana.list().toArray()).map(({ id }) => id)).not.toContain(sarah.id);
    expect(await dana.graph.list({ name: "Sarah" }).toArray(5)).toEqual([]);
    expect(await mneme.memories.get(sarah.id)).toMatchObject({ archiveReason: "by_hand", text: sarah.text });

    await tell("My friend Sarah recommended Rust to me.");
    expect(await found()).toContain(sarah.id);
    expect(await mneme.memories.get(sarah.id)).toMatchObject({ archiveReason: undefined, version: 1 });
    const { entries } = await mneme.memories.history(sarah.id);
    const steps = entries.map(({ event, archiveReason, restoreReason }) => [
      event,
      archiveReason ?? restoreReason,
    ]);
    expect(steps).toEqual([
      ["told", undefined],
      ["archived", "by_hand"],
      ["said_again", undefined],
      ["restored", "told_again"],
    ]);
  });

  it("ends and deletes what is archived as any other", async () => {
    await using mneme = await freshClient("archive ends");
    const dana = mneme.scope({ userId: "dana" });
    const tell = (text: string) =>
      dana.add([{ role: "user", name: "Dana", text }], { waitFor: "searchable" });
    await tell("I live in Berlin.");
    await tell("I drive a Volvo.");
    const all = await dana.list().toArray();
    const about = (text: string) => all.find((memory) => memory.text.includes(text)) as Memory;
    for (const { id } of all) await mneme.memories.archive(id);

    await tell("I moved to Munich last month.");
    const berlin = await mneme.memories.get(about("Berlin").id);
    const [munich] = await dana.list().toArray();
    expect(berlin).toMatchObject({ archiveReason: "by_hand", replacedBy: munich?.id });
    await tell("Forget that I drive a Volvo.");
    await expect(mneme.memories.get(about("Volvo").id)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
  });

  it("takes it back into the index by hand", async () => {
    await using mneme = await freshClient("archive back");
    const dana = mneme.scope({ userId: "dana" });
    await dana.add("Dana keeps bees in Lisbon.", { infer: false, waitFor: "searchable" });
    const [bees] = await dana.list().toArray();
    const gone = await mneme.memories.archive(bees?.id ?? "");
    await dana.search("bees", { atLeastAsFresh: gone.freshnessToken });
    const back = await mneme.memories.restore(bees?.id ?? "");
    const { hits } = await dana.search("Who keeps bees?", { atLeastAsFresh: back.freshnessToken });
    expect(hits.map(({ memory }) => memory.id)).toEqual([bees?.id]);
  });
});
