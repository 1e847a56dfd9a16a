import { readFileSync } from "node:fs";
import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { MnemeError } from "@mneme/core/errors.ts";
import type { MemoryDraftSchema } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import {
  AddMessagesRequestSchema,
  ImportMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { ContextSectionRequestSchema } from "@mneme/proto/mneme/search/v1/context_pb.js";
import type { ArmWeightsSchema } from "@mneme/proto/mneme/search/v1/search_pb.js";
import {
  GetContextRequestSchema,
  GetProfileRequestSchema,
  SearchRequestSchema,
} from "@mneme/proto/mneme/search/v1/search_service_pb.js";
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

const refusalIn = <Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>) =>
  refusalOf(() => checkRules(schema, create(schema, init)));
const adding = (init: MessageInitShape<typeof AddMessagesRequestSchema>) =>
  refusalIn(AddMessagesRequestSchema, init);
const searching = (init: MessageInitShape<typeof SearchRequestSchema>) =>
  refusalIn(SearchRequestSchema, init);

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
      { field: "messages[1].role", description: expect.any(String), reason: "FIELD_INVALID" },
      {
        field: "messages[2].text",
        description: "must not be blank unless there are tool_calls",
        reason: "FIELD_INVALID",
      },
      { field: "messages[3].role", description: "must be set", reason: "FIELD_INVALID" },
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

  test("gives each field its own reason, and speaks of the first one", () => {
    const several = adding({ messages: Array.from({ length: 1001 }, () => ({ role: 0, text: "hi" })) });
    expect(several).toMatchObject({
      reason: "BATCH_TOO_LARGE",
      metadata: { field: "messages", limit: "1000" },
    });
    expect(several?.fields.slice(0, 3).map(({ field, reason }) => [field, reason])).toEqual([
      ["messages", "BATCH_TOO_LARGE"],
      ["scope", "SCOPE_REQUIRED"],
      ["messages[0].role", "FIELD_INVALID"],
    ]);
    expect(adding({ messages: [{ role: 0, text: "hi" }] })).toMatchObject({
      reason: "SCOPE_REQUIRED",
      fields: [{ reason: "SCOPE_REQUIRED" }, { field: "messages[0].role", reason: "FIELD_INVALID" }],
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
    ["ranking.origins.tool", { ranking: { origins: { stated: 1.5, tool: 1.51 } } }],
    ["ranking.origins.stated", { ranking: { origins: { stated: 0.49 } } }],
    ["ranking.origins.inferred", { ranking: { origins: { inferred: Number.NaN } } }],
    ["as_of", { asOf: { seconds: 99_999_999_999n, nanos: 0 } }],
    ["limit", { limit: 101 }],
    ["query", { query: "" }],
  ])("refuses an unusable %s", (field, init) => {
    expect(searching({ scope, query: "where does Ada live", ...init })?.fields[0]?.field).toBe(field);
  });

  test.each([
    ["min_similarity", { minSimilarity: Number.NaN }],
    ["min_similarity", { minSimilarity: Number.NEGATIVE_INFINITY }],
    ["min_score", { minScore: Number.POSITIVE_INFINITY }],
  ])("says of a %s that is no number what it must be, and nothing else", (field, init) => {
    expect(searching({ scope, query: "where does Ada live", ...init })).toMatchObject({
      message: `${field}: must be a finite number`,
      fields: [{ field, description: "must be a finite number" }],
    });
  });

  test("refuses weights of which none counts", () => {
    const weighing = (weights: MessageInitShape<typeof ArmWeightsSchema>) =>
      searching({ scope, query: "where does Ada live", ranking: { weights } });
    expect(weighing({})).toMatchObject({
      reason: "FIELD_INVALID",
      message: "ranking.weights: at least one weight must be above 0",
    });
    for (const arm of ["semantic", "keyword", "entity"]) expect(weighing({ [arm]: 0.1 })).toBeUndefined();
  });

  test("refuses a filter by times between which there are none", () => {
    const from = (saidAfter: number, saidBefore?: number) => {
      const filter = {
        saidAfter: timestampFromDate(new Date(saidAfter)),
        ...(saidBefore !== undefined && { saidBefore: timestampFromDate(new Date(saidBefore)) }),
      };
      const query = "where does Ada live";
      const found = searching({ scope, query, filter });
      expect(refusalIn(GetContextRequestSchema, { scope, query, filter })).toEqual(found);
      return found;
    };
    expect([from(5), from(5, 6)]).toEqual([undefined, undefined]);
    for (const before of [5, 4]) {
      expect(from(5, before)).toMatchObject({
        reason: "FIELD_INVALID",
        message: "filter.said_before: must be later than said_after",
      });
    }
  });

  test("holds a context to its least budget, which 0 does not mean", () => {
    const budgeted = (tokenBudget: number) =>
      refusalIn(GetContextRequestSchema, { scope, query: "where does Ada live", tokenBudget })?.fields;
    expect(budgeted(49)).toMatchObject([{ field: "token_budget" }]);
    expect(budgeted(-1)).toMatchObject([{ field: "token_budget" }]);
    expect([budgeted(0), budgeted(50), budgeted(32_000)]).toEqual([undefined, undefined, undefined]);
  });

  test("takes each section of a context once, by its name", () => {
    const writing = (sections: MessageInitShape<typeof ContextSectionRequestSchema>[]) =>
      refusalIn(GetContextRequestSchema, { scope, query: "where does Ada live", sections });
    expect(writing([{ name: 1 }, { name: 5, share: 1_000 }])).toBeUndefined();
    expect(writing([{ name: 1 }, { name: 1 }])?.fields).toEqual([
      { field: "sections", description: "must name each section once", reason: "FIELD_INVALID" },
    ]);
    expect(writing([{ name: 0 }])?.fields).toMatchObject([{ field: "sections[0].name" }]);
    expect(writing([{ name: 2, share: -1 }])?.fields).toMatchObject([{ field: "sections[0].share" }]);
  });

  test("asks whose profile it is", () => {
    const profiling = (of: MessageInitShape<typeof GetProfileRequestSchema>) =>
      refusalIn(GetProfileRequestSchema, of);
    expect(profiling({ scope: { userId: "ada" } })).toBeUndefined();
    expect(profiling({ scope: { teamId: "crew" } })).toMatchObject({
      reason: "FIELD_INVALID",
      fields: [{ field: "scope.user_id", description: "is required: a profile is a person's" }],
    });
    expect(profiling({})).toMatchObject({ reason: "SCOPE_REQUIRED", fields: [{ field: "scope" }] });
  });

  test("an import's statement must end after it begins: valid_from, or when it was said, or now", () => {
    const importing = (memory: MessageInitShape<typeof MemoryDraftSchema>) =>
      refusalIn(ImportMemoriesRequestSchema, { scope, memory: { text: "Ada lived in Rome.", ...memory } });
    const at = (year: number) => timestampFromDate(new Date(Date.UTC(year, 0)));
    expect(importing({ validFrom: at(2010), validTo: at(2020) })).toBeUndefined();
    expect(importing({ validTo: at(2150) })).toBeUndefined();
    expect(importing({ saidAt: at(2019), validTo: at(2020) })).toBeUndefined();
    expect(importing({ validFrom: at(2010), saidAt: at(2021), validTo: at(2020) })).toBeUndefined();
    for (const backwards of [
      { validFrom: at(2020), validTo: at(2020) },
      { validTo: at(2020) },
      { saidAt: at(2021), validTo: at(2020) },
    ]) {
      expect(importing(backwards)?.fields).toMatchObject([{ field: "memory.valid_to" }]);
    }
  });

  test.each([1899, 2200])("refuses a statement that was said in %i", (year) => {
    const saidAt = timestampFromDate(new Date(Date.UTC(year, 5)));
    const memory = { text: "Ada lived in Rome.", saidAt };
    expect(refusalIn(ImportMemoriesRequestSchema, { scope, memory })?.fields).toMatchObject([
      { field: "memory.said_at" },
    ]);
  });

  test("holds one class of characters that show nothing, wherever the contract names it", () => {
    const folder = new URL("../../../proto/mneme/", import.meta.url);
    const classes = ["options/v1/text_rules.proto", "memory/v1/message.proto"].map(
      (file) => /matches\(r'(.+?)'\)/.exec(readFileSync(new URL(file, folder), "utf8"))?.[1],
    );
    expect(classes[0]).toContain("\\p{Z}");
    expect(classes[1]).toBe(classes[0]);
  });

  /** White space, control and format characters, a lone mark, and letters that show nothing. */
  const blanks = [
    " \t\n",
    "\u00a0",
    "\u2003\u3000",
    "\u200b",
    "\ufeff\u2060",
    "\u0085\u001f",
    "\u0301",
    "\u3164",
  ];

  test.each(blanks.map((blank) => [encodeURIComponent(blank), blank]))(
    "refuses %s as blank everywhere",
    (_, blank) => {
      const fieldsOf = (error: MnemeError | undefined) => error?.fields.map(({ field }) => field);
      const all = { userId: blank, agentId: blank, appId: blank, teamId: blank, sessionId: blank };
      expect(
        fieldsOf(adding({ scope: all, messages: [{ role: 1, text: blank }], requestId: blank })),
      ).toEqual([
        "scope.user_id",
        "scope.agent_id",
        "scope.app_id",
        "scope.team_id",
        "scope.session_id",
        "messages[0].text",
        "request_id",
      ]);
      const call = { role: 2, name: blank, toolCalls: [{ name: blank }] };
      expect(fieldsOf(adding({ scope, messages: [call] }))).toEqual([
        "messages[0].name",
        "messages[0].tool_calls[0].name",
      ]);
      expect(fieldsOf(searching({ scope, query: blank, filter: { categories: [blank] } }))).toEqual([
        "query",
        "filter.categories[0]",
      ]);
      const memory = { text: blank, category: blank };
      expect(fieldsOf(refusalIn(ImportMemoriesRequestSchema, { scope, memory }))).toEqual([
        "memory.text",
        "memory.category",
      ]);
      // Around something to see they are fine.
      expect(searching({ scope, query: `${blank}Ada${blank}` })).toBeUndefined();
    },
  );

  test("sees every script, signs and private characters", () => {
    for (const text of ["é", "日", "👍", "ก็", "नि", "١", "?", "\ue000"]) {
      expect(adding({ scope: { userId: text }, messages: [{ role: 1, text }] })).toBeUndefined();
    }
  });

  test("does not show a key of metadata that is not an identifier", () => {
    const value = { value: { case: "boolValue", value: true } } as const;
    const error = adding({ scope, messages: [message], metadata: { "ada@example.org": value } });
    expect(error?.fields[0]?.field).toBe("metadata[...]");
    expect(error?.message).not.toContain("example.org");
  });
});
