import fc from "fast-check";
import { expect, it } from "vitest";
import type { PendingMessage, StreamBatch } from "../ingest-store.ts";
import { divideBatch } from "./divide-batch.ts";

const message = (text: string, i: number): PendingMessage => ({
  turn: {
    messageId: `m${i}`,
    sessionId: undefined,
    role: "user",
    name: undefined,
    text,
    sentAt: new Date(0),
  },
  extractionId: "e",
  apiKeyId: undefined,
  audience: "a",
  ids: { subject: undefined, agentId: undefined, appId: undefined, teamId: undefined, sessionId: undefined },
  metadata: {},
  draft: undefined,
  mayWait: true,
});
const batchOf = (...texts: readonly string[]): StreamBatch => ({
  streamId: "s",
  audience: "a",
  projectId: "p",
  subject: undefined,
  participants: [],
  summary: "",
  context: [],
  loadedAt: new Date(),
  pending: texts.map(message),
});
const textsOf = ({ pending }: StreamBatch) => pending.map(({ turn }) => turn.text);

it("gives a longer turn a request of its own", () => {
  const parts = divideBatch(batchOf("a", "long", "b", "c"), { turns: 3, characters: 3 });
  expect(parts.map(textsOf)).toEqual([["a"], ["long"], ["b", "c"]]);
  expect(parts.map(({ context }) => context.map(({ text }) => text))).toEqual([[], ["a"], ["a", "long"]]);
});

it("loses no message and none's place, and is within its limits", () => {
  const limits = { turns: fc.integer({ min: 1, max: 20 }), characters: fc.integer({ min: 1, max: 30 }) };
  fc.assert(
    fc.property(fc.array(fc.string()), fc.record(limits), (texts, most) => {
      const parts = divideBatch(batchOf(...texts), most);
      expect(parts.flatMap(textsOf)).toEqual(texts);
      for (const part of parts.map(textsOf)) {
        expect(part.length).toBeLessThanOrEqual(most.turns);
        if (part.length > 1) expect(part.join("").length).toBeLessThanOrEqual(most.characters);
      }
      const before = (part: StreamBatch) => texts.slice(0, texts.length - after(part, parts)).slice(-10);
      for (const part of parts) expect(part.context.map(({ text }) => text)).toEqual(before(part));
    }),
  );
});

/** How many messages the part and those behind it have. */
function after(part: StreamBatch, parts: readonly StreamBatch[]): number {
  return parts.slice(parts.indexOf(part)).flatMap(textsOf).length;
}
