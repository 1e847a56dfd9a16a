import { create } from "@bufbuild/protobuf";
import { MessageSchema } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { describe, expect, test } from "vitest";
import { createCheckMessages } from "./added-messages.ts";

const checkMessages = createCheckMessages();
const turn = (text: string) => create(MessageSchema, { role: 1, text });

describe("createCheckMessages", () => {
  test("bounds all messages together", () => {
    expect(() => checkMessages([turn("a")], 5_000_000, true)).toThrow(
      expect.objectContaining({
        reason: "BATCH_TOO_LARGE",
        metadata: { field: "messages", limit: "4194304" },
      }),
    );
  });

  test("takes any text that statements are extracted from", () => {
    checkMessages([turn("a".repeat(100_000)), turn("")], 100_100, true);
  });

  test.each([
    ["empty", "", "must not be blank"],
    ["blank", " \n ", "must not be blank"],
    ["blank to the eye", "\u00a0\u200b\u0301\u3164", "must not be blank"],
    ["longer than a statement may be", "ä".repeat(4097), "must be at most 8192 bytes"],
  ])("refuses a text that is %s where it becomes a statement", (_, text, why) => {
    expect(() => checkMessages([turn("a"), turn(text)], 9000, false)).toThrow(
      expect.objectContaining({
        reason: "FIELD_INVALID",
        metadata: { field: "messages[1].text" },
        message: `messages[1].text: ${why} where it is stored as a statement`,
      }),
    );
  });
});
