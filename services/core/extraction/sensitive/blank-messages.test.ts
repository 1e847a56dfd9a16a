import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentOf } from "../content-testing.ts";
import type { Statement } from "../extractor.ts";
import type { PendingMessage, StreamBatch } from "../ingest-store.ts";
import { blankMessages } from "./blank-messages.ts";
import { sensitiveKindOf } from "./find-sensitive.ts";
import { SENSITIVE_KINDS, type SensitiveKind } from "./sensitive-kind.ts";
import { withoutExcluded } from "./without-excluded.ts";

const ids = { subject: { id: "u", epoch: 1 } } as unknown as PendingMessage["ids"];

function batchOf(text: string, toolCalls?: PendingMessage["toolCalls"]): StreamBatch {
  const turn = {
    messageId: "a",
    sessionId: undefined,
    role: "user" as const,
    name: undefined,
    text,
    sentAt: new Date("2026-03-01T10:00:00Z"),
  };
  const message: PendingMessage = {
    turn,
    extractionId: "e",
    apiKeyId: undefined,
    audience: "u",
    ids,
    metadata: {},
    draft: undefined,
    toolCalls,
  };
  return {
    streamId: "s",
    audience: "u",
    projectId: "p",
    subject: undefined,
    participants: [],
    summary: "",
    context: [],
    loadedAt: new Date(),
    pending: [message],
  };
}

/** What a statement rests on. */
function said(text: string, part: string): Statement {
  const start = text.indexOf(part);
  return {
    ...contentOf(part, "a").statement,
    sources: [{ messageId: "a", start, end: start + part.length }],
  };
}

function blanked(text: string, kinds: SensitiveKind[], kept: string[] = [], dropped: string[] = []) {
  const batch = batchOf(text);
  const excluded = new Set(kinds);
  const statements = {
    kept: kept.map((one) => said(text, one)),
    dropped: dropped.map((one) => said(text, one)),
  };
  return blankMessages(batch, withoutExcluded(batch, excluded), excluded, statements).get("a")?.text;
}

describe("what stays of a message that was read", () => {
  test("is all of it where nothing is kept out", () => {
    expect(blanked("I have asthma.", [])).toBeUndefined();
    expect(blanked("I keep bees.", ["health"], ["I keep bees"])).toBeUndefined();
  });

  test("is nothing of one that says no more than what is kept out", () =>
    expect(blanked("I have asthma.", ["health"])).toBe(""));

  test("is what else it says, each where it stood", () => {
    const text = "I keep bees. I have asthma. I row.";
    expect(blanked(text, ["health"], ["I keep bees."])).toBe("I keep bees.                I row.");
  });

  test("is of one sentence the half that is remembered", () =>
    expect(blanked("I live in Oslo and I have asthma.", ["health"], ["I live in Oslo"])).toBe(
      "I live in Oslo                   ",
    ));

  test("is not the half that is remembered where that tells it too", () => {
    const text = "I live in Oslo with my asthma and two cats.";
    expect(blanked(text, ["health"], [text])).toBe("");
  });

  test("is not what a statement rests on that was dropped for more than its words", () =>
    expect(
      blanked(
        "I row. I carry a blue inhaler thing.",
        ["health"],
        ["I row."],
        ["I carry a blue inhaler thing."],
      ),
    ).toBe("I row.                              "));

  test("is not what is led in by the sentence before", () =>
    expect(blanked("My card number? 4111 1111 1111 1111. I row.", ["payment"], ["I row."])?.trim()).toBe(
      "I row.",
    ));

  test("is a tool call without arguments that hold any", () => {
    const calls = [
      { id: "1", name: "pay", argumentsJson: '{"card": "4111 1111 1111 1111"}' },
      { id: "2", name: "look", argumentsJson: '{"city": "Oslo"}' },
    ];
    const batch = batchOf("Paying.", calls);
    const excluded = new Set<SensitiveKind>(["payment"]);
    const found = blankMessages(batch, withoutExcluded(batch, excluded), excluded, { kept: [], dropped: [] });
    expect(found.get("a")).toEqual({
      text: "Paying.",
      toolCalls: [{ ...calls[0], argumentsJson: "" }, calls[1]],
    });
  });

  test("holds none of it, and is as long as it was, whatever is remembered of it", () => {
    const parts = fc.constantFrom(
      "I have asthma",
      "I live in Oslo",
      "my card number?",
      "4111 1111 1111 1111",
      "mail me at ada@example.com",
      "my password is hunter22",
      "I row.",
      "and",
      "My SSN is 078-05-1120.",
    );
    const texts = fc.array(parts, { minLength: 1, maxLength: 6 }).map((all) => all.join(" "));
    fc.assert(
      fc.property(
        texts,
        fc.subarray([...SENSITIVE_KINDS], { minLength: 1 }),
        fc.array(fc.tuple(fc.nat(80), fc.nat(80)), { maxLength: 4 }),
        (text, kinds, spans) => {
          const cuts = spans.map(([from, to]) => text.slice(Math.min(from, to), Math.max(from, to)));
          const left =
            blanked(
              text,
              kinds,
              cuts.filter((one) => one !== ""),
            ) ?? text;
          expect(sensitiveKindOf(left, kinds)).toBeUndefined();
          expect(["", text].some((whole) => whole.length === left.length)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
