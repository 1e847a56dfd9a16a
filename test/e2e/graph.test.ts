import { Mneme, type SearchResult } from "@mneme/sdk";
import { describe, expect, it, vi } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

async function freshClient(name: string): Promise<Mneme> {
  const { apiKey } = await provisionSharedTenant(name);
  return new Mneme({ url: sharedStack().url, apiKey });
}

/** An answer in which nothing is missing: the first of a busy machine may come without the graph. */
async function whole(search: () => Promise<SearchResult>): Promise<SearchResult> {
  return vi.waitFor(
    async () => {
      const answer = await search();
      expect(answer.degraded).toEqual([]);
      return answer;
    },
    { timeout: 10_000, interval: 100 },
  );
}

describe("the graph, through the public API", () => {
  it("finds what Sarah suggested for my project, though no single memory says so", async () => {
    await using mneme = await freshClient("graph");
    const dana = mneme.scope({ userId: "dana" });
    const said = [
      "My friend Sarah recommended Rust to me.",
      "My project is written in Rust.",
      "My friend Sarah has a garden in Lisbon.",
      "I bought a new lamp for the kitchen.",
    ];
    await dana.add(
      said.map((text) => ({ role: "user", name: "Dana", text })),
      { waitFor: "searchable" },
    );
    const { hits } = await whole(() => dana.search("What did Sarah suggest for my project?", { limit: 3 }));
    const onTheWay = hits.filter(({ parts }) => (parts?.terms.graph ?? 0) > 0);
    expect(onTheWay.map(({ memory }) => memory.text).sort()).toEqual([
      "Dana's friend Sarah recommended Rust to Dana.",
      "Dana's project is written in Rust.",
    ]);
    expect(hits[0]?.parts?.terms.graph).toBeGreaterThan(0);

    const [sarah, project] = await Promise.all(
      ["Sarah", "Dana's project"].map(async (name) => (await dana.graph.list({ name }).toArray(1))[0]),
    );
    const { paths, entities } = await dana.graph.paths(sarah?.entityId ?? "", project?.entityId ?? "");
    const nameOf = new Map(entities.map(({ entityId, name }) => [entityId, name]));
    const overRust = paths.find(({ entityIds }) => entityIds.some((id) => nameOf.get(id) === "Rust"));
    expect(overRust?.entityIds.map((id) => nameOf.get(id))).toEqual(["Sarah", "Rust", "Dana's project"]);
    expect(overRust?.relations.map(({ type }) => type)).toEqual(["recommended", "used_for"]);
    const [evidence] = overRust?.relations[0]?.evidence ?? [];
    const memory = await mneme.memories.get(evidence?.memoryId ?? "");
    expect(evidence?.messageIds).toEqual(memory.sources.map(({ messageId }) => messageId));

    const { relations } = await dana.graph.neighbours(sarah?.entityId ?? "", { direction: "out" });
    expect(relations.map(({ type }) => type)).toContain("recommended");
    const walked = await dana.graph.traverse([sarah?.entityId ?? ""], { depth: 3 });
    expect(walked.reached.map(({ entity }) => entity.name)).toContain("Dana's project");
    const stranger = mneme.scope({ userId: "emil" });
    expect(await stranger.graph.list().toArray(10)).toEqual([]);
  });

  it.each([
    ["Sarah told me I should try Rust.", "What did Sarah suggest for my project?"],
    ["Sarah swears by Rust.", "What did Sarah recommend for my project?"],
    ["My colleague Sarah put me onto Rust.", "What did Sarah suggest for my project?"],
  ])("finds it however it was said: %s", async (said, question) => {
    await using mneme = await freshClient("graph wordings");
    const dana = mneme.scope({ userId: "dana" });
    const turns = [said, "My project is written in Rust.", "My friend Sarah has a garden in Lisbon."];
    await dana.add(
      turns.map((text) => ({ role: "user", name: "Dana", text })),
      { waitFor: "searchable" },
    );
    const { hits } = await whole(() => dana.search(question, { limit: 3 }));
    const onTheWay = hits.filter(({ parts }) => (parts?.terms.graph ?? 0) > 0);
    expect(onTheWay.map(({ memory }) => memory.text)).toEqual(
      expect.arrayContaining([expect.stringMatching(/Sarah.*Rust/), "Dana's project is written in Rust."]),
    );
    const [sarah] = await dana.graph.list({ name: "Sarah" }).toArray(1);
    const { relations } = await dana.graph.neighbours(sarah?.entityId ?? "", { direction: "out" });
    expect(relations.filter(({ type }) => type === "recommended")).toHaveLength(1);
  });

  it("finds it as well where it is said in other words", async () => {
    await using mneme = await freshClient("graph-other-words");
    const dana = mneme.scope({ userId: "dana" });
    const said = [
      "Sarah told me that Postgres would be a good choice.",
      "We use Postgres in my project.",
      "Sarah has a garden in Lisbon.",
      "I bought a new lamp for the kitchen.",
    ];
    await dana.add(
      said.map((text) => ({ role: "user", name: "Dana", text })),
      { waitFor: "searchable" },
    );
    const { hits } = await whole(() => dana.search("What did Sarah suggest for my project?", { limit: 3 }));
    const onTheWay = hits.filter(({ parts }) => (parts?.terms.graph ?? 0) > 0);
    expect(onTheWay.map(({ memory }) => memory.text).sort()).toEqual([
      "Dana and others use Postgres in Dana's project.",
      "Sarah told Dana that Postgres would be a good choice.",
    ]);
  });

  it("tells what is told as over of its time alone", async () => {
    await using mneme = await freshClient("graph-over");
    const dana = mneme.scope({ userId: "dana" });
    const said = [
      "Eva worked at Acme from 2015 to 2019.",
      "Eva lived in Rome until 2020.",
      "Eva lives in Oslo.",
    ];
    await dana.add(
      said.map((text) => ({ role: "user", name: "Dana", text })),
      { waitFor: "searchable" },
    );
    const [eva] = await dana.graph.list({ name: "Eva" }).toArray(1);
    const edges = async (asOf?: Date) => {
      const { relations, entities } = await dana.graph.neighbours(eva?.entityId ?? "", {
        direction: "out",
        asOf,
      });
      const nameOf = new Map(entities.map(({ entityId, name }) => [entityId, name]));
      return relations.map(({ type, targetEntityId }) => `${type} ${nameOf.get(targetEntityId)}`);
    };
    expect(await edges()).toEqual(["lives_in Oslo"]);
    expect(await edges(new Date("2017-06-01"))).toEqual(["works_at Acme"]);
  });

  it("merges and splits by hand", async () => {
    await using mneme = await freshClient("graph merges");
    const dana = mneme.scope({ userId: "dana" });
    await dana.add(
      ["My sister Anna lives in Oslo.", "My friend Nuria lives in Bern."].map((text) => ({
        role: "user",
        name: "Dana",
        text,
      })),
      { waitFor: "searchable" },
    );
    const find = async (name: string) => (await dana.graph.list({ name }).toArray(1))[0]?.entityId ?? "";
    const [anna, nuria] = [await find("Anna"), await find("Nuria")];
    const merged = await dana.graph.merge(anna, [nuria]);
    expect(merged.names.map(({ name }) => name).sort()).toEqual(["Anna", "Nuria"]);
    expect(merged.merges).toMatchObject([{ rule: "hand" }]);
    await expect(dana.graph.merge(anna, [anna])).rejects.toMatchObject({
      fields: [{ field: "other_entity_ids" }],
    });
    await expect(dana.graph.merge(anna, [await find("Oslo")])).rejects.toMatchObject({
      fields: [{ field: "allow_different_types" }],
    });
    const parted = await dana.graph.split(merged.entityId, [nuria]);
    expect(parted.map(({ name }) => name).sort()).toEqual(["Anna", "Nuria"]);
    await expect(dana.graph.get(crypto.randomUUID())).rejects.toMatchObject({ reason: "ENTITY_NOT_FOUND" });
  });
});
