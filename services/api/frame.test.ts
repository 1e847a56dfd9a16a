import type { DescService } from "@bufbuild/protobuf";
import { type CallOptions, Code, createClient, createRouterTransport } from "@connectrpc/connect";
import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { Health } from "@mneme/proto/grpc/health/v1/health_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { describe, expect, test, vi } from "vitest";
import { callerOf, callOf } from "./call.ts";
import { createFrame, type FrameOptions, type Served, serve } from "./frame.ts";
import { createTelemetry } from "./interceptors/telemetry.ts";
import { createMetrics } from "./metrics.ts";
import { authenticator, BEARER, createTestAuditor, createTestLog, LIMITS, READER } from "./testing/server.ts";
import { type Answers, answering } from "./testing/services.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

const ID = "01890000-0000-7000-8000-000000000001";
const GOOD: CallOptions = { headers: BEARER };
const QUERY = { scope: { userId: "ada" }, query: "where does Ada live" };

function frame(answers: Answers, overrides: Partial<FrameOptions> = {}) {
  const { log, lines } = createTestLog();
  const metrics = createMetrics();
  const never = new AbortController().signal;
  const { options, routes } = createFrame({
    authenticator,
    limits: LIMITS,
    log,
    telemetry: createTelemetry({ log, metrics }),
    auditor: createTestAuditor().auditor,
    onUnaudited: () => metrics.unaudited.inc(),
    services: answering(answers),
    openServices: [],
    draining: never,
    stopped: never,
    ...overrides,
  });
  const transport = createRouterTransport(routes, { router: options });
  return { client: <S extends DescService>(service: S) => createClient(service, transport), lines, metrics };
}

const failing = (error: unknown) =>
  frame({
    search: {
      search: () => {
        throw error;
      },
    },
  });

describe("authentication", () => {
  const answers: Answers = { search: { search: () => ({}) }, memory: { deleteMemory: () => ({}) } };

  test.each([
    ["no header", {}, "CREDENTIALS_MISSING"],
    ["another scheme", { authorization: "Basic YTpi" }, "CREDENTIALS_INVALID"],
    ["no key", { authorization: "Bearer " }, "CREDENTIALS_INVALID"],
    ["an unknown key", { authorization: "Bearer mk_unknown" }, "CREDENTIALS_INVALID"],
    ["a key of many words", { authorization: "Bearer mk_a b" }, "CREDENTIALS_INVALID"],
  ])("refuses %s", async (_, headers, reason) => {
    const error = await failureOfCall(frame(answers).client(SearchService).search(QUERY, { headers }));
    expect(error).toMatchObject({ code: "Unauthenticated", reason });
    expect(error.message).not.toContain("mk_");
  });

  test.each(["Bearer", "bearer", "Token"])("takes the scheme %s", async (scheme) => {
    const headers = { authorization: `${scheme} ${READER}` };
    await frame(answers).client(SearchService).search(QUERY, { headers });
  });

  test("asks for the permission that the method names", async () => {
    const headers = { authorization: `Bearer ${READER}` };
    const call = frame(answers).client(MemoryService).deleteMemory({ memoryId: ID }, { headers });
    expect(await failureOfCall(call)).toMatchObject({
      code: "PermissionDenied",
      reason: "PERMISSION_MISSING",
      metadata: { permission: "MEMORY_DELETE" },
    });
  });

  test("comes before validation", async () => {
    const error = await failureOfCall(frame(answers).client(SearchService).search({}));
    expect(error.reason).toBe("CREDENTIALS_MISSING");
  });

  test("gives the implementation its caller", async () => {
    let caller: Caller | undefined;
    const search = (_: unknown, context: Parameters<typeof callerOf>[0]) => {
      caller = callerOf(context);
      return {};
    };
    await frame({ search: { search } }).client(SearchService).search(QUERY, GOOD);
    expect(caller?.permissions.has("MEMORY_READ")).toBe(true);
  });

  test("says so when keys cannot be looked up, and asks again", async () => {
    const authenticate = vi.fn(authenticator.authenticate);
    const down = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the database does not answer");
    authenticate.mockRejectedValueOnce(down);
    const search = frame(answers, { authenticator: { authenticate } }).client(SearchService).search;
    expect(await failureOfCall(search(QUERY, GOOD))).toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
    await search(QUERY, GOOD);
  });

  test("a method without a permission is not served", () => {
    const check = serve(Health, { check: () => ({}), async *watch() {} });
    const services: Served[] = [...answering({}), check];
    expect(() => frame({}, { services })).toThrow("grpc.health.v1.Health/Check");
  });
});

describe("errors", () => {
  test("a domain error brings its code, reason, metadata and fields", async () => {
    const { client } = failing(invalidField("filter.kinds", "names a kind twice"));
    expect(await failureOfCall(client(SearchService).search(QUERY, GOOD))).toEqual({
      code: "InvalidArgument",
      reason: "FIELD_INVALID",
      message: "filter.kinds: names a kind twice",
      metadata: { field: "filter.kinds" },
      fields: ["filter.kinds"],
      fieldReasons: ["FIELD_INVALID"],
      details: ["ErrorInfo", "BadRequest"],
      retryAfterMs: undefined,
    });
  });

  test.each([
    ["failed_precondition", "SUBJECT_FENCED", "FailedPrecondition", ["ErrorInfo", "PreconditionFailure"]],
    [
      "resource_exhausted",
      "TOO_MANY_STREAMS",
      "ResourceExhausted",
      ["ErrorInfo", "QuotaFailure", "RetryInfo"],
    ],
    ["unavailable", "DEPENDENCY_UNAVAILABLE", "Unavailable", ["ErrorInfo", "RetryInfo"]],
    ["aborted", "ETAG_MISMATCH", "Aborted", ["ErrorInfo"]],
    ["not_found", "MEMORY_NOT_FOUND", "NotFound", ["ErrorInfo"]],
  ] as const)("%s brings the detail that fits", async (kind, reason, code, details) => {
    const retry = details.some((detail) => detail === "RetryInfo") ? { retryAfterMs: 1500 } : {};
    const { client } = failing(new MnemeError(kind, reason, "no", retry));
    const error = await failureOfCall(client(SearchService).search(QUERY, GOOD));
    expect(error).toMatchObject({ code, reason, details, ...retry });
  });

  test("any other error is internal: logged whole but for what may quote data, and told as an id", async () => {
    const driver = Object.assign(new Error("invalid input: hidden-word"), {
      code: "22P02",
      detail: "hidden-word",
    });
    const fault = new TypeError("cannot read properties of undefined", { cause: driver });
    const { client, lines } = failing(fault);
    const headers = { ...BEARER, "x-request-id": "req-17" };
    const error = await failureOfCall(client(SearchService).search(QUERY, { headers }));
    expect(error).toMatchObject({
      code: "Internal",
      reason: "INTERNAL",
      metadata: { request_id: "req-17" },
      details: ["ErrorInfo"],
    });
    expect(error.message).not.toContain("properties");
    const line = lines.find((one) => one.includes('"error"'));
    expect(line).toContain("cannot read properties");
    expect(line).toContain("frame.test.ts");
    expect(line).toContain("22P02");
    expect(lines.join("")).not.toContain("hidden-word");
    expect(lines.join("")).not.toContain("Ada");
  });

  test("errors of streams are told as well", async () => {
    const { client } = frame({
      extraction: {
        async *watchExtraction() {
          yield { extraction: { id: ID } };
          throw new MnemeError("failed_precondition", "SUBJECT_FENCED", "no");
        },
      },
    });
    const watch = client(ExtractionService).watchExtraction({ extractionId: ID }, GOOD);
    expect(await failureOfCall(watch)).toMatchObject({ reason: "SUBJECT_FENCED" });
  });
});

describe("limits", () => {
  test("a call ends at its own deadline, and its signal fires", async () => {
    const fired = Promise.withResolvers<void>();
    const { client } = frame({
      search: {
        search: (_, { signal }) => {
          signal.addEventListener("abort", () => fired.resolve());
          return new Promise(() => {});
        },
      },
    });
    const call = client(SearchService).search(QUERY, { ...GOOD, timeoutMs: 50 });
    // The client's own timer may answer first, without details.
    await expect(call).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    await fired.promise;
  });

  test("a call without a deadline has the default one", async () => {
    const limits = { ...LIMITS, unaryDeadlineMs: 40 };
    const { client } = frame({ search: { search: () => new Promise(() => {}) } }, { limits });
    expect(await failureOfCall(client(SearchService).search(QUERY, GOOD))).toMatchObject({
      code: "DeadlineExceeded",
      reason: "DEADLINE_EXCEEDED",
    });
  });

  test("a longer deadline than the longest is shortened to it", async () => {
    const limits = { ...LIMITS, unaryDeadlineMs: 40 };
    const { client } = frame({ search: { search: () => new Promise(() => {}) } }, { limits });
    const call = client(SearchService).search(QUERY, { ...GOOD, timeoutMs: 60_000 });
    expect(await failureOfCall(call)).toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  });

  test("a stream ends at its deadline even if its source never looks", async () => {
    const limits = { ...LIMITS, streamDeadlineMs: 40 };
    const { client } = frame(
      {
        extraction: {
          async *watchExtraction() {
            yield {};
            await new Promise(() => {});
          },
        },
      },
      { limits },
    );
    const watch = client(ExtractionService).watchExtraction({ extractionId: ID }, GOOD);
    expect(await failureOfCall(watch)).toMatchObject({ reason: "DEADLINE_EXCEEDED" });
  });

  test("a key holds so many streams open and no more; an ended one makes room", async () => {
    const { client } = frame({
      extraction: {
        async *watchExtraction(_, { signal }) {
          yield {};
          await new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason)),
          );
        },
      },
    });
    const open = async () => {
      const abort = new AbortController();
      const watch = client(ExtractionService).watchExtraction(
        { extractionId: ID },
        { ...GOOD, signal: abort.signal },
      );
      await watch[Symbol.asyncIterator]().next();
      return abort;
    };
    const first = await open();
    for (let i = 1; i < LIMITS.maxStreamsPerKey; i++) await open();
    await expect(open()).rejects.toMatchObject({ code: Code.ResourceExhausted });
    first.abort();
    await vi.waitFor(open);
  });

  test("callers without a key share one such limit, and take nothing from a key's", async () => {
    const health = serve(Health, {
      check: () => ({}),
      async *watch(_, { signal }) {
        yield {};
        await new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      },
    });
    const answers: Answers = {
      extraction: {
        async *watchExtraction() {
          yield { extraction: { id: ID } };
        },
      },
    };
    const { client } = frame(answers, { openServices: [health] });
    const open = async () => {
      const abort = new AbortController();
      const watch = client(Health).watch({}, { signal: abort.signal });
      await watch[Symbol.asyncIterator]().next();
      return abort;
    };
    const first = await open();
    for (let i = 1; i < LIMITS.maxStreamsPerKey; i++) await open();
    expect(await failureOfCall(client(Health).watch({}))).toMatchObject({ reason: "TOO_MANY_STREAMS" });
    const ofKey = client(ExtractionService).watchExtraction({ extractionId: ID }, GOOD);
    expect(await Array.fromAsync(ofKey)).toHaveLength(1);
    first.abort();
    await vi.waitFor(open);
  });
});

describe("validation", () => {
  test("refuses a request before its implementation sees it", async () => {
    const search = vi.fn(() => ({}));
    const { client } = frame({ search: { search } });
    const error = await failureOfCall(client(SearchService).search({ ...QUERY, limit: -1 }, GOOD));
    expect(error).toMatchObject({ reason: "FIELD_INVALID", fields: ["limit"] });
    expect(search).not.toHaveBeenCalled();
  });

  test("tells each field's own reason", async () => {
    const call = frame({}).client(SearchService).search({ limit: -1 }, GOOD);
    expect(await failureOfCall(call)).toMatchObject({
      reason: "SCOPE_REQUIRED",
      fields: ["scope", "limit", "query"],
      fieldReasons: ["SCOPE_REQUIRED", "FIELD_INVALID", "FIELD_INVALID"],
    });
  });

  test("says which message of a stream it was", async () => {
    const { client } = frame({
      memory: {
        async importMemories(requests) {
          let accepted = 0;
          for await (const _ of requests) accepted++;
          return { accepted };
        },
      },
    });
    const importing = (texts: string[]) =>
      client(MemoryService).importMemories(
        (async function* () {
          for (const text of texts) yield { memory: { text } };
        })(),
        GOOD,
      );
    expect((await importing(["a", "b"])).accepted).toBe(2);
    for (const text of ["\0", "", " \u200b"]) {
      expect(await failureOfCall(importing(["a", "b", text]))).toMatchObject({
        reason: "FIELD_INVALID",
        metadata: { field: "memory.text", message_index: "2" },
        fields: ["memory.text"],
      });
    }
  });
});

describe("telemetry", () => {
  test("one line a call: ids, codes and durations, and nothing that was sent or answered", async () => {
    const { client, lines } = frame({
      search: { search: () => ({ hits: [{ memory: { text: "hidden-word" } }] }) },
    });
    const headers = { ...BEARER, "x-request-id": "req-18" };
    let echoed: string | null = null;
    await client(SearchService).search(
      { scope: { userId: "hidden-word" }, query: "hidden-word" },
      { headers, onHeader: (header) => (echoed = header.get("x-request-id")) },
    );
    expect(echoed).toBe("req-18");
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      request_id: "req-18",
      service: "mneme.search.v1.SearchService",
      method: "Search",
      code: "ok",
      duration_ms: expect.any(Number),
      api_key_id: expect.any(String),
    });
    expect(lines[0]).not.toContain("hidden-word");
  });

  test("an id that could be a person's is replaced", async () => {
    const { client, lines } = frame({ search: { search: () => ({}) } });
    const headers = { ...BEARER, "x-request-id": "ada@example.org" };
    await client(SearchService).search(QUERY, { headers });
    expect(lines.join("")).not.toContain("ada@");
  });

  test("counts by service, method and code", async () => {
    const { client, metrics } = frame({ search: { search: () => ({}) } });
    await client(SearchService).search(QUERY, GOOD);
    await failureOfCall(client(SearchService).search({}, GOOD));
    const text = await metrics.registry.metrics();
    const labels = 'service="mneme.search.v1.SearchService",method="Search"';
    expect(text).toContain(`mneme_api_request_duration_seconds_count{${labels},code="ok"} 1`);
    expect(text).toContain(`mneme_api_request_duration_seconds_count{${labels},code="invalid_argument"} 1`);
    expect(text).toContain(`mneme_api_requests_in_flight{${labels}} 0`);
    expect(text).toContain(`mneme_api_failures_total{${labels},reason="SCOPE_REQUIRED"} 1`);
  });

  test("a call knows its own deadline", async () => {
    let left = 0;
    const { client } = frame({
      search: {
        search: (_, { values }) => {
          left = callOf(values).deadlineAt - performance.now();
          return {};
        },
      },
    });
    await client(SearchService).search(QUERY, { ...GOOD, timeoutMs: 5000 });
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5000);
  });
});
