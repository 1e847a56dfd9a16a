import { ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "@mneme/proto/google/rpc/error_details_pb.js";
import { AddMessagesRequestSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { AppendSessionRequestSchema } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
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
      metadata: detail(ErrorInfoSchema.typeName)?.value.metadata,
      field: fields?.[0]?.field,
    };
  }
  throw new Error("expected a refusal");
}

const said = (sentAt: string) => `{"role":"ROLE_USER","text":"a","sentAt":"${sentAt}"}`;

describe("readingJson", () => {
  test("refuses an impossible time beside a possible one under the field's other name", () => {
    const both = '{"messages":[{"sentAt":"2026-02-28T00:00:00Z","sent_at":"2026-02-30T00:00:00Z"}]}';
    expect(refusalOf(both)).toMatchObject({ reason: "FIELD_INVALID" });
  });

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
    [
      "messages[1].sent_at",
      `{"messages":[{"sentAt":"2026-02-28T00:00:00Z"},${said("2026-02-30T00:00:00Z")}]}`,
    ],
    ["messages[0].sent_at", `{"messages":[${said("2026-02-30T00:00:00Z").replace("sentAt", "sent_at")}]}`],
    ["messages[0].sent_at", `{"messages":[${said("2026\\u002d04-31T00:00:00Z")}]}`],
    ["messages[0].sent_at", `{"messages":[${said("2100-02-29T12:00:00+01:00")}]}`],
    ["messages[0].sent_at", `{"messages":[${said("2026-13-01T00:00:00Z")}]}`],
    ["messages[0].sent_at", `{"messages":[${said("2026-01-01T24:00:00Z")}]}`],
  ])("names %s", (field, text) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatchObject({ reason: "FIELD_INVALID", field });
    expect(refusal.message).not.toContain("hidden-word");
  });

  test("takes every time that the calendar has, and text that only looks like one", () => {
    for (const time of ["2024-02-29T00:00:00Z", "2026-12-31T23:59:59.123456789-05:30"])
      read(`{"messages":[${said(time)}]}`);
    read('{"messages":[{"role":1,"text":"2026-02-30T00:00:00Z"}]}');
    const { textDecoder: appending } = readingJson(AppendSessionRequestSchema);
    appending.decode(Buffer.from('{"taskState":{"due":"2026-02-30T00:00:00Z"}}'));
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
      expect(refusal).toMatchObject({ reason: "REQUEST_MALFORMED", metadata: {}, field: undefined });
      expect(refusal.message).not.toContain("hidden-word");
    },
  );
});
