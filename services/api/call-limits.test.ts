import { randomUUID } from "node:crypto";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { createRateLimiter } from "@mneme/core/limits/rate-limiter.ts";
import { createStreamLimiter } from "@mneme/core/limits/stream-limiter.ts";
import { trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { createRateStore } from "@mneme/postgres/rate-store.ts";
import { createStreamStore } from "@mneme/postgres/stream-store.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startTestServer, type TestServer } from "./testing/server.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

const SEARCH = "mneme.search.v1.SearchService/Search";
const QUERY = { scope: { userId: "ada" }, query: "tea" };
const EXTRACTION = { extractionId: "01890000-0000-7000-8000-000000000001" };

let record: TestRecord;
let resources: AsyncDisposableStack;
/** Two replicas on one record. */
let one: TestServer;
let other: TestServer;
let searches = 0;

beforeAll(async () => {
  record = await openTestRecord("limits");
  resources = new AsyncDisposableStack();
  [one, other] = [await replica(), await replica()];
});
afterAll(async () => {
  await Promise.all([one?.stop(), other?.stop()]);
  await resources?.disposeAsync();
  await record?.[Symbol.asyncDispose]();
});

function replica(): Promise<TestServer> {
  const { pool } = record.database;
  const defaults = {};
  return startTestServer(
    {
      search: {
        search: () => {
          searches += 1;
          return { tokens: 7 };
        },
      },
      extraction: {
        watchExtraction: async function* (_, { signal }) {
          yield {};
          await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        },
      },
    },
    {
      corsOrigins: ["https://app.example"],
      authenticator: resources.use(trustApiKeys(createApiKeys(pool))),
      callLimits: {
        rates: resources.use(createRateLimiter(createRateStore(pool), { defaults })),
        streams: resources.use(createStreamLimiter(createStreamStore(pool), { defaults })),
      },
    },
  );
}

/** A tenant of its own, with these limits. */
async function tenant(limits: object): Promise<Provisioned> {
  const provisioned = await record.provision();
  await record.admin.query("update mneme.tenants set limits = $2 where id = $1", [
    provisioned.tenantId,
    limits,
  ]);
  return provisioned;
}

const bearer = ({ apiKey }: Provisioned) => ({ authorization: `Bearer ${apiKey}` });

const post = (server: TestServer, of: Provisioned, body = JSON.stringify(QUERY), more = {}) =>
  fetch(`${server.url}/${SEARCH}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", origin: "https://app.example", ...bearer(of), ...more },
  });

describe("a rate", () => {
  it("is told in every answer, to browsers too", async () => {
    const of = await tenant({ requestsPerSecond: 0.5, burst: 5 });
    const { status, headers } = await post(one, of);
    expect(status).toBe(200);
    expect(headers.get("x-ratelimit-limit")).toBe("5");
    expect(headers.get("x-ratelimit-remaining")).toBe("4");
    expect(headers.get("x-ratelimit-reset")).toBe("2");
    const exposed = headers.get("access-control-expose-headers")?.toLowerCase().split(",");
    expect(exposed).toEqual(
      expect.arrayContaining([
        "retry-after",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
      ]),
    );
  });

  it("is not told where there is none", async () => {
    const { headers } = await post(one, await tenant({}));
    expect([...headers.keys()].filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
  });

  it("holds over replicas, and refuses before the body is read", async () => {
    const of = await tenant({ requestsPerSecond: 0.25, burst: 6 });
    const before = searches;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => post(i % 2 ? one : other, of)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
    expect(searches - before).toBe(6);
    const refused = await post(one, of, "no JSON at all");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    const waitS = Number(refused.headers.get("retry-after"));
    expect(waitS).toBeGreaterThanOrEqual(1);
    expect(waitS).toBeLessThanOrEqual(4);
    expect(await refused.json()).toMatchObject({ code: "resource_exhausted" });
    await vi.waitFor(async () => {
      const metrics = await (await fetch(`${one.metricsUrl}/metrics`)).text();
      expect(metrics).toMatch(/mneme_api_limited_total\{limit="requests_per_second",level="tenant"\} [1-9]/);
      expect(metrics).not.toContain(of.tenantId);
    });
  });

  it.each([
    ["Connect", (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
    ["gRPC-web", (baseUrl: string) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
    ["gRPC", (baseUrl: string) => createGrpcTransport({ baseUrl })],
  ])("is told and refused in %s", async (_, open) => {
    const of = await tenant({ requestsPerSecond: 0.2, burst: 1 });
    const client = createClient(SearchService, open(one.url));
    let told: Headers | undefined;
    const onHeader = (headers: Headers) => {
      told = headers;
    };
    await client.search(QUERY, { headers: bearer(of), onHeader });
    expect(told?.get("x-ratelimit-limit")).toBe("1");
    const failing = client.search(QUERY, { headers: bearer(of) });
    const error = await failing.then(() => undefined, ConnectError.from);
    expect(error?.code).toBe(Code.ResourceExhausted);
    expect(error?.metadata.get("retry-after")).toBe("5");
    expect(error?.metadata.get("x-ratelimit-remaining")).toBe("0");
    expect(await failureOfCall(failing)).toMatchObject({
      reason: "RATE_LIMITED",
      metadata: { limit: "0.2", scope: "tenant" },
      details: ["ErrorInfo", "QuotaFailure", "RetryInfo"],
      retryAfterMs: expect.closeTo(5_000, -3),
    });
  });

  it.each([
    ["that is another tenant's", async () => (await tenant({})).projectId],
    ["that there is none of", async () => randomUUID()],
    ["that is no id", async () => "another"],
  ])("counts calls for a project %s, and the trail tells of them", async (_, project) => {
    const of = await tenant({ requestsPerSecond: 0.01, burst: 2 });
    const headers = { "mneme-project": await project() };
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await post(one, of, "{}", headers));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 429, 429]);
    expect(answers[0]?.headers.get("x-ratelimit-remaining")).toBe("1");
    const { audited } = one;
    const told = audited.filter(
      ({ projectId, reason }) => projectId === "" && reason === "PROJECT_NOT_FOUND",
    );
    const [event] = told.slice(-1);
    expect(event).toMatchObject({ action: SEARCH, code: "not_found", resources: [] });
    const { rows } = await record.admin.query("select id from mneme.api_keys where tenant_id = $1", [
      of.tenantId,
    ]);
    expect(event?.actor.apiKeyId).toBe(rows[0].id);
  });

  it("counts calls of a suspended tenant, and its trail tells of them", async () => {
    const of = await tenant({ requestsPerSecond: 0.01, burst: 1 });
    await record.admin.query("update mneme.tenants set state = 'suspended' where id = $1", [of.tenantId]);
    expect([(await post(one, of)).status, (await post(one, of)).status]).toEqual([403, 429]);
    expect(one.audited.slice(-2)).toMatchObject([
      { projectId: of.projectId, reason: "SUSPENDED" },
      { projectId: of.projectId, reason: "RATE_LIMITED" },
    ]);
  });

  it("holds as soon as the tenant's limits change", async () => {
    const of = await tenant({});
    await post(one, of);
    for (const [limits, status] of [
      [{ requestsPerSecond: 0.01, burst: 1 }, 429],
      [{ requestsPerSecond: 100, burst: 100 }, 200],
    ] as const) {
      await record.admin.query("update mneme.tenants set limits = $2 where id = $1", [of.tenantId, limits]);
      await expect.poll(async () => (await post(one, of)).status, { timeout: 5_000 }).toBe(status);
    }
  });
});

describe("streams", () => {
  it("are bounded over replicas, and make room when they end", async () => {
    const of = await tenant({ streams: 2 });
    const watch = async (server: TestServer) => {
      const client = createClient(ExtractionService, createGrpcTransport({ baseUrl: server.url }));
      const hangUp = new AbortController();
      const stream = client.watchExtraction(EXTRACTION, { headers: bearer(of), signal: hangUp.signal });
      const items = stream[Symbol.asyncIterator]();
      await items.next();
      return { hangUp: () => hangUp.abort(), ended: items.next().catch(() => undefined) };
    };
    const first = await watch(one);
    const second = await watch(other);
    expect(await failureOfCall(watch(one))).toMatchObject({
      code: "ResourceExhausted",
      reason: "TOO_MANY_STREAMS",
      metadata: { limit: "2", scope: "tenant" },
      retryAfterMs: 1_000,
    });
    first.hangUp();
    const third = await vi.waitFor(() => watch(other), { timeout: 5_000 });
    for (const { hangUp } of [second, third]) hangUp();
    await Promise.all([first.ended, second.ended, third.ended]);
  });
});
