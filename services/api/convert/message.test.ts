import { create } from "@bufbuild/protobuf";
import { MessageSchema } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { describe, expect, test } from "vitest";
import { fromMessage, toMessages } from "./message.ts";

const NOW = new Date("2024-03-01T10:00:00Z");
const turn = (text: string) => create(MessageSchema, { role: 1, text });

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
