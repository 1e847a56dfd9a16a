import { type CallOptions, createClient, createRouterTransport } from "@connectrpc/connect";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Extraction } from "@mneme/core/extraction/extraction.ts";
import type { AcceptInput } from "@mneme/core/memory/conversation-store.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import { ExtractionState, Processing, WaitingCause } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { MemoryService, WaitFor } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { describe, expect, test } from "vitest";
import { createFrame } from "../frame.ts";
import { createTelemetry } from "../interceptors/telemetry.ts";
import { createMetrics } from "../metrics.ts";
import { authenticator, BEARER, createTestAuditor, createTestLog, LIMITS } from "../testing/server.ts";
import { answering } from "../testing/services.ts";
import { failureOfCall } from "../testing/wire-errors.ts";
import { addMessages } from "./add-messages.ts";
import type { RouteDeps } from "./deps.ts";

const QUEUED: Extraction = {
  id: "01890000-0000-7000-8000-000000000001",
  state: "queued",
  scope: { userId: "ada" },
  messageCount: 1,
  counts: { added: 0, updated: 0, superseded: 0, unchanged: 0, deleted: 0, dropped: 0 },
  memoryIds: [],
  attempts: 0,
  failure: undefined,
  waiting: undefined,
  processing: "now",
  directReason: undefined,
  extractor: "",
  createdAt: new Date(0),
  extractedAt: undefined,
  searchableAt: undefined,
};
const GOOD: CallOptions = { headers: BEARER };
const ADDING = { scope: { userId: "ada" }, messages: [{ role: 1, text: "I moved to Lisbon." }] };

/** The route over ports that keep what they are given and say what `get` says of the extraction. */
function routeOver(get: () => Promise<Extraction>) {
  const accepted: AcceptInput[] = [];
  const deps: Pick<
    RouteDeps,
    "conversations" | "addLimits" | "tokens" | "extractions" | "signals" | "settings"
  > = {
    settings: { of: async () => ({ extraction: { excludeSensitive: ["payment", "health"] } }) },
    addLimits: {
      messages: { take: () => Promise.resolve(() => {}) },
      usage: { admit: () => Promise.resolve() },
      budgets: { admit: async () => undefined },
      embedsByServer: false,
      extractors: { standard: "embedded", hasModel: false },
      settings: { of: () => Promise.resolve({}) },
    },
    conversations: {
      accept(_, input) {
        accepted.push(input);
        return Promise.resolve({ extraction: QUEUED, messageIds: ["m1"] });
      },
    },
    tokens: { seal: () => "token", open: () => ({ type: "revision", revision: 1n, buckets: [3] }) },
    extractions: { get, list: () => Promise.reject(new Error()), retry: () => Promise.reject(new Error()) },
    signals: {
      changed: (_, __, signal) =>
        new Promise((resolve) => signal?.addEventListener("abort", () => resolve())),
    },
  };
  const never = new AbortController().signal;
  const { log } = createTestLog();
  const frame = createFrame({
    authenticator,
    limits: LIMITS,
    log,
    telemetry: createTelemetry({ log, metrics: createMetrics() }),
    auditor: createTestAuditor().auditor,
    onUnaudited: () => {},
    services: answering({ memory: { addMessages: addMessages(deps as RouteDeps) } }),
    openServices: [],
    draining: never,
    stopped: never,
  });
  const transport = createRouterTransport(frame.routes, { router: frame.options });
  return { add: createClient(MemoryService, transport).addMessages, accepted };
}

describe("AddMessages", () => {
  test("answers as soon as the messages are kept", async () => {
    const { add, accepted } = routeOver(() => Promise.reject(new Error("not asked for")));
    const answer = await add(ADDING, GOOD);
    expect(answer).toMatchObject({ extractionId: QUEUED.id, freshnessToken: "token", waitExpired: false });
    expect(accepted[0]?.items).toMatchObject([{ type: "turn", message: { role: "user" } }]);
  });

  test("hands on what may wait for a batch, and says at once that it does", async () => {
    const until = new Date(86_400_000);
    const { add, accepted } = routeOver(() =>
      Promise.resolve({ ...QUEUED, processing: "bulk", waiting: { reason: "BATCH", until } }),
    );
    const bulk = { ...ADDING, processing: Processing.BULK, waitFor: WaitFor.SEARCHABLE };
    const { extraction, waitExpired } = await add(bulk, GOOD);
    await add(ADDING, GOOD);
    expect(accepted.map(({ processing }) => processing)).toEqual(["bulk", "now"]);
    expect(waitExpired).toBe(true);
    expect(extraction).toMatchObject({
      processing: Processing.BULK,
      waiting: {
        cause: WaitingCause.BATCH,
        reason: ErrorReason.UNSPECIFIED,
        untilTime: { seconds: 86_400n },
      },
    });
  });

  test("waits for what was asked for", async () => {
    const { add } = routeOver(() => Promise.resolve({ ...QUEUED, state: "searchable" }));
    const answer = await add({ ...ADDING, waitFor: WaitFor.SEARCHABLE }, GOOD);
    expect(answer).toMatchObject({ waitExpired: false, extraction: { state: ExtractionState.SEARCHABLE } });
  });

  test("says before the deadline that it was not reached", async () => {
    const { add } = routeOver(() => Promise.resolve(QUEUED));
    const answer = await add({ ...ADDING, waitFor: WaitFor.EXTRACTED }, { ...GOOD, timeoutMs: 1000 });
    expect(answer).toMatchObject({ waitExpired: true, extraction: { state: ExtractionState.QUEUED } });
  });

  test("a wait that is cut is no error: the messages are kept", async () => {
    const down = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the record does not answer");
    const { add } = routeOver(() => Promise.reject(down));
    const answer = await add({ ...ADDING, waitFor: WaitFor.SEARCHABLE }, GOOD);
    expect(answer).toMatchObject({ extractionId: QUEUED.id, waitExpired: true });
  });

  test("refuses of finished statements and metadata what the project keeps out; what people say is dropped later", async () => {
    const { add, accepted } = routeOver(() => Promise.resolve(QUEUED));
    const messages = [
      { role: 1, text: "I row." },
      { role: 1, text: "My card is 4111 1111 1111 1111." },
    ];
    expect(await failureOfCall(add({ ...ADDING, messages, infer: false }, GOOD))).toMatchObject({
      reason: "SENSITIVE_EXCLUDED",
      fields: ["messages[1].text"],
    });
    const metadata = { card: { value: { case: "stringValue" as const, value: "4111111111111111" } } };
    expect(await failureOfCall(add({ ...ADDING, metadata }, GOOD))).toMatchObject({ fields: ["metadata"] });
    expect(accepted).toEqual([]);
    await add({ ...ADDING, messages }, GOOD);
    expect(accepted).toHaveLength(1);
  });

  test("refuses a blank text that would be stored as a statement", async () => {
    const { add, accepted } = routeOver(() => Promise.resolve(QUEUED));
    const turn = { role: 2, text: "", toolCalls: [{ id: "c1", name: "open" }] };
    const error = await failureOfCall(add({ ...ADDING, messages: [turn], infer: false }, GOOD));
    expect(error).toMatchObject({ reason: "FIELD_INVALID", fields: ["messages[0].text"] });
    expect(accepted).toEqual([]);
    await add({ ...ADDING, messages: [turn] }, GOOD);
  });
});
