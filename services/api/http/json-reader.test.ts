import { ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "@mneme/proto/google/rpc/error_details_pb.js";
import { AddMessagesRequestSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { describe, expect, test } from "vitest";
import { readingJson } from "./json-reader.ts";

const { textDecoder } = readingJson(AddMessagesRequestSchema);
const read = (text: string | Uint8Array) =>
  textDecoder.decode(typeof text === "string" ? Buffer.from(text) : text);

function refusalOf(text: string | Uint8Array) {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    const detail = (type: string) =>
      error.details.find((one) => "desc" in one && one.desc.typeName === type) as
        | { value: Record<string, unknown> }
        | undefined;
    const fields = detail(BadRequestSchema.typeName)?.value.fieldViolations as
      | { field: string }[]
      | undefined;
    return {
      message: error.message,
      reason: detail(ErrorInfoSchema.typeName)?.value.reason,
      field: fields?.[0]?.field,
    };
  }
  throw new Error("expected a refusal");
}

describe("readingJson", () => {
  test("gives back what can be read", () => {
    const text = '{"messages":[{"role":"ROLE_USER","text":"héllo","tool_calls":[]}],"waitFor":1}';
    expect(read(text)).toBe(text);
  });

  test.each([
    ["messages[1].role", '{"messages":[{"role":"ROLE_USER","text":"a"},{"role":"hidden-word"}]}'],
    ["messages[0].text", '{"messages":[{"text":12345}]}'],
    ["messages[0].sent_at", '{"messages":[{"sentAt":"hidden-word"}]}'],
    ["messages[0].tool_calls[0].arguments_json", '{"messages":[{"toolCalls":[{"argumentsJson":{"a":1}}]}]}'],
    ["messages", '{"messages":{"hidden-word":1}}'],
    ["messages[0]", '{"messages":["hidden-word"]}'],
    ["scope.user_id", '{"scope":{"user_id":7}}'],
    ['metadata["topic"].number_value', '{"metadata":{"topic":{"numberValue":"hidden-word"}}}'],
    ['["infre"]', '{"infre":true}'],
    ['messages[0]["txt"]', '{"messages":[{"txt":"hidden-word"}]}'],
    ["messages[0][...]", '{"messages":[{"the hidden-word":"x"}]}'],
    ["infer", '{"infer":"hidden-word"}'],
    ["messages[0].text", '{"messages":[{"text":"\\ud800"}]}'],
  ])("names %s", (field, text) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatchObject({ reason: "FIELD_INVALID", field });
    expect(refusal.message).not.toContain("hidden-word");
  });

  test("names the field of invalid UTF-8", () => {
    const bytes = Buffer.from('{"messages":[{"text":"ab"}]}');
    bytes[bytes.indexOf("ab")] = 0xff;
    expect(refusalOf(bytes).field).toBe("messages[0].text");
  });

  test.each(["{hidden-word", "", "[]", '"hidden-word"', '{"scope":{},"scope":{}}'])(
    "refuses a body that is no such object: %s",
    (text) => {
      const refusal = refusalOf(text);
      expect(refusal.reason).toBe("FIELD_INVALID");
      expect(refusal.message).not.toContain("hidden-word");
    },
  );
});
