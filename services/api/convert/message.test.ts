import { create } from "@bufbuild/protobuf";
import { MessageSchema } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { describe, expect, test } from "vitest";
import { fromMessage, requireBounded, toMessages } from "./message.ts";

const NOW = new Date("2024-03-01T10:00:00Z");
const turn = (text: string) => create(MessageSchema, { role: 1, text });

describe("requireBounded", () => {
  test("bounds all messages together", () => {
    expect(() => requireBounded([turn("a")], 5_000_000, true)).toThrow(
      expect.objectContaining({
        reason: "BATCH_TOO_LARGE",
        metadata: { field: "messages", limit: "4194304" },
      }),
    );
  });

  test("takes any text that statements are extracted from", () => {
    requireBounded([turn("a".repeat(100_000)), turn("")], 100_100, true);
  });

  test.each([
    ["empty", "", "must not be blank"],
    ["blank", " \n ", "must not be blank"],
    ["blank to the eye", "\u00a0\u200b\u0301\u3164", "must not be blank"],
    ["longer than a statement may be", "ä".repeat(4097), "must be at most 8192 bytes"],
  ])("refuses a text that is %s where it becomes a statement", (_, text, why) => {
    expect(() => requireBounded([turn("a"), turn(text)], 9000, false)).toThrow(
      expect.objectContaining({
        reason: "FIELD_INVALID",
        metadata: { field: "messages[1].text" },
        message: `messages[1].text: ${why} where it is stored as a statement`,
      }),
    );
  });
});

test("a message survives the way in and out, and gets a time if it has none", () => {
  const wire = create(MessageSchema, {
    role: 4,
    name: "search",
    text: "3 results",
    toolCalls: [{ id: "c1", name: "open", argumentsJson: "{}" }],
    toolCallId: "c0",
  });
  const messages = toMessages([wire], "messages", NOW);
  expect(messages).toMatchObject([{ role: "tool", name: "search", toolCallId: "c0", sentAt: NOW }]);
  expect(toMessages(messages.map(fromMessage), "messages", new Date(0))).toEqual(messages);
});

describe("arguments of tool calls", () => {
  const calling = (...args: string[]) =>
    toMessages(
      [turn("a"), create(MessageSchema, { toolCalls: args.map((argumentsJson) => ({ argumentsJson })) })],
      "turns",
      NOW,
    )[1]?.toolCalls.map(({ argumentsJson }) => argumentsJson);

  test("are JSON of any kind, or none", () => {
    const good = ["", "{}", '{"city":"Rome"}', "[1]", '"x"', "null"];
    expect(calling(...good)).toEqual(good);
  });

  test.each(["{", "hidden-word", "{'a':1}", "undefined"])("are refused otherwise: %s", (text) => {
    expect(() => calling("{}", text)).toThrow(
      expect.objectContaining({
        reason: "FIELD_INVALID",
        metadata: { field: "turns[1].tool_calls[1].arguments_json" },
        message: expect.not.stringContaining("hidden-word"),
      }),
    );
  });
});
