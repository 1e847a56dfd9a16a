import { Mneme } from "@mneme/sdk";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

describe("a conversation comes back as memories", () => {
  let mneme: Mneme;
  let stranger: Mneme;

  beforeAll(async () => {
    const { url } = sharedStack();
    mneme = new Mneme({ url, apiKey: (await provisionSharedTenant("remember")).apiKey });
    stranger = new Mneme({ url, apiKey: (await provisionSharedTenant("stranger")).apiKey });
  });
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stranger?.[Symbol.asyncDispose]();
  });

  it("finds what was said, with its source, its parts and inside the budget", async () => {
    const ada = mneme.user("ada@example.com").session("monday");
    const added = await ada.add(
      [
        { role: "user", name: "Ada", text: "I moved to Lisbon last week and adopted a beagle called Pixel." },
        { role: "assistant", text: "How lovely! Does Pixel like the sea?" },
        { role: "user", name: "Ada", text: "She hates water. My sister Grace wants to visit in October." },
      ],
      { waitFor: "searchable", metadata: { channel: "chat" } },
    );
    expect(added.extraction?.state).toBe("searchable");
    expect(added.messageIds).toHaveLength(3);

    const result = await mneme.user("ada@example.com").search("Where does Ada live now?");
    expect(result.degraded).toEqual([]);
    const [best] = result.hits;
    expect(best?.memory.text).toMatch(/Lisbon/);
    expect(best?.memory.text).toMatch(/Ada/);
    expect(best?.memory.sources[0]).toMatchObject({ messageId: added.messageIds[0], name: "Ada" });
    expect(best?.memory.metadata).toEqual({ channel: "chat" });
    expect(best?.memory.provenance?.extractor).toBe("embedded");
    expect(Object.values(best?.parts.terms ?? {}).reduce((a, b) => a + b, 0)).toBeCloseTo(
      best?.parts.fused ?? Number.NaN,
      6,
    );
    expect(result.tokens).toBeLessThanOrEqual(200);

    const context = await mneme
      .user("ada@example.com")
      .context("What is the dog called?", { tokenBudget: 120 });
    expect(context.text).toMatch(/Pixel/);
    expect(context.tokens).toBeLessThanOrEqual(120);
    expect(context.citations.length).toBeGreaterThan(0);
  });

  it("finds the statement that holds a code, before those that were only said beside it", async () => {
    const lea = mneme.user("lea").session("lockers");
    const said = [
      "Our rowing club rents lockers at the old harbour.",
      "My oars are kept in k100095 until the end of the season, along with the spare blades and my jacket.",
      "Grace painted the boathouse green last spring.",
      "The club bought a new boat in Porto.",
    ];
    await lea.add(
      said.map((text) => ({ role: "user" as const, name: "Lea", text })),
      { waitFor: "searchable" },
    );
    for (const query of ["k100095", "Is anything green or new in k100095?"]) {
      const [best, ...others] = (await mneme.user("lea").search(query)).hits;
      expect(best?.memory.text).toMatch(/k100095/);
      expect(best?.parts.terms.rare).toBeGreaterThan(0);
      // They hold it too, in the turns around them.
      expect(others.filter(({ parts }) => parts.bm25 > 0).length).toBeGreaterThan(0);
      expect(others.filter(({ parts }) => parts.terms.rare !== 0)).toEqual([]);
    }
  });

  it("keeps what is told to one agent apart from another's, and finds a session's facts in each session", async () => {
    const noa = mneme.user("noa");
    const [coach, chef] = [noa.agent("coach"), noa.agent("chef")];
    await coach.add("I am vegan.", { name: "Noa", waitFor: "searchable" });
    for (const session of ["monday", "friday"]) {
      await chef.session(session).add("I am vegan.", { name: "Noa", waitFor: "searchable" });
    }
    const heard = async (scope: typeof noa) => (await scope.search("What does Noa eat?")).hits;
    for (const scope of [chef, chef.session("monday"), chef.session("friday")]) {
      const [hit, ...others] = await heard(scope);
      expect(others).toEqual([]);
      expect(hit?.memory.text).toMatch(/vegan/);
      expect(hit?.memory.sources).toHaveLength(2);
    }
    const known = (await heard(noa)).filter(({ memory }) => memory.text.includes("vegan"));
    expect(known).toHaveLength(1);
  });

  it("counts what it returns, in search and context", async () => {
    const max = mneme.user("max");
    const added = await max.add("I tune cellos.", { name: "Max", waitFor: "searchable" });
    const memoryId = added.extraction?.memoryIds[0] ?? "";
    const { etag } = await mneme.memories.get(memoryId);
    expect((await max.search("Who tunes cellos?")).hits).toHaveLength(1);
    expect((await max.context("Who tunes cellos?")).citations).toHaveLength(1);
    const admin = new pg.Pool({ connectionString: sharedStack().adminUrl, max: 1 });
    try {
      const uses = async () => {
        const found = await admin.query("select uses from mneme.memory_uses where memory_id = $1", [
          memoryId,
        ]);
        return Number(found.rows[0]?.uses);
      };
      await expect.poll(uses, { timeout: 30_000 }).toBe(2);
    } finally {
      await admin.end();
    }
    expect((await mneme.memories.get(memoryId)).etag).toBe(etag);
  });

  it("shows another tenant nothing, in the same shape as nothing at all", async () => {
    const added = await mneme
      .user("bo")
      .add("I keep bees on the roof.", { name: "Bo", waitFor: "searchable" });
    const memoryId = added.extraction?.memoryIds[0] ?? "";
    await expect(stranger.memories.get(memoryId)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    await expect(stranger.extractions.get(added.extractionId)).rejects.toMatchObject({
      reason: "EXTRACTION_NOT_FOUND",
    });
    expect((await stranger.user("bo").search("bees")).hits).toEqual([]);
    await expect(
      stranger.user("bo").search("bees", { atLeastAsFresh: added.freshnessToken }),
    ).rejects.toMatchObject({ reason: "FRESHNESS_TOKEN_INVALID" });
  });

  it("reads its own update, keeps the version before, and forgets a deleted one for good", async () => {
    const cy = mneme.user("cy");
    const added = await cy.add("I play the cello on Sundays.", { name: "Cy", waitFor: "searchable" });
    const id = added.extraction?.memoryIds[0] ?? "";
    const before = await mneme.memories.get(id);
    const updated = await mneme.memories.update(
      id,
      { text: "Cy plays the oboe on Sundays." },
      { etag: before.etag },
    );
    expect(updated.memory.version).toBe(2);
    const found = await cy.search("Which instrument does Cy play?", { atLeastAsFresh: updated });
    expect(found.hits.map(({ memory }) => memory.text)).toEqual(["Cy plays the oboe on Sundays."]);
    await expect(
      mneme.memories.update(id, { text: "Too late." }, { etag: before.etag }),
    ).rejects.toMatchObject({ reason: "ETAG_MISMATCH" });
    const versions = await Array.fromAsync(mneme.memories.versions(id));
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);

    await mneme.memories.delete(id);
    await expect(mneme.memories.get(id)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    expect((await cy.search("Which instrument does Cy play?")).hits).toEqual([]);
    const again = async (sentAt: Date) => {
      const message = { role: "user", name: "Cy", text: "I play the cello on Sundays.", sentAt } as const;
      await cy.add([message], { waitFor: "searchable" });
      return (await Array.fromAsync(cy.list())).map(({ text }) => text);
    };
    // What was said before the deletion does not bring it back, whenever it is sent; saying it anew does.
    expect(await again(new Date("2026-01-05"))).toEqual([]);
    expect(await again(new Date())).toEqual(["Cy plays the cello on Sundays."]);
  });

  it("finds what was said more than once by each time", async () => {
    const hal = mneme.user("hal");
    const days = ["2024-01-10", "2024-03-10"].map((day) => new Date(day));
    for (const sentAt of days) {
      await hal.add([{ role: "user", name: "Hal", text: "I own a boat.", sentAt }], {
        waitFor: "searchable",
      });
    }
    expect(await Array.fromAsync(hal.list())).toHaveLength(1);
    const said = async (saidAfter: string, saidBefore: string) => {
      const filter = { saidAfter: new Date(saidAfter), saidBefore: new Date(saidBefore) };
      return (await hal.search("Does Hal own a boat?", { filter })).hits.length;
    };
    expect(await said("2024-01-01", "2024-02-01")).toBe(1);
    expect(await said("2024-03-01", "2024-04-01")).toBe(1);
    expect(await said("2024-02-01", "2024-03-01")).toBe(0);
  });

  it("answers a repeated request once", async () => {
    const di = mneme.user("di");
    const options = { name: "Di", requestId: "same", waitFor: "searchable" } as const;
    const [first, second] = await Promise.all([
      di.add("I run a bakery.", options),
      di.add("I run a bakery.", options),
    ]);
    expect(second.extractionId).toBe(first.extractionId);
    expect(second.messageIds).toEqual(first.messageIds);
    await expect(di.add("I run a cinema.", options)).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED" });
    expect(await Array.fromAsync(di.list())).toHaveLength(1);
  });

  it("keeps a session window and ends it", async () => {
    const session = mneme.user("eve").session("call");
    await session.append([{ role: "user", text: "Book a table" }], { taskState: { step: "when" } });
    const window = await session.append("For two, please");
    expect(window.turns.map(({ text }) => text)).toEqual(["Book a table", "For two, please"]);
    expect(window.taskState).toEqual({ step: "when" });
    await session.end();
    await expect(session.window()).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
  });

  it("finds imported statements by when they were said where they come from", async () => {
    const gil = mneme.user("gil");
    const saidAt = new Date("2019-05-20T09:30:00Z");
    const imported = await gil.import([
      { text: "Gil rows on the Tejo.", saidAt },
      { text: "Gil rows on the Douro." },
    ]);
    await mneme.waitFor(imported);
    const during = { saidAfter: new Date("2019-05-20"), saidBefore: new Date("2019-05-21") };
    const { hits } = await gil.search("Where does Gil row?", { filter: during });
    expect(hits.map(({ memory }) => memory.text)).toEqual(["Gil rows on the Tejo."]);
    expect(hits[0]?.memory).toMatchObject({ validFrom: saidAt, sources: [{ sentAt: saidAt }] });
    const late = await gil.search("Where does Gil row?", { filter: { saidAfter: during.saidBefore } });
    expect(late.hits.map(({ memory }) => memory.text)).toEqual(["Gil rows on the Douro."]);
    const { text, citations } = await gil.context("Where does Gil row?", { filter: during });
    expect(text).toContain("2019-05-20");
    expect(citations).toMatchObject([{ memoryId: hits[0]?.memory.id, saidAt }]);
  });

  it("imports finished statements and filters by their metadata", async () => {
    const flo = mneme.user("flo");
    const statements = Array.from({ length: 600 }, (_, i) => ({
      text: `Flo's shelf ${i} carries ${i % 2 ? "atlases" : "novels"}.`,
      metadata: { even: i % 2 === 0 },
    }));
    const imported = await flo.import(statements);
    expect(imported.accepted).toBe(600);
    await mneme.waitFor(imported);
    const { hits } = await flo.search("Which shelf carries atlases?", {
      filter: { metadata: { even: false } },
      limit: 20,
      tokenBudget: 2_000,
    });
    expect(hits).toHaveLength(20);
    expect(hits.every(({ memory }) => memory.metadata.even === false)).toBe(true);
    const { deleted } = await flo.deleteAll();
    expect(deleted).toBe(600);
    expect((await flo.search("atlases")).hits).toEqual([]);
  });
});
