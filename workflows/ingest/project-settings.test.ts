import { chooseExtractor, type Extractors } from "@mneme/core/extraction/choose-extractor.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { createOpenAiExtractors } from "@mneme/models/openai/extractors.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type IngestSuite, openIngestSuite } from "../testing/ingest-suite.ts";
import { messagesOf } from "../testing/read-by-model.ts";
import type { TestBucket } from "../testing/test-bucket.ts";

/** By the first word of a message, what the model says that it is about. */
const CATEGORIES: Readonly<Record<string, string>> = { Ada: "health", Bo: "billing", Cy: "sports" };

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
  const { baseUrl } = server;
  const extractors: Extractors = {
    embedded: () => createEmbeddedExtractor(),
    model: createOpenAiExtractors({ baseUrl, model: "standard", projectModels: ["large"] }),
    standard: "model",
  };
  bucket.extractorFor = (settings) => chooseExtractor(extractors, settings);
});
afterEach(() => server[Symbol.asyncDispose]());

function statement(text: string, index: number) {
  const [name = ""] = text.split(" ");
  const entities = ["Rome", name].map((each) => ({ name: each, type: "other" }));
  const relations = [{ source: name, type: "was_in", target: "Rome" }];
  const evidence = [{ message: index + 1, quote: text }];
  return { text, evidence, category: CATEGORIES[name] ?? "other", entities, relations };
}

/** Has a person's turns worked. @returns their extraction. */
async function work(...texts: string[]): Promise<string> {
  const added = await bucket.add("ada", ...texts);
  await (await suite.wake(bucket)).result();
  expect((await bucket.of(added)).state).toBe("searchable");
  return added;
}

it("reads by what the project chooses, and keeps which one it was", async () => {
  await work("Ada walked through Rome.");
  await bucket.set({
    models: { extractorModel: "large" },
    extraction: { instructions: "Note the weather." },
  });
  await work("Bo walked through Rome.");
  await bucket.set({ models: { extractor: "embedded" } });
  await work("I grew up in Rome.");
  const kept = await bucket.kept();
  expect(kept.map(({ extractor }) => extractor)).toEqual(["standard", "large", "embedded"]);
  const told = server.requests.map(({ body }) => body.messages[0].content.includes("Note the weather."));
  expect(told).toEqual([false, true]);
});

it("sorts into the project's categories, and drops and counts what it does not keep", async () => {
  const categories = [{ name: "Billing", description: "" }];
  await bucket.set({ extraction: { categories, excludeCategories: ["health"] } });
  const added = await work("Ada saw a doctor in Rome.", "Bo paid in Rome.", "Cy ran in Rome.");
  expect((await bucket.kept()).map(({ category }) => category)).toEqual(["Billing", "other"]);
  // It is none of the categories, and dropped by the name that the model gave it.
  expect(await bucket.droppedOf(added)).toEqual({ all: 1, sensitive: {}, byCategory: { excluded: 1 } });
});

it("keeps only what is included", async () => {
  await bucket.set({ extraction: { includeCategories: ["health"] } });
  const added = await work("Ada saw a doctor in Rome.", "Bo paid in Rome.");
  expect((await bucket.kept()).map(({ category }) => category)).toEqual(["health"]);
  expect(await bucket.droppedOf(added)).toEqual({ all: 1, sensitive: {}, byCategory: { not_included: 1 } });
});

it("counts over all calls of one add what is not kept for its category, apart from what holds too much", async () => {
  const extraction = { excludeCategories: ["sports"], excludeSensitive: ["payment"] } as const;
  await bucket.set({ extraction, models: { messagesPerCall: 1 } });
  const card = "Bo paid by card 4111 1111 1111 1111.";
  const added = await work("Cy ran in Rome.", "Bo paid in Rome.", card, "Cy rode to Rome.");
  expect(server.requests).toHaveLength(4);
  expect(await bucket.droppedOf(added)).toEqual({
    all: 3,
    sensitive: { payment: 1 },
    byCategory: { excluded: 2 },
  });
});

it("forgets what is asked for also where the project does not keep its category any more", async () => {
  await bucket.set({ models: { extractor: "embedded" } });
  await work("I have asthma.");
  expect(await bucket.kept()).toHaveLength(1);
  await bucket.set({ models: { extractor: "embedded" }, extraction: { excludeCategories: ["health"] } });
  await work("Forget that I have diabetes.");
  expect(await bucket.kept()).toHaveLength(1);
  await work("Forget that I have asthma.");
  expect(await bucket.kept()).toEqual([]);
});

it("keeps finished statements as they are given", async () => {
  await bucket.set({ extraction: { includeCategories: ["health"] } });
  const added = await bucket.import("ada", "Bo paid in Rome.");
  await (await suite.wake(bucket)).result();
  expect(await bucket.of(added)).toMatchObject({ state: "searchable" });
  expect(await bucket.kept()).toMatchObject([{ extractor: "import" }]);
  expect(await bucket.droppedOf(added)).toEqual({ all: 0, sensitive: {}, byCategory: {} });
});

it("keeps no graph of a project that wants none", async () => {
  await work("Ada saw a doctor in Rome.");
  await bucket.set({ graphEnabled: false });
  await work("Bo paid in Rome.");
  expect(await bucket.kept()).toMatchObject([
    { entities: 2, relations: 1 },
    { entities: 0, relations: 0 },
  ]);
});
