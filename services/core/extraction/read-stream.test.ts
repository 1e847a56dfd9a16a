import { describe, expect, test } from "vitest";
import type { Settings } from "../tenancy/settings.ts";
import { contentOf } from "./content-testing.ts";
import type { ExtractionInput, Turn } from "./extractor.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { StreamBatch } from "./ingest-store.ts";
import { readStream } from "./read-stream.ts";

const turn = (messageId: string, text: string): Turn => {
  return { messageId, sessionId: undefined, role: "user", name: "Ada", text, sentAt: new Date(0) };
};
const SAID = [
  turn("a", "I keep bees."),
  turn("b", "I have asthma. It is sunny."),
  turn("c", "I row on the lake."),
];

/** What comes of what Ada said, read turn by turn, and what the reader was given. */
async function read(settings: Settings) {
  const given: ExtractionInput[] = [];
  const ids = {
    subject: undefined,
    agentId: undefined,
    appId: undefined,
    teamId: undefined,
    sessionId: undefined,
  };
  const batch: StreamBatch = {
    streamId: "s",
    audience: "u",
    projectId: "p",
    subject: undefined,
    participants: [],
    summary: "",
    context: [],
    loadedAt: new Date(),
    pending: SAID.map((one) => {
      return {
        turn: one,
        extractionId: "e",
        apiKeyId: undefined,
        audience: "u",
        ids,
        metadata: {},
        draft: undefined,
      };
    }),
  };
  const extractor: IngestDeps["extractor"] = {
    name: "test",
    version: "1",
    extract: async (input) => {
      given.push(input);
      const statements = SAID.map(({ messageId, text }) => contentOf(text, messageId).statement);
      return { statements, dropped: [], summary: "Ada keeps bees. Ada has asthma." };
    },
  };
  const answers = { find: async () => undefined, keep: async () => undefined };
  const deps = { answers } as unknown as IngestDeps;
  const reading = await readStream(deps, "t", { batch, settings, extractor }, undefined);
  return { reading, given };
}

describe("what a project keeps out", () => {
  test("is in no statement, no window, no summary and no kept answer of a model", async () => {
    const { reading, given } = await read({ extraction: { excludeSensitive: ["health"] } });
    expect(reading.statements.map(({ statement }) => statement.text)).toEqual([
      "I keep bees.",
      "I row on the lake.",
    ]);
    expect(reading.sensitive).toEqual([{ messageId: "b", kind: "health" }]);
    const windows = reading.statements.map(({ features }) => features.window);
    expect(windows.join(" ")).not.toContain("asthma");
    expect(windows[1]?.replaceAll(/\s+/g, " ")).toBe("I keep bees. It is sunny. I row on the lake.");
    expect(reading.summary).toBe("Ada keeps bees.");
    expect(given[0]?.answers).toBeUndefined();
  });

  test("is kept, and what a model answers with it, where nobody keeps it out", async () => {
    const { reading, given } = await read({});
    expect(reading.statements).toHaveLength(3);
    expect(reading.sensitive).toEqual([]);
    expect(reading.statements[2]?.features.window).toContain("asthma");
    expect(reading.summary).toContain("asthma");
    expect(given[0]?.answers).toBeDefined();
  });
});
