import { chooseExtractor, type Extractors } from "@mneme/core/extraction/choose-extractor.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import type { BudgetSettings } from "@mneme/core/tenancy/settings.ts";
import { createOpenAiExtractors } from "@mneme/models/openai/extractors.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type IngestSuite, openIngestSuite } from "../testing/ingest-suite.ts";
import { messagesOf } from "../testing/read-by-model.ts";
import type { TestBucket } from "../testing/test-bucket.ts";

let suite: IngestSuite;
let bucket: TestBucket;
let server: ScriptedServer;

beforeAll(async () => {
  suite = await openIngestSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());
beforeEach(async () => {
  bucket = await suite.openBucket();
  server = await startScriptedOpenAi({
    chat: (request) => replies.content({ statements: messagesOf(request).map(statement), skipped: [] }),
  });
  const extractors: Extractors = {
    embedded: () => createEmbeddedExtractor(),
    model: createOpenAiExtractors({ baseUrl: server.baseUrl, model: "scripted", projectModels: [] }),
    standard: "model",
  };
  bucket.extractorFor = (settings) => chooseExtractor(extractors, settings);
  bucket.holdToBudgets();
});
afterEach(() => server[Symbol.asyncDispose]());

function statement(text: string, index: number) {
  return { text, evidence: [{ message: index + 1, quote: text }], category: "other" };
}

/** Wakes the bucket and has all of it done. */
const work = async () => (await suite.wake(bucket)).result();
const spent = (whenSpent?: BudgetSettings["whenSpent"]) =>
  bucket.set({ budget: { monthlyTokens: 0, ...(whenSpent && { whenSpent }) } });
const raised = () => bucket.set({ budget: { monthlyTokens: 1_000_000 } });
const WAITS = {
  state: "queued",
  attempts: 0,
  failure: undefined,
  waiting: { reason: "BUDGET_EXCEEDED", until: expect.any(Date) },
};

describe("a person whose project's budget is spent", () => {
  it.each([undefined, "queue", "refuse"] as const)("waits untried, and says so (%s)", async (whenSpent) => {
    await spent(whenSpent);
    const added = await bucket.add("ada", "Ada walked through Rome.");
    await work();
    expect(await bucket.get(added)).toMatchObject(WAITS);
    const { waiting } = await bucket.get(added);
    expect(waiting?.until.toISOString()).toMatch(/-01T00:00:0\d/);
    expect(server.requests).toEqual([]);
  });

  it("goes on in order once it is raised, with what came meanwhile behind it", async () => {
    await spent();
    const first = await bucket.add("ada", "Ada walked through Rome.");
    await work();
    const second = await bucket.import("ada", "Ada owns a boat.");
    const third = await bucket.add("ada", "Ada walked through Paris.");
    await work();
    for (const id of [first, second, third]) expect(await bucket.get(id)).toMatchObject(WAITS);
    expect(await bucket.isHeld("ada")).toBe(true);
    await raised();
    expect(await bucket.release()).toBe(1);
    expect(await bucket.isHeld("ada")).toBe(false);
    await work();
    for (const id of [first, second, third]) {
      expect(await bucket.get(id)).toMatchObject({ state: "searchable", attempts: 0, waiting: undefined });
    }
    const read = server.requests.flatMap((request) => messagesOf(request));
    expect(read).toEqual(["Ada walked through Rome.", "Ada walked through Paris."]);
    expect(await bucket.release()).toBe(0);
  });

  it("is looked at by nobody while nothing changes, and goes on when the month turns", async () => {
    await bucket.set({ budget: { monthlyTokens: 20_000 } });
    const first = await bucket.add("ada", "Ada walked through Rome.");
    await work();
    expect(await bucket.get(first)).toMatchObject({ state: "searchable" });
    await bucket.set({ budget: { monthlyTokens: 200 } });
    const second = await bucket.add("ada", "Ada walked through Paris.");
    await work();
    await bucket.ageHolds();
    const loads = bucket.loads.length;
    expect(await bucket.release()).toBe(0);
    expect(bucket.loads).toHaveLength(loads);
    expect(await bucket.get(second)).toMatchObject(WAITS);
    await bucket.set({ budget: { monthlyTokens: 20_000 } });
    await bucket.ageHolds();
    expect(await bucket.release()).toBe(0);
    await bucket.turnMonth();
    expect(await bucket.release()).toBe(1);
    await work();
    expect(await bucket.get(second)).toMatchObject({ state: "searchable", attempts: 0 });
  });

  it("waits on where the month turns and nothing is allowed", async () => {
    await spent();
    const added = await bucket.add("ada", "Ada walked through Rome.");
    await work();
    await bucket.turnMonth();
    expect(await bucket.release()).toBe(1);
    await work();
    expect(await bucket.get(added)).toMatchObject(WAITS);
  });

  it("keeps nobody waiting whom no model reads", async () => {
    await spent();
    const waits = await bucket.add("ada", "Ada walked through Rome.");
    const passes = await bucket.import("bo", "Bo owns a boat.");
    await work();
    expect(await bucket.get(passes)).toMatchObject({ state: "searchable", waiting: undefined });
    expect(await bucket.get(waits)).toMatchObject(WAITS);
  });

  it("is read by the rules where the project wants that, and the memories say so", async () => {
    await spent("embedded");
    const added = await bucket.add("ada", "I moved to Rome.");
    await work();
    const { state, extractor } = await bucket.get(added);
    expect({ state, extractor }).toEqual({
      state: "searchable",
      extractor: expect.stringMatching(/^embedded\//),
    });
    const kept = await bucket.kept();
    expect(kept.length).toBeGreaterThan(0);
    for (const one of kept) expect(one.extractor).toMatch(/^embedded/);
    expect(server.requests).toEqual([]);
  });
});
