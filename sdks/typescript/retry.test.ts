import { getEventListeners } from "node:events";
import { Code, createRouterTransport } from "@connectrpc/connect";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { errorOfKind } from "./errors/errors.ts";
import {
  AbortedError,
  CancelledError,
  DeadlineExceededError,
  Mneme,
  type MnemeOptions,
  type RetryEvent,
  UnavailableError,
} from "./node.ts";
import { backoffMs, isRetryable, retryPolicy } from "./retry.ts";
import { HttpServer } from "./test/http-server.ts";
import { KEY, MemoryServer } from "./test/memory-server.ts";
import { wireError } from "./test/wire-error.ts";

const QUICK = { retries: 3, baseDelayMs: 1, maxDelayMs: 2 };

describe("backoff", () => {
  const policy = retryPolicy();

  it("stays between nothing and a ceiling that doubles", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retry, random) => {
          const delay = backoffMs(policy, retry, undefined, () => random);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(
            Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (retry - 1)),
          );
        },
      ),
    );
  });

  it("is never shorter than the server asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 10 }),
        (retryAfterMs, retry) => {
          const error = errorOfKind("unavailable", "", { retryAfterMs });
          expect(backoffMs(policy, retry, error)).toBeGreaterThanOrEqual(retryAfterMs);
        },
      ),
    );
  });

  it.each([
    ["unavailable", undefined, true],
    ["deadline_exceeded", "FRESHNESS_TIMEOUT", true],
    ["resource_exhausted", "TOO_MANY_STREAMS", true],
    ["resource_exhausted", "RATE_LIMITED", true],
    ["resource_exhausted", "QUOTA_EXCEEDED", false],
    ["resource_exhausted", "MESSAGE_TOO_LARGE", false],
    ["aborted", "ETAG_MISMATCH", false],
    ["aborted", undefined, true],
    ["invalid_argument", "FIELD_INVALID", false],
    ["internal", "INTERNAL", false],
    ["cancelled", "CANCELLED", false],
  ] as const)("%s %s: %s", (kind, reason, expected) => {
    expect(isRetryable(errorOfKind(kind, "", { reason }))).toBe(expected);
  });
});

describe("retries in process", () => {
  let server: MemoryServer;
  let mneme: Mneme;
  let events: RetryEvent[];

  beforeEach(() => {
    server = new MemoryServer();
    events = [];
    const transport = createRouterTransport(server.routes);
    mneme = new Mneme({ apiKey: KEY, transport, retries: QUICK, onRetry: (event) => events.push(event) });
  });

  it("sends the same request id on every try", async () => {
    for (let i = 0; i < 3; i++) server.failures.push(wireError("draining", Code.Unavailable, "DRAINING"));
    await mneme.user("ada").add("hello");
    const ids = server.calls.map(({ requestId }) => requestId);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    await mneme.user("ada").add("hello again");
    expect(server.calls.at(-1)?.requestId).not.toBe(ids[0]);
  });

  it("gives up after the last try with the server's own error", async () => {
    for (let i = 0; i < 9; i++)
      server.failures.push(
        wireError("index down", Code.Unavailable, "DEPENDENCY_UNAVAILABLE", { dependency: "index" }),
      );
    const error = await mneme
      .user("ada")
      .search("x")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE", metadata: { dependency: "index" } });
    expect(server.calls).toHaveLength(4);
  });

  it("waits as long as the server asks for", async () => {
    server.failures.push(wireError("later", Code.ResourceExhausted, "TOO_MANY_STREAMS", {}, 40));
    await mneme.user("ada").search("x");
    expect(events[0]).toMatchObject({ retry: 1, error: { retryAfterMs: 40 } });
    expect(events[0]?.delayMs).toBeGreaterThanOrEqual(40);
  });

  it("does not wait longer than the deadline", async () => {
    server.failures.push(wireError("later", Code.Unavailable, "DRAINING", {}, 900));
    const search = mneme.user("ada").search("x", { timeoutMs: 500 });
    await expect(search).rejects.toMatchObject({ reason: "DRAINING", retryAfterMs: 900 });
    expect(events).toEqual([]);
  });

  it("leaves an etag that does not match to the caller", async () => {
    const added = await mneme.user("ada").add("one");
    const id = added.extraction?.memoryIds[0] ?? "";
    await expect(mneme.memories.update(id, { text: "two" }, { etag: "old" })).rejects.toBeInstanceOf(
      AbortedError,
    );
    expect(server.calls).toHaveLength(2);
  });

  it("stops waiting when it is cancelled", async () => {
    const cancel = new AbortController();
    server.failures.push(wireError("later", Code.Unavailable, "DRAINING", {}, 900));
    const patient = new Mneme({
      apiKey: KEY,
      transport: createRouterTransport(server.routes),
      onRetry: () => cancel.abort(new Error("enough")),
    });
    const error = await patient
      .user("ada")
      .search("x", { signal: cancel.signal })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error).toMatchObject({ cause: new Error("enough") });
    await expect(patient.user("ada").search("x", { signal: cancel.signal })).rejects.toBeInstanceOf(
      CancelledError,
    );
    expect(server.calls).toHaveLength(1);
  });

  describe.each(["apiKey", "token"] as const)("with a function that never answers for the %s", (name) => {
    const never = () => new Promise<string>(() => undefined);
    const hanging = (options: MnemeOptions = {}) =>
      new Mneme({
        transport: createRouterTransport(server.routes),
        retries: QUICK,
        [name]: never,
        ...options,
      });

    it("ends with the deadline of the call, or of the watch", async () => {
      const late = { name: "DeadlineExceededError", reason: "DEADLINE_EXCEEDED" };
      const mneme = hanging({ timeoutMs: 20 });
      await expect(mneme.user("ada").search("x")).rejects.toMatchObject(late);
      const watch = mneme.extractions.watch("0197a0a0-0000-7000-8000-000000000000", { timeoutMs: 20 });
      await expect(watch.next()).rejects.toMatchObject(late);
      expect(server.calls).toHaveLength(0);
    });

    it("ends at once when it is cancelled, and leaves nothing on the signal", async () => {
      const cancel = new AbortController();
      const { signal } = cancel;
      const mneme = hanging({ timeoutMs: Number.POSITIVE_INFINITY });
      await expect(mneme.user("ada").search("x", { signal, timeoutMs: 20 })).rejects.toBeInstanceOf(
        DeadlineExceededError,
      );
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
      const waiting = mneme.user("ada").search("x", { signal });
      await vi.waitFor(() => expect(getEventListeners(signal, "abort")).toHaveLength(1));
      cancel.abort(new Error("enough"));
      await expect(waiting).rejects.toMatchObject({ name: "CancelledError", cause: new Error("enough") });
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
      expect(server.calls).toHaveLength(0);
    });
  });

  it("does not ask for a key once the call is cancelled", async () => {
    const apiKey = vi.fn(() => KEY);
    const mneme = new Mneme({ transport: createRouterTransport(server.routes), apiKey });
    const search = mneme.user("ada").search("x", { signal: AbortSignal.abort() });
    await expect(search).rejects.toBeInstanceOf(CancelledError);
    expect(apiKey).not.toHaveBeenCalled();
  });

  it("takes nothing from a signal that outlives many calls", async () => {
    const { signal } = new AbortController();
    for (let i = 0; i < 5; i++) {
      server.failures.push(wireError("draining", Code.Unavailable, "DRAINING"));
      await mneme.user("ada").search("x", { signal });
    }
    expect(events).toHaveLength(5);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("asks for the key again on every try", async () => {
    let asked = 0;
    const transport = createRouterTransport(server.routes);
    const rotating = new Mneme({
      transport,
      retries: QUICK,
      apiKey: async () => (asked++ === 0 ? KEY : KEY),
    });
    server.failures.push(wireError("draining", Code.Unavailable, "DRAINING"));
    await rotating.user("ada").search("x");
    expect(asked).toBe(2);
  });
});

describe.each([
  ["HTTP/2", "2", {}],
  ["HTTP/2, gRPC", "2", { protocol: "grpc" }],
  ["HTTP/1.1", "1.1", { httpVersion: "1.1" }],
  ["fetch", "1.1", { fetch: globalThis.fetch }],
] as const)("retries over %s", (_name, httpVersion, options) => {
  const setUp = async (more: MnemeOptions = {}) => {
    const server = new MemoryServer();
    const http = new HttpServer(server.routes, httpVersion);
    const url = await http.listen();
    const mneme = new Mneme({ url, apiKey: KEY, retries: QUICK, ...options, ...more });
    const close = async () => {
      mneme.close();
      await http[Symbol.asyncDispose]();
    };
    return { server, http, mneme, [Symbol.asyncDispose]: close };
  };

  it.each(["neverArrives", "answerLost", "answerTorn"] as const)("adds once when: %s", async (fate) => {
    await using it = await setUp();
    await it.mneme.user("ada").add("first, on a good connection");
    it.http.fates.push(it.http[fate], it.http[fate]);
    const added = await it.mneme.user("ada").add("only once");
    expect(added.messageIds).toHaveLength(1);
    expect(it.server.memories.size).toBe(2);
    const ids = it.server.calls.slice(1).map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(fate === "neverArrives" ? 1 : 3);
  });

  it("tries again when a proxy is busy", async () => {
    await using it = await setUp();
    it.http.fates.push(it.http.proxyAnswers(503), it.http.proxyAnswers(502));
    await it.mneme.user("ada").add("hello");
    expect(it.server.calls).toHaveLength(1);
  });

  it("hears a refusal while most of what it sends is still to be sent, and does not try again", async () => {
    const events: RetryEvent[] = [];
    await using it = await setUp({ onRetry: (event) => events.push(event) });
    it.http.fates.push(it.http.proxyAnswers(413));
    await expect(it.mneme.user("ada").add("x".repeat(50_000_000))).rejects.toThrow("HTTP 413");
    expect(events).toEqual([]);
  });

  it("tries again when no answer comes in time", async () => {
    await using it = await setUp({ attemptTimeoutMs: 100 });
    it.http.fates.push(it.http.silence);
    const { hits } = await it.mneme.user("ada").search("x");
    expect(hits).toEqual([]);
  });

  it("ends with the deadline of the whole call", async () => {
    await using it = await setUp();
    it.http.fates.push(it.http.silence);
    const search = it.mneme.user("ada").search("x", { timeoutMs: 100 });
    await expect(search).rejects.toBeInstanceOf(DeadlineExceededError);
  });

  it("ends at once when it is cancelled", async () => {
    await using it = await setUp();
    const cancel = new AbortController();
    it.http.fates.push(() => cancel.abort());
    const search = it.mneme.user("ada").search("x", { signal: cancel.signal });
    await expect(search).rejects.toBeInstanceOf(CancelledError);
  });

  it("says unavailable where nobody listens", async () => {
    const it = await setUp();
    await it[Symbol.asyncDispose]();
    await expect(it.mneme.user("ada").search("x")).rejects.toBeInstanceOf(UnavailableError);
  });
});
