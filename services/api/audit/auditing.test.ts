import { randomUUID } from "node:crypto";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import type { AuditEvent } from "@mneme/core/audit/event.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { callerOf } from "../call.ts";
import type { CallLimits } from "../frame.ts";
import { BEARER, READER, startTestServer, type TestServer, USER_TOKEN } from "../testing/server.ts";
import type { Answers } from "../testing/services.ts";
import { failureOfCall } from "../testing/wire-errors.ts";

const ID = "01890000-0000-7000-8000-00000000000a";
const OTHER = "01890000-0000-7000-8000-00000000000b";
const SUBJECT = "01890000-0000-7000-8000-00000000000c";
const QUERY = { scope: { userId: "ada@example.org" }, query: "where are the otters" };

let server: TestServer;
afterEach(() => server?.stop());

async function start(answers: Answers, auditor?: Auditor, callLimits?: CallLimits) {
  server = await startTestServer(answers, { ...(auditor && { auditor }), ...(callLimits && { callLimits }) });
  const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "2" });
  return {
    memories: createClient(MemoryService, transport),
    search: createClient(SearchService, transport),
    extractions: createClient(ExtractionService, transport),
  };
}

const found: Answers = {
  search: {
    search: (_, context) => {
      callerOf(context).audit?.about(SUBJECT);
      return { hits: [{ memory: { id: ID, text: "otters" } }, { memory: { id: OTHER } }] };
    },
  },
};
const down: Auditor = {
  note: () =>
    Promise.reject(new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the record does not answer")),
};

describe("a call is audited", () => {
  it("with who called, what came of it, and whom and what it read, and nothing of what was said", async () => {
    const { search } = await start(found);
    await search.search(QUERY, { headers: { ...BEARER, "x-request-id": "call-1" } });
    expect(server.audited).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        time: expect.any(Date),
        action: "mneme.search.v1.SearchService/Search",
        actor: { apiKeyId: "00000000-0000-7000-8000-000000000001", subjectId: "", service: "" },
        projectId: "00000000-0000-7000-8000-00000000000b",
        requestId: "call-1",
        code: "ok",
        reason: "",
        subjectIds: [SUBJECT],
        resources: [
          { type: "memory", id: ID },
          { type: "memory", id: OTHER },
        ],
        resourceCount: 2,
      },
    ]);
    expect(JSON.stringify(server.audited)).not.toMatch(/otters|ada/);
  });

  it("names the user of a token", async () => {
    const { search } = await start({ search: { search: () => ({}) } });
    await search.search({ query: "otters" }, { headers: { authorization: `Bearer ${USER_TOKEN}` } });
    const subjectId = "00000000-0000-7000-8000-00000000000c";
    expect(server.audited).toMatchObject([{ actor: { subjectId }, subjectIds: [subjectId] }]);
  });

  it.each([
    {
      what: "lacks the permission",
      headers: { authorization: `Bearer ${READER}` },
      request: { memoryId: ID },
      code: "permission_denied",
      reason: "PERMISSION_MISSING",
      resources: [],
    },
    {
      what: "names nothing that there is",
      headers: BEARER,
      request: { memoryId: ID },
      code: "not_found",
      reason: "MEMORY_NOT_FOUND",
      resources: [{ type: "memory", id: ID }],
    },
    {
      what: "is not valid",
      headers: BEARER,
      request: { memoryId: "otters" },
      code: "invalid_argument",
      reason: "FIELD_INVALID",
      resources: [],
    },
  ])("that $what", async ({ headers, request, code, reason, resources }) => {
    const { memories } = await start({
      memory: {
        deleteMemory: () => {
          throw new MnemeError("not_found", "MEMORY_NOT_FOUND", "no such memory");
        },
      },
    });
    await failureOfCall(memories.deleteMemory(request, { headers }));
    expect(server.audited).toMatchObject([{ code, reason, resources, subjectIds: [] }]);
  });

  it("but none of the ids of a request that is not valid, however many those are", async () => {
    const { memories } = await start({});
    const memoryIds = Array.from({ length: 2_000 }, () => randomUUID());
    const error = await failureOfCall(memories.batchGetMemories({ memoryIds }, { headers: BEARER }));
    expect(error.code).toBe("InvalidArgument");
    expect(server.audited).toMatchObject([{ code: "invalid_argument", resources: [], resourceCount: 0 }]);
  });

  it("whose body can't be read", async () => {
    await start(found);
    const url = `${server.url}/mneme.search.v1.SearchService/Search`;
    const headers = { ...BEARER, "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: "otters" });
    expect(answer.status).toBe(400);
    await vi.waitFor(() => {
      expect(server.audited).toMatchObject([{ code: "invalid_argument", reason: "REQUEST_MALFORMED" }]);
    });
  });

  it("but not of somebody who is not known: it is nobody's trail", async () => {
    const { search } = await start(found);
    await failureOfCall(search.search(QUERY, { headers: { authorization: "Bearer mk_unknown" } }));
    expect(server.audited).toEqual([]);
  });

  it("once, where a write has kept its event by itself", async () => {
    const kept: AuditEvent[] = [];
    const { memories } = await start({
      memory: {
        deleteMemory: (_, context) => {
          const draft = callerOf(context).audit?.draft({ code: "ok", reason: "" });
          if (draft) kept.push(draft.event);
          draft?.kept();
          return {};
        },
      },
    });
    await memories.deleteMemory({ memoryId: ID }, { headers: BEARER });
    expect(kept).toMatchObject([{ resources: [{ type: "memory", id: ID }] }]);
    expect(server.audited).toEqual([]);
  });
});

it("of a flood over a rate, one call a second is audited", async () => {
  const refusal = new MnemeError("resource_exhausted", "RATE_LIMITED", "too many calls");
  const admit = async () => ({ state: { burst: 1, remaining: 0, resetMs: 1_000 }, refusal });
  const { search } = await start(found, undefined, {
    rates: { admit },
    streams: { open: async () => () => {} },
  });
  const began = performance.now();
  for (let i = 0; i < 5; i += 1) await failureOfCall(search.search(QUERY, { headers: BEARER }));
  const seconds = Math.ceil((performance.now() - began) / 1_000);
  expect(server.audited.length).toBeLessThanOrEqual(Math.min(seconds, 4));
  expect(server.audited[0]).toMatchObject({
    code: "resource_exhausted",
    reason: "RATE_LIMITED",
    resources: [],
  });
});

it("of a flood without the permission, one call a second is audited, and each counts against the rate", async () => {
  const admit = vi.fn(async () => ({ state: { burst: 9, remaining: 8, resetMs: 1_000 } }));
  const { memories } = await start({}, undefined, {
    rates: { admit },
    streams: { open: async () => () => {} },
  });
  const headers = { authorization: `Bearer ${READER}` };
  const began = performance.now();
  for (let i = 0; i < 5; i += 1) await failureOfCall(memories.deleteMemory({ memoryId: ID }, { headers }));
  const seconds = Math.ceil((performance.now() - began) / 1_000);
  expect(server.audited.length).toBeLessThanOrEqual(Math.min(seconds, 4));
  expect(server.audited[0]).toMatchObject({ code: "permission_denied", reason: "PERMISSION_MISSING" });
  expect(admit).toHaveBeenCalledTimes(5);
});

describe("an answer", () => {
  it("waits for its event", async () => {
    const kept = Promise.withResolvers<void>();
    const noted = Promise.withResolvers<void>();
    const { search } = await start(found, {
      note: () => {
        noted.resolve();
        return kept.promise;
      },
    });
    let isAnswered = false;
    const answer = search.search(QUERY, { headers: BEARER }).then(() => {
      isAnswered = true;
    });
    await noted.promise;
    await fetch(`${server.metricsUrl}/metrics`);
    expect(isAnswered).toBe(false);
    kept.resolve();
    await answer;
  });

  it("is refused where its event can't be kept", async () => {
    const { search } = await start(found, down);
    const error = await failureOfCall(search.search(QUERY, { headers: BEARER }));
    expect(error).toMatchObject({ code: "Unavailable", reason: "DEPENDENCY_UNAVAILABLE" });
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(metrics).toMatch(/mneme_api_audit_failures_total [1-9]/);
  });

  it("of a refusal stays that refusal where its event can't be kept, and the log says so", async () => {
    const { memories } = await start({}, down);
    const headers = { authorization: `Bearer ${READER}` };
    const error = await failureOfCall(memories.deleteMemory({ memoryId: ID }, { headers }));
    expect(error.reason).toBe("PERMISSION_MISSING");
    expect(server.lines.join("")).toContain("a call is not audited");
  });
});

it("waits for a record that hangs no longer than two seconds, whatever came of the call", async () => {
  const hanging: Auditor = { note: () => new Promise(() => {}) };
  const { search, memories } = await start(found, hanging);
  const began = performance.now();
  const [answered, refused] = await Promise.all([
    failureOfCall(search.search(QUERY, { headers: BEARER })),
    failureOfCall(
      memories.deleteMemory({ memoryId: ID }, { headers: { authorization: `Bearer ${READER}` } }),
    ),
  ]);
  expect(answered).toMatchObject({ code: "Unavailable", reason: "DEPENDENCY_UNAVAILABLE" });
  expect(refused.reason).toBe("PERMISSION_MISSING");
  expect(performance.now() - began).toBeLessThan(3_900);
});

describe("a stream", () => {
  const watching = (...steps: readonly (object | Error)[]): Answers => ({
    extraction: {
      async *watchExtraction() {
        for (const step of steps) {
          if (step instanceof Error) throw step;
          yield { extraction: { id: ID, ...step } };
        }
      },
    },
  });
  const watch = async (steps: readonly (object | Error)[], auditor?: Auditor) => {
    const { extractions } = await start(watching(...steps), auditor);
    const received = [];
    try {
      for await (const { extraction } of extractions.watchExtraction(
        { extractionId: ID },
        { headers: BEARER },
      )) {
        received.push(extraction);
      }
    } catch (error) {
      return { received, failure: ConnectError.from(error) };
    }
    return { received, failure: undefined };
  };

  it("is audited with its first message, and again where later ones name more", async () => {
    expect((await watch([{}, {}])).received).toHaveLength(2);
    expect(server.audited).toMatchObject([{ code: "ok", resources: [{ type: "extraction", id: ID }] }]);
    await server.stop();
    await watch([{}, { memoryIds: [OTHER] }]);
    expect(server.audited.map(({ resources }) => resources)).toEqual([
      [{ type: "extraction", id: ID }],
      [{ type: "memory", id: OTHER }],
    ]);
  });

  it("is audited where it yields nothing, and where it fails on the way", async () => {
    await watch([]);
    expect(server.audited).toMatchObject([{ code: "ok" }]);
    await server.stop();
    await watch([{}, new MnemeError("not_found", "EXTRACTION_NOT_FOUND", "gone")]);
    expect(server.audited.map(({ code, reason }) => [code, reason])).toEqual([
      ["ok", ""],
      ["not_found", "EXTRACTION_NOT_FOUND"],
    ]);
  });

  it("sends nothing that is not audited", async () => {
    const { received, failure } = await watch([{}], down);
    expect(received).toEqual([]);
    expect(failure?.code).toBe(Code.Unavailable);
  });
});
