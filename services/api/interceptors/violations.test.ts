import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { MnemeError } from "@mneme/core/errors.ts";
import { AddMessagesRequestSchema } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchRequestSchema } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { describe, expect, test } from "vitest";
import { createCheckRules } from "./violations.ts";

const checkRules = createCheckRules([AddMessagesRequestSchema]);

function refusalOf(run: () => void): MnemeError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof MnemeError) return error;
    throw error;
  }
}

const adding = (init: MessageInitShape<typeof AddMessagesRequestSchema>) =>
  refusalOf(() => checkRules(AddMessagesRequestSchema, create(AddMessagesRequestSchema, init)));
const searching = (init: MessageInitShape<typeof SearchRequestSchema>) =>
  refusalOf(() => checkRules(SearchRequestSchema, create(SearchRequestSchema, init)));

const scope = { userId: "ada" };
const message = { role: 1, text: "I moved to Lisbon." };

describe("createCheckRules", () => {
  test("lets a good request pass", () => {
    expect(adding({ scope, messages: [message] })).toBeUndefined();
  });

  test("names every field with its path", () => {
    const error = adding({
      scope,
      messages: [message, { role: 77, text: "hi" }, { role: 1, text: "   " }, { role: 0, text: "hi" }],
    });
    expect(error?.reason).toBe("FIELD_INVALID");
    expect(error?.fields).toEqual([
      { field: "messages[1].role", description: expect.any(String) },
      { field: "messages[2]", description: "text must not be empty unless there are tool_calls" },
      { field: "messages[3].role", description: "must be set" },
    ]);
    expect(error?.message).toContain("(and 2 more)");
  });

  test("says which limit a batch is over", () => {
    const error = adding({ scope, messages: Array.from({ length: 10_000 }, () => message) });
    expect(error).toMatchObject({
      reason: "BATCH_TOO_LARGE",
      metadata: { field: "messages", limit: "1000" },
      fields: [{ field: "messages" }],
    });
  });

  test("bounds what it names", () => {
    const error = adding({ scope, messages: Array.from({ length: 900 }, () => ({ role: 0, text: "" })) });
    expect(error?.fields).toHaveLength(32);
    expect(error?.message).toContain("(and 1799 more)");
  });

  test("asks for a scope, whether it is missing or empty", () => {
    expect(adding({ messages: [message] })?.reason).toBe("SCOPE_REQUIRED");
    expect(adding({ scope: {}, messages: [message] })).toMatchObject({
      reason: "SCOPE_REQUIRED",
      metadata: { field: "scope" },
    });
  });

  test("refuses texts over their limit without quoting them", () => {
    const error = adding({ scope, messages: [{ role: 1, text: "hidden-word ".repeat(200_000) }] });
    expect(error?.fields[0]?.field).toBe("messages[0].text");
    expect(error?.message).not.toContain("hidden-word");
  });

  test.each([
    ["min_similarity", { minSimilarity: Number.NaN }],
    ["min_similarity", { minSimilarity: 1.5 }],
    ["min_score", { minScore: Number.POSITIVE_INFINITY }],
    ["ranking.weights.keyword", { ranking: { weights: { keyword: Number.NaN } } }],
    ["as_of", { asOf: { seconds: 99_999_999_999n, nanos: 0 } }],
    ["limit", { limit: 101 }],
    ["query", { query: " \n " }],
  ])("refuses an unusable %s", (field, init) => {
    expect(searching({ scope, query: "where does Ada live", ...init })?.fields[0]?.field).toBe(field);
  });

  test("does not show a key of metadata that is not an identifier", () => {
    const value = { value: { case: "boolValue", value: true } } as const;
    const error = adding({ scope, messages: [message], metadata: { "ada@example.org": value } });
    expect(error?.fields[0]?.field).toBe("metadata[...]");
    expect(error?.message).not.toContain("example.org");
  });
});
