import { create } from "@bufbuild/protobuf";
import { MnemeError } from "@mneme/core/errors.ts";
import { AddMessagesRequestSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchRequestSchema } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { AppendSessionRequestSchema } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkValues } from "./values.ts";

function faultIn(run: () => void): { field: string; description: string } | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof MnemeError && error.fields[0]) return error.fields[0];
    throw error;
  }
}

const addText = (text: string) =>
  faultIn(() =>
    checkValues(
      AddMessagesRequestSchema,
      create(AddMessagesRequestSchema, { messages: [{ text: "fine" }, { text }] }),
    ),
  );

const wellFormed = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));

describe("checkValues", () => {
  test("lets every well-formed text without NUL pass", () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        expect(addText(text)).toBeUndefined();
      }),
    );
  });

  test("finds a NUL or a lone surrogate wherever it stands", () => {
    const fault = fc.constantFrom("\0", "\ud800", "\udfff");
    fc.assert(
      fc.property(wellFormed, fault, wellFormed, (before, bad, after) => {
        // A surrogate beside its other half is a character.
        fc.pre(!`${before}${bad}${after}`.isWellFormed() || bad === "\0");
        expect(addText(before + bad + after)?.field).toBe("messages[1].text");
      }),
    );
  });

  test("names the field in lists, maps, their keys and oneofs", () => {
    const at = (init: Parameters<typeof create<typeof AddMessagesRequestSchema>>[1]) =>
      faultIn(() => checkValues(AddMessagesRequestSchema, create(AddMessagesRequestSchema, init)))?.field;
    expect(at({ scope: { userId: "a\0" } })).toBe("scope.user_id");
    expect(at({ messages: [{ toolCalls: [{ name: "x" }, { argumentsJson: "\0" }] }] })).toBe(
      "messages[0].tool_calls[1].arguments_json",
    );
    expect(at({ metadata: { topic: { value: { case: "stringValue", value: "\0" } } } })).toBe(
      'metadata["topic"].string_value',
    );
    expect(at({ metadata: { "a\0": { value: { case: "boolValue", value: true } } } })).toBe("metadata[...]");
  });

  test("looks into free-form JSON, keys included", () => {
    const at = (taskState: Record<string, unknown>) =>
      faultIn(() =>
        checkValues(
          AppendSessionRequestSchema,
          create(AppendSessionRequestSchema, { taskState: taskState as never }),
        ),
      )?.field;
    expect(at({ steps: [{ done: true }, { note: "\0" }] })).toBe('task_state["steps"][1]["note"]');
    expect(at({ "\ud800": 1 })).toBe("task_state[...]");
    expect(at({ steps: [1, null, "fine"] })).toBeUndefined();
  });

  test.each([-1, 1_000_000_000, 2_147_483_647, -2_147_483_648])("finds a time of %i nanos", (nanos) => {
    const time = { seconds: 1_700_000_000n, nanos };
    const inSearch = (init: Parameters<typeof create<typeof SearchRequestSchema>>[1]) =>
      faultIn(() => checkValues(SearchRequestSchema, create(SearchRequestSchema, init)))?.field;
    expect(inSearch({ asOf: time })).toBe("as_of");
    expect(inSearch({ filter: { saidAfter: time } })).toBe("filter.said_after");
    const messages = [{ text: "fine" }, { text: "fine", sentAt: time }];
    const adding = create(AddMessagesRequestSchema, { messages });
    expect(faultIn(() => checkValues(AddMessagesRequestSchema, adding))?.field).toBe("messages[1].sent_at");
  });

  test.each([0, 999_999_999])("lets a time of %i nanos pass", (nanos) => {
    const request = create(SearchRequestSchema, { asOf: { seconds: -1n, nanos } });
    expect(faultIn(() => checkValues(SearchRequestSchema, request))).toBeUndefined();
  });

  test("does not show keys that do not look like identifiers, nor any value", () => {
    const fault = faultIn(() =>
      checkValues(
        AddMessagesRequestSchema,
        create(AddMessagesRequestSchema, {
          metadata: { "ada@example.org": { value: { case: "stringValue", value: "hidden-word\0" } } },
        }),
      ),
    );
    expect(fault?.field).toBe("metadata[...].string_value");
    expect(JSON.stringify(fault)).not.toContain("hidden-word");
  });
});
