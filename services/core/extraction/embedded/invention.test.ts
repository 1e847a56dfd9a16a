import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Turn } from "../extractor.ts";
import { extract } from "../testing/conversation.ts";
import { readsAlone } from "../testing/self-contained.ts";
import { createEmbeddedExtractor } from "./extractor.ts";
import { normalize } from "./normalize.ts";
import { thirdPerson } from "./verbs.ts";

const extractor = createEmbeddedExtractor();

describe("nothing is invented", () => {
  const demo = new URL("../../../../examples/demo/conversation.json", import.meta.url);

  test("the demo's statements read on their own, 95 % at least", async () => {
    const { statements } = await extractDemo(await demoTurns(demo));
    expect(statements.length).toBeGreaterThan(50);
    const alone = statements.filter(({ text }) => readsAlone(text));
    expect(alone.length / statements.length).toBeGreaterThanOrEqual(0.95);
  });

  test("every content word comes from the sources, the turns before them, names or dates", async () => {
    const turns = await demoTurns(demo);
    const place = new Map(turns.map((turn, i) => [turn.messageId, i]));
    const { statements } = await extractDemo(turns);
    for (const { text, sources } of statements) {
      const at = place.get(sources[0]?.messageId ?? "") ?? 0;
      const said = turns.slice(Math.max(0, at - 4), at + 1).map((turn) => `${turn.text} ${turn.name ?? ""}`);
      const known = vocabulary(said.join(" "));
      for (const word of wordsOf(text)) expect(known, `${word} in: ${text}`).toContain(word);
    }
  });

  test("any text gives statements with spans inside it and every turn an outcome", async () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.constantFrom(
        "I ",
        "you ",
        "my ",
        "yesterday ",
        "? ",
        "! ",
        "\n",
        "[image: a cat] ",
        "and ",
        "Rosa, ",
        "it is ",
        "```",
        "we ",
      ),
    );
    const line = fc.tuple(
      fc.constantFrom(
        "Rosa" as const,
        "Emil" as const,
        "user" as const,
        "assistant" as const,
        "tool" as const,
        "system" as const,
      ),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const { statements, dropped } = await extract(...lines);
        const length = new Map(lines.map(([, text], i) => [`m${i}`, text.length]));
        for (const { text, sources, embeddingText, confidence, importance, valid } of statements) {
          expect(text.trim()).not.toBe("");
          expect(embeddingText).not.toBe("");
          expect(confidence).toBeGreaterThan(0);
          expect(confidence).toBeLessThanOrEqual(1);
          expect(importance).toBeGreaterThan(0);
          expect(importance).toBeLessThanOrEqual(1);
          expect(valid.from?.getTime()).not.toBeNaN();
          for (const { messageId, start, end } of sources) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(length.get(messageId) ?? -1);
          }
        }
        const told = new Set([
          ...statements.map(({ sources }) => sources[0]?.messageId),
          ...dropped.map((d) => d.messageId),
        ]);
        expect(told.size).toBe(lines.length);
      }),
      { numRuns: 200 },
    );
  });

  test("a message without an end takes linear time", async () => {
    for (const text of [
      "a".repeat(200_000),
      " ".repeat(200_000),
      "I, ".repeat(70_000),
      "?!.".repeat(70_000),
      '"'.repeat(200_000),
      "Subject: ".repeat(20_000),
      "email from ".repeat(20_000),
    ]) {
      const { statements } = await extract(["user", text]);
      // What has no words is cut by its length.
      expect(statements.length).toBeLessThanOrEqual(40 + text.length / 1_000);
    }
  }, 60_000);
});

interface DemoFile {
  readonly conversation: Readonly<Record<string, unknown>>;
}

/** The demo's turns; the assistant goes without a name. */
async function demoTurns(file: URL): Promise<Turn[]> {
  const [sample] = JSON.parse(await readFile(file, "utf8")) as DemoFile[];
  const turns: Turn[] = [];
  for (let session = 1; ; session += 1) {
    const lines = sample?.conversation[`session_${session}`] as {
      speaker: string;
      dia_id: string;
      text: string;
    }[];
    if (!lines) return turns;
    const when = String(sample?.conversation[`session_${session}_date_time`]).replace(/^.* on /, "");
    for (const { speaker, dia_id, text } of lines) {
      const machine = speaker === "Assistant";
      turns.push({
        messageId: dia_id,
        sessionId: String(session),
        role: machine ? "assistant" : "user",
        name: machine ? undefined : speaker,
        text,
        sentAt: new Date(`${when} UTC`),
      });
    }
  }
}

function extractDemo(turns: readonly Turn[]) {
  return extractor.extract({ turns, context: [], summary: "", nearest: [] });
}

/** What the extractor may add: names by role, verbs of saying, pronouns for names, dates. */
const ADDED =
  "yes no the user assistant others and said asked replying after saying told suggested shared about to not a picture of is has does was them their theirs themself it they that in on around week weekend evening morning night january february march april may june july august september october november december";

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}]+(?:'[\p{L}]+)?/gu) ?? []).map((word) => word.replace(/'s$/, ""));
}

function vocabulary(said: string): Set<string> {
  const plain = [...wordsOf(said), ...wordsOf(normalize(said)), ...wordsOf(ADDED)];
  return new Set([...plain, ...plain.map((word) => thirdPerson(word)), "doesn't", "isn't", "hasn't"]);
}
