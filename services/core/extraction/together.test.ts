import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyToShadow } from "../replay/apply-to-shadow.ts";
import type { ShadowMemory } from "../replay/shadow-memory.ts";
import { ShadowStream } from "../replay/shadow-stream.ts";
import { decideStreams } from "./decide-streams.ts";
import { createEmbeddedExtractor } from "./embedded/extractor.ts";
import type { DecidingDeps } from "./ingest-deps.ts";
import type { PendingMessage, StreamBatch } from "./ingest-store.ts";
import { readStream } from "./read-stream.ts";

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 4, 4, 9);
const extractor = createEmbeddedExtractor();

/** Texts lie as near as they share words, and none so far that it is not found: what is near by meaning is not in question. */
const embedder = {
  model: "words",
  dimension: 64,
  embed: async (texts: readonly string[]) => texts.map(vectorOf),
};

function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(64);
  vector[0] = 2;
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    const place = [...word].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 64, 7);
    vector[place] = 1 + (vector[place] ?? 0);
  }
  const length = Math.hypot(...vector);
  return length > 0 ? vector.map((value) => value / length) : vector;
}

function messagesOf(texts: readonly string[], gapMs: number): PendingMessage[] {
  return texts.map((text, i): PendingMessage => {
    const sentAt = new Date(BEGIN + i * gapMs);
    const turn = { messageId: `m${i}`, sessionId: "s", role: "user" as const, name: "Ada", text, sentAt };
    const ids = { subject: { id: "ada", epoch: 1 }, agentId: undefined, appId: undefined, teamId: undefined };
    return {
      turn,
      extractionId: "e",
      apiKeyId: undefined,
      audience: "own",
      ids: { ...ids, sessionId: "s" },
      metadata: { [`from${i}`]: "yes" },
      draft: undefined,
    };
  });
}

/** What is known once groups of messages were added one after another. */
async function known(groups: readonly (readonly PendingMessage[])[]) {
  const shadow = new ShadowStream();
  const deps: DecidingDeps = {
    embedder,
    store: {
      findExact: async (_, said) => said.map((one) => shadow.findExact(one)),
      findBySlots: async (_, asked) => asked.map((one) => shadow.findBySlots(one)),
      findLast: async (_, asked) => asked.map((one) => shadow.findLast(one)),
      statements: async (_, memories) => memories.map((one) => shadow.statement(one)),
    },
    index: { nearest: async (queries) => queries.map((query) => shadow.nearest(query)) },
  };
  const worked: PendingMessage[] = [];
  for (const pending of groups) {
    const batch: StreamBatch = {
      streamId: "stream",
      audience: "own",
      projectId: "p",
      subject: { id: "ada", epoch: 1 },
      participants: [{ name: "Ada", role: "user" }],
      summary: "",
      context: worked.slice(-10).map(({ turn }) => turn),
      pending,
      loadedAt: new Date(BEGIN),
    };
    const reading = await readStream(deps, "t", { batch, settings: {}, extractor }, undefined);
    const [result] = await decideStreams(deps, "t", [reading], undefined);
    if (!result) throw new Error("a reading without a result");
    applyToShadow(shadow, result);
    worked.push(...pending);
  }
  return told(shadow.memories);
}

function told(memories: readonly ShadowMemory[]) {
  const textOf = new Map(memories.map(({ id, content }) => [id, content.statement.text]));
  return memories
    .map(({ content: { statement, metadata, features }, ended }) => ({
      text: statement.text,
      confidence: statement.confidence.toFixed(6),
      importance: statement.importance,
      from: (statement.valid.from ?? features.saidAt).toISOString(),
      to: statement.valid.to?.toISOString(),
      sources: statement.sources.map(({ messageId }) => messageId),
      metadata,
      endedBy: ended && textOf.get(ended.by),
    }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Of each, a statement may repeat, enrich, end or delete another. */
const TOPICS = [
  [
    "I live in Rome.",
    "I moved to Oslo.",
    "I moved back to Rome.",
    "I live in Oslo now.",
    "Forget where I live.",
  ],
  ["I work at BMW.", "I work at Audi now.", "I work at BMW again.", "I don't work at Audi any more."],
  ["I have a dog.", "I have a dog called Rex.", "I don't have a dog any more.", "My dog Rex died."],
  ["I am vegan.", "I am no longer vegan.", "I am vegan again.", "Forget that I am vegan."],
  ["I am allergic to nuts.", "Forget that I am allergic to nuts.", "I am not allergic to nuts."],
  ["My favourite colour is green.", "My favourite colour is blue now.", "I went swimming."],
];

const conversation = fc
  .subarray(TOPICS, { minLength: 1, maxLength: 2 })
  .chain((topics) => fc.array(fc.constantFrom(...topics.flat()), { minLength: 2, maxLength: 6 }));

describe("messages that are added together", () => {
  it.each([
    [["I live in Rome.", "I moved to Oslo.", "I moved back to Rome."]],
    [["I work at BMW.", "I work at Audi now.", "I work at BMW again."]],
    [["I am vegan.", "I am no longer vegan.", "I am vegan again."]],
    [["I am allergic to nuts.", "Forget that I am allergic to nuts.", "I am allergic to nuts."]],
    [["I have a dog.", "I have a dog called Rex.", "I have a dog.", "I have a dog called Rex."]],
  ])("tell what they tell one after another: %j", async (texts) => {
    const messages = messagesOf(texts, 24 * HOUR);
    const apart = await known(messages.map((one) => [one]));
    expect(await known([messages])).toEqual(apart);
    expect(await known([messages.slice(0, 1), messages.slice(1)])).toEqual(apart);
  });

  it("do so whatever they say, and however they are grouped", async () => {
    await fc.assert(
      fc.asyncProperty(
        conversation,
        fc.constantFrom(HOUR / 60, 24 * HOUR),
        fc.nat({ max: 5 }),
        async (texts, gapMs, at) => {
          const messages = messagesOf(texts, gapMs);
          const apart = await known(messages.map((one) => [one]));
          const groups = [messages.slice(0, at), messages.slice(at)].filter(({ length }) => length > 0);
          expect(await known(groups)).toEqual(apart);
        },
      ),
      { numRuns: 150 },
    );
  });
});
