import { type AddResult, type MemoryScope, Mneme, type SearchOptions } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type FaultStack, startFaultStack } from "../harness/fault-stack.ts";
import { compareRecordAndIndex } from "../harness/record-and-index.ts";

const WAIT = { timeoutMs: 240_000 };

/** What is said and done while an engine is away, and what is made up for when it is back. */
describe("an engine is away", () => {
  let engines: FaultStack["engines"];
  let stack: FaultStack;
  let mneme: Mneme;

  beforeAll(async () => {
    stack = await startFaultStack("degraded");
    engines = stack.engines;
    mneme = new Mneme({
      url: stack.processes.api.url,
      apiKey: stack.tenant.apiKey,
      timeoutMs: 120_000,
      attemptTimeoutMs: 60_000,
    });
  }, 300_000);
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  }, 120_000);

  const add = (user: MemoryScope, text: string) => user.add(text, { name: "Sol" });

  async function ask(user: MemoryScope, query: string, options: SearchOptions = {}) {
    const { hits, degraded } = await user.search(query, options);
    return {
      texts: hits.map(({ memory }) => memory.text).join("\n"),
      degraded: degraded.map(({ part }) => part),
    };
  }

  /** On a machine that is busy besides, the index may be late once. */
  const askWhole = (user: MemoryScope, query: string, options?: SearchOptions) =>
    vi.waitUntil(
      async () => {
        const found = await ask(user, query, options);
        return found.degraded.length === 0 && found;
      },
      { timeout: 60_000 },
    );

  async function expectOnce(user: MemoryScope, words: readonly string[]): Promise<void> {
    const texts = (await Array.fromAsync(user.list())).map(({ text }) => text);
    expect(texts).toHaveLength(words.length);
    for (const word of words) expect(texts.filter((text) => text.includes(word))).toHaveLength(1);
  }

  /** The index holds what the record holds: as many documents as versions. */
  async function expectIndexed(): Promise<void> {
    const urls = { postgresUrl: engines.postgres.url, opensearchUrl: engines.opensearch.url };
    const difference = async () => {
      const { versions, behind, documents } = await compareRecordAndIndex(stack, urls);
      return { behind, missing: versions - documents };
    };
    await expect.poll(difference, { timeout: 60_000 }).toEqual({ behind: 0, missing: 0 });
  }

  it("OpenSearch stopped: adds are taken, searches go by what is recent and say so", async () => {
    const sol = mneme.user("sol");
    const known: AddResult[] = [];
    for (const text of ["I live in Bergen.", "I own a harp.", "I fear moths."])
      known.push(await add(sol, text));
    await add(mneme.user("other"), "I sell umbrellas in Kyoto.");
    const [bergen, harp] = (await mneme.waitFor(known, WAIT)).map(({ memoryIds }) => memoryIds[0] ?? "");
    await askWhole(sol, "Where does Sol live?");
    await engines.opensearch.kill("SIGTERM");

    const accepted = [await add(sol, "I sell umbrellas."), await add(mneme.user("new"), "I sell lamps.")];
    for (const added of accepted) await mneme.waitFor(added, { ...WAIT, until: "extracted" });
    const found = await ask(sol, "Who sells umbrellas?");
    expect(found.degraded).toEqual(["index"]);
    expect(found.texts).toContain("umbrellas");
    expect(found.texts).not.toContain("Kyoto");
    expect((await ask(mneme.user("new"), "lamps")).texts).toContain("lamps");
    const context = await sol.context("Where does Sol live?");
    expect(context.degraded.map(({ part }) => part)).toEqual(["index"]);
    expect(context.text).toContain("Bergen");
    const metrics = await (await fetch(stack.processes.api.metricsUrl)).text();
    expect(metrics).toMatch(/mneme_api_degraded_total\{[^}]*method="GetContext",part="index"\} 1/);
    expect((await mneme.status()).serving).toBe(true);

    // What changes meanwhile shows at once: the answer comes from the record.
    await mneme.memories.update(harp ?? "", { text: "Sol owns a lute." });
    await mneme.memories.delete(bergen ?? "");
    const changed = await ask(sol, "Where does Sol live, with which instrument?");
    expect(changed.texts).toContain("lute");
    expect(changed.texts).not.toMatch(/harp|Bergen/);
    expect(await ask(sol, "moths", { asOf: new Date("2001-01-01") })).toEqual({
      texts: "",
      degraded: ["index"],
    });

    // Who insists on the index's answer waits for it, and not for ever.
    const insisting = sol.search("umbrellas", { atLeastAsFresh: accepted[0], timeoutMs: 2_000, retries: 0 });
    await expect(insisting).rejects.toMatchObject({ kind: "deadline_exceeded" });
    const late = await sol.add("I sail at dawn.", { name: "Sol", waitFor: "searchable", timeoutMs: 4_000 });
    expect(late.waitExpired).toBe(true);

    await engines.opensearch.start();
    await mneme.waitFor([...accepted, late], WAIT);
    await expectOnce(sol, ["lute", "moths", "umbrellas", "dawn"]);
    await expectOnce(mneme.user("new"), ["lamps"]);
    const options = { atLeastAsFresh: late, tokenBudget: 1_000 };
    const whole = await askWhole(sol, "Where does Sol live, with umbrellas, which instrument?", options);
    expect(whole.texts).toMatch(/umbrellas/);
    expect(whole.texts).toMatch(/lute/);
    expect(whole.texts).not.toMatch(/harp|Bergen/);
    await expectIndexed();
  }, 600_000);

  it("OpenSearch hanging: searches do not wait for it", async () => {
    const tor = mneme.user("tor");
    await tor.add("I mend nets.", { name: "Tor", waitFor: "searchable" });
    // Resolves when the process is gone, which these signals do not do.
    void engines.opensearch.kill("SIGSTOP");
    try {
      const found = await ask(tor, "Who mends nets?");
      expect(found.degraded).toEqual(["index"]);
      expect(found.texts).toContain("nets");
      await tor.add("I dry herring.", { name: "Tor" });
    } finally {
      void engines.opensearch.kill("SIGCONT");
    }
    await tor.add("I salt cod.", { name: "Tor", waitFor: "searchable", timeoutMs: 240_000 });
    await expectOnce(tor, ["nets", "herring", "cod"]);
    await askWhole(tor, "Who dries herring?");
  }, 600_000);

  it("Temporal stopped: adds are taken and worked later, searches are whole", async () => {
    const users = ["uma", "ulf"].map((id) => mneme.user(id));
    for (const user of users) await user.add("I bake rye bread.", { name: "Uma", waitFor: "searchable" });
    await engines.temporal.kill("SIGTERM");

    const accepted: AddResult[] = [];
    for (const user of users)
      for (const text of ["I weave baskets.", "I brew mead."])
        accepted.push(await user.add(text, { name: "Uma" }));
    const repeated = { name: "Uma", requestId: "while-away" };
    const [first] = users as [MemoryScope];
    accepted.push(await first.add("I tan leather.", repeated), await first.add("I tan leather.", repeated));
    for (const user of users) {
      const found = await askWhole(user, "Who bakes rye bread?");
      expect(found.texts).toContain("rye bread");
    }
    const imported = await first.import(["Uma owns a loom.", "Uma owns a kiln."]);
    expect(imported.accepted).toBe(2);

    await engines.temporal.start();
    await mneme.waitFor(accepted, WAIT);
    await mneme.waitFor(imported, WAIT);
    await expectOnce(first, ["bread", "baskets", "mead", "leather", "loom", "kiln"]);
    await expectOnce(users[1] as MemoryScope, ["bread", "baskets", "mead"]);
    await expectIndexed();
  }, 600_000);

  it("PostgreSQL stopped: nothing is promised, calls say when to come back", async () => {
    const vik = mneme.user("vik");
    await vik.add("I carve spoons.", { name: "Vik", waitFor: "searchable" });
    // SIGTERM would wait for its clients to leave.
    await engines.postgres.kill("SIGINT");

    const once = { retries: 0 };
    const refusals = [
      vik.add("I carve bowls.", { name: "Vik", ...once }),
      vik.search("Who carves spoons?", once),
      vik.list(once).page(),
    ];
    for (const refusal of await Promise.allSettled(refusals)) {
      expect(refusal).toMatchObject({
        status: "rejected",
        reason: {
          kind: "unavailable",
          reason: "DEPENDENCY_UNAVAILABLE",
          retryAfterMs: expect.any(Number),
        },
      });
    }
    await expect.poll(async () => (await mneme.status()).serving, { timeout: 60_000 }).toBe(false);
    const retries = { retries: 200, maxDelayMs: 1_000 };
    const patient = vik.add("I carve masks.", { name: "Vik", retries });

    await engines.postgres.start();
    await mneme.waitFor(await patient, WAIT);
    await expectOnce(vik, ["spoons", "masks"]);
    await expect.poll(async () => (await mneme.status()).serving, { timeout: 60_000 }).toBe(true);
    await askWhole(vik, "Who carves spoons?");
  }, 600_000);
});
