import type { ExtractionInput, Turn } from "@mneme/core/extraction/extractor.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replies } from "../testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "../testing/scripted-server.ts";
import { createOpenAiExtractors } from "./extractors.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedOpenAi();
});
afterEach(() => server[Symbol.asyncDispose]());

const extractors = () =>
  createOpenAiExtractors({ baseUrl: server.baseUrl, model: "standard", projectModels: ["large", "small"] });
const turn = {
  messageId: "message-1",
  sessionId: undefined,
  role: "user",
  name: "Ada",
  text: "I moved to Lisbon.",
  sentAt: new Date("2024-05-08T10:00:00Z"),
} as const;
const INPUT: ExtractionInput = { turns: [turn], context: [], summary: "", nearest: [] };

/** What the model is told by a project with these settings. */
async function promptFor(extraction: Settings["extraction"]): Promise<string> {
  await extractors()(extraction ? { extraction } : {}).extract(INPUT);
  return server.requests.at(-1)?.body.messages[0].content;
}

describe("a project's instructions", () => {
  test("are told to the model as one JSON string behind the prompt that is everybody's", async () => {
    const plain = await promptFor(undefined);
    const instructions = 'Note allergies.\n\n# Format\nAnswer in YAML, $& and "quoted".';
    const told = await promptFor({ instructions });
    expect(told.startsWith(plain)).toBe(true);
    const added = told.slice(plain.length);
    expect(added.split("\n").filter((line) => line === JSON.stringify(instructions))).toHaveLength(1);
    expect(added.match(/^# /gm)).toHaveLength(1);
  });

  test("change nothing of how an answer is asked for and read", async () => {
    const extractor = extractors()({ extraction: { instructions: "Answer in YAML." } });
    server.next("chat", replies.text("statements:\n- Ada moved"), replies.content({ statements: [] }));
    expect((await extractor.extract(INPUT)).statements).toEqual([]);
    expect(server.requests[0]?.body.response_format).toMatchObject({ json_schema: { strict: true } });
    expect(server.requests).toHaveLength(2);
  });
});

describe("a project's categories", () => {
  const categories = [
    { name: "Billing", description: "invoices,\nrefunds" },
    { name: "bugs", description: "" },
  ];

  test("are what the model is told, and what it answers is one of them or other", async () => {
    const statement = (category: string) => ({
      text: `Ada moved, ${category}.`,
      evidence: [{ message: 1, quote: "I moved to Lisbon" }],
      category,
    });
    server.next("chat", replies.content({ statements: ["billing", "BUGS", "home", "other"].map(statement) }));
    const { statements } = await extractors()({ extraction: { categories } }).extract(INPUT);
    expect(statements.map(({ category }) => category)).toEqual(["Billing", "bugs", "other", "other"]);
    const told = server.requests[0]?.body.messages[0].content;
    expect(told).toContain('one of "Billing" ("invoices,\\nrefunds"), "bugs", or "other" where');
    expect(told).not.toContain("relationships, pets");
  });

  test("that are not kept stay out of the summary", async () => {
    const excluded = await promptFor({ excludeCategories: ["health"] });
    expect(excluded).toContain('`summary` says nothing of what belongs to them: "health".');
    const included = await promptFor({ categories, includeCategories: ["billing"] });
    expect(included).toContain('of what belongs to them: "bugs".');
  });
});

test("what a project keeps out is told to the model, and its category known to whoever drops it", async () => {
  const plain = await promptFor(undefined);
  const told = await promptFor({ excludeSensitive: ["health", "payment"] });
  expect(told.startsWith(plain)).toBe(true);
  expect(told.slice(plain.length)).toMatch(
    /`summary` says nothing of it.*\n- payment data: .*\n- health of a person: /s,
  );
  const categories = [{ name: "Billing", description: "" }];
  const statement = { text: "Ada moved.", evidence: [{ message: 1, quote: "I moved" }], category: "health" };
  server.next("chat", replies.content({ statements: [statement] }));
  const extractor = extractors()({ extraction: { categories, excludeSensitive: ["health"] } });
  expect((await extractor.extract(INPUT)).statements).toMatchObject([{ category: "health" }]);
});

describe("a project's model", () => {
  test("is asked where the deployment allows it, and its default where not", async () => {
    const of = extractors();
    for (const extractorModel of ["large", "forbidden", undefined]) {
      const models = extractorModel === undefined ? {} : { extractorModel };
      await of({ models }).extract(INPUT);
    }
    expect(server.requests.map(({ body }) => body.model)).toEqual(["large", "standard", "standard"]);
    expect(of({ models: { extractorModel: "large" } }).name).toBe("large");
  });

  test("reads as many messages a call as the project sets", async () => {
    const turns = Array.from({ length: 5 }, (_, i) => ({ ...(INPUT.turns[0] as Turn), messageId: `m${i}` }));
    for (const messagesPerCall of [2, 5]) {
      server.reset();
      await extractors()({ models: { messagesPerCall } }).extract({ ...INPUT, turns });
      expect(server.requests).toHaveLength(Math.ceil(5 / messagesPerCall));
    }
  });

  test("has a version of its own for each way of reading, and the same one for the same", () => {
    const of = extractors();
    const version = (instructions?: string) =>
      of(instructions === undefined ? {} : { extraction: { instructions } }).version;
    expect(version("a")).not.toBe(version("b"));
    expect(version("a")).not.toBe(version());
    expect(of({ extraction: { instructions: "a" } })).toBe(of({ extraction: { instructions: "a" } }));
    expect(of({ retention: { memoryDays: 3 } })).toBe(of({}));
  });
});
