import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly debug?: Record<string, unknown> }[];
}

/** What a person typed must not come back in an error. */
const SECRET = "zanzibarium";

describe("bad input gets a reason and a field, and loses nothing", () => {
  let key: string;
  let mneme: Mneme;
  const { url } = sharedStack();

  beforeAll(async () => {
    key = (await provisionSharedTenant("bad input")).apiKey;
    mneme = new Mneme({ url, apiKey: key, retries: 0 });
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  /** Posts JSON as any HTTP client would. */
  async function post(procedure: string, body: unknown): Promise<{ status: number; error: WireError }> {
    const response = await fetch(`${url}/${procedure}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, error: (await response.json()) as WireError };
  }
  const ADD = "mneme.memory.v1.MemoryService/AddMessages";
  const SEARCH = "mneme.search.v1.SearchService/Search";
  const scope = { userId: "ada" };
  const say = (text: string, rest = {}) => ({ scope, messages: [{ role: "ROLE_USER", text, ...rest }] });

  function expectRefused(
    { status, error }: { status: number; error: WireError },
    reason: string,
    field: string | RegExp,
  ): void {
    expect(status).toBeGreaterThanOrEqual(400);
    const infos = error.details.filter(({ type }) => type === "google.rpc.ErrorInfo");
    expect(infos).toHaveLength(1);
    expect(infos[0]?.debug).toMatchObject({ domain: "mneme", reason });
    const bad = error.details.find(({ type }) => type === "google.rpc.BadRequest");
    const fields = (bad?.debug?.fieldViolations ?? []) as { field: string }[];
    expect(fields.map((one) => one.field).join(" ")).toMatch(field);
    expect(JSON.stringify(error)).not.toContain(SECRET);
  }

  it.each([
    ["no scope", { messages: [{ role: "ROLE_USER", text: SECRET }] }, "scope"],
    ["an empty scope", { scope: {}, messages: [{ role: "ROLE_USER", text: SECRET }] }, "scope"],
    ["no messages", { scope, messages: [] }, "messages"],
    ["an empty message", say("   "), /messages\[0\]\.text/],
    ["a NUL character", say(`${SECRET}\u0000`), "messages[0].text".replace(/[[\]]/g, "\\$&")],
    ["a message of 200 KiB", say("x".repeat(200_000)), /messages\[0\]\.text/],
    ["no role", { scope, messages: [{ text: SECRET }] }, /messages\[0\]\.role/],
    ["an unknown role", say(SECRET, { role: 77 }), /messages\[0\]\.role/],
    ["a date before 1900", say(SECRET, { sentAt: "1700-01-01T00:00:00Z" }), /messages\[0\]\.sent_?[aA]t/],
    ["a day that no calendar has", say(SECRET, { sentAt: "2026-02-30T00:00:00Z" }), /messages\[0\]\.sent_at/],
    ["a blank person", { ...say(SECRET), scope: { userId: "\u00a0\u200b" } }, /scope\.user_id/],
    [
      "arguments that are no JSON",
      say(SECRET, { toolCalls: [{ name: "f", argumentsJson: `{${SECRET}` }] }),
      /messages\[0\]\.tool_calls\[0\]\.arguments_json/,
    ],
    ["a date after 2200", say(SECRET, { sentAt: "2500-01-01T00:00:00Z" }), /messages\[0\]\.sent_?[aA]t/],
    [
      "a metadata key with a blank",
      { ...say(SECRET), metadata: { "a b": { stringValue: "x" } } },
      "metadata",
    ],
    ["a metadata value without a value", { ...say(SECRET), metadata: { a: {} } }, "metadata"],
  ])("an add with %s", async (_, body, field) => {
    const answer = await post(ADD, body);
    expect(answer.error.code).toBe("invalid_argument");
    expectRefused(answer, expect.stringMatching(/FIELD_INVALID|SCOPE_REQUIRED/) as never, new RegExp(field));
  });

  it("10,000 messages in one call", async () => {
    const messages = Array.from({ length: 10_000 }, () => ({ role: "ROLE_USER", text: "hello there" }));
    const answer = await post(ADD, { scope, messages });
    expectRefused(answer, expect.stringMatching(/BATCH_TOO_LARGE|FIELD_INVALID/) as never, /messages/);
    expect(answer.error.message).toMatch(/1,?000/);
  });

  it("a request larger than the server reads", async () => {
    const { status, error } = await post(ADD, say("x".repeat(20_000_000)));
    expect(status).toBeGreaterThanOrEqual(400);
    expect(error.code).toBe("resource_exhausted");
    expect(JSON.stringify(error.details)).toContain("MESSAGE_TOO_LARGE");
  });

  it("a lone surrogate", async () => {
    const body = `{"scope":{"userId":"ada"},"messages":[{"role":"ROLE_USER","text":"broken \\ud800 text"}]}`;
    expectRefused(await post(ADD, body), "FIELD_INVALID", /messages\[0\]\.text/);
  });

  it("invalid UTF-8", async () => {
    const json = Buffer.from(JSON.stringify(say("AAAA")));
    json.fill(0xff, json.indexOf("AAAA"), json.indexOf("AAAA") + 4);
    const response = await fetch(`${url}/${ADD}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: json,
    });
    expect(response.status).toBe(400);
  });

  it("JSON that is none", async () => {
    const { status, error } = await post(ADD, "{nope");
    expect(status).toBe(400);
    expect(error.code).toBe("invalid_argument");
    expect(JSON.stringify(error.details)).toContain("REQUEST_MALFORMED");
  });

  it.each([
    ["an empty query", { scope, query: " " }, "query"],
    ["a query that shows nothing", { scope, query: "\u200b\u3164" }, "query"],
    ["a query of 5 KiB", { scope, query: "x".repeat(5_000) }, "query"],
    ["a threshold that is no number", { scope, query: "x", minSimilarity: "NaN" }, /min_?[sS]imilarity/],
    ["an infinite score", { scope, query: "x", minScore: "Infinity" }, /min_?[sS]core/],
    ["a limit of 1,000", { scope, query: "x", limit: 1_000 }, "limit"],
    ["a negative budget", { scope, query: "x", tokenBudget: -1 }, /token_?[bB]udget/],
    ["a date far away", { scope, query: "x", asOf: "3000-01-01T00:00:00Z" }, /as_?[oO]f/],
    [
      "times between which there are none",
      {
        scope,
        query: "x",
        filter: { saidAfter: "2026-03-02T00:00:00Z", saidBefore: "2026-03-01T00:00:00Z" },
      },
      /filter\.said_before/,
    ],
    ["weights of which none counts", { scope, query: "x", ranking: { weights: {} } }, /ranking\.weights/],
    ["an unknown recipe", { scope, query: "x", ranking: { recipe: 99 } }, /ranking\.recipe/],
  ])("a search with %s", async (_, body, field) => {
    expectRefused(await post(SEARCH, body), "FIELD_INVALID", new RegExp(field));
  });

  it("a freshness token that was made up", async () => {
    const answer = await post(SEARCH, { scope, query: "x", atLeastAsFresh: SECRET });
    expectRefused(answer, "FRESHNESS_TOKEN_INVALID", /at_?least_?as_?fresh/i);
  });

  it("page tokens that are broken or made for other filters", async () => {
    const list = (rest: object) => post("mneme.memory.v1.MemoryService/ListMemories", { scope, ...rest });
    expectRefused(await list({ pageToken: SECRET }), "PAGE_TOKEN_INVALID", /page_?[tT]oken/);
    await mneme.user("pages").import([{ text: "Ada has one cat." }, { text: "Ada has two dogs." }]);
    const first = await mneme.user("pages").import([{ text: "Ada has three hens." }]);
    await mneme.waitFor(first);
    const page = (await list({ scope: { userId: "pages" }, pageSize: 1 })).error as unknown as {
      nextPageToken: string;
    };
    expect(page.nextPageToken).toBeTruthy();
    const other = await list({
      scope: { userId: "pages" },
      pageSize: 1,
      kinds: [1],
      pageToken: page.nextPageToken,
    });
    expectRefused(other, "PAGE_TOKEN_INVALID", /page_?[tT]oken/);
  });

  it("ids that are none, or nobody's", async () => {
    const get = (memoryId: string) => post("mneme.memory.v1.MemoryService/GetMemory", { memoryId });
    expectRefused(await get(SECRET), "FIELD_INVALID", /memory_?[iI]d/);
    const { error } = await get("0190a1b2-0000-7000-8000-000000000000");
    expect(error.code).toBe("not_found");
  });

  it("credentials that are missing or wrong", async () => {
    const wrong = (authorization?: string) =>
      fetch(`${url}/${SEARCH}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...(authorization && { authorization }) },
        body: JSON.stringify({ scope, query: "x" }),
      });
    for (const header of [undefined, "Bearer nope", "Basic abc"]) {
      const response = await wrong(header);
      expect(response.status).toBe(401);
      expect(((await response.json()) as WireError).code).toBe("unauthenticated");
    }
  });

  it("a key without the permission", async () => {
    const { apiKey } = await provisionSharedTenant("reader", ["reader"]);
    await using reader = new Mneme({ url, apiKey });
    await expect(reader.user("ada").add("I sing.")).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
    expect((await reader.user("ada").search("Who sings?")).hits).toEqual([]);
  });
});
