import { Code, ConnectError, createClient, type HandlerContext, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { countSpending } from "@mneme/core/cost/count-spending.ts";
import { createMessageQuota } from "@mneme/core/limits/message-quota.ts";
import { createRateLimiter } from "@mneme/core/limits/rate-limiter.ts";
import { createStreamLimiter } from "@mneme/core/limits/stream-limiter.ts";
import { createUsageGuard } from "@mneme/core/limits/usage.ts";
import { trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import { createMessageCounters } from "@mneme/postgres/message-counters.ts";
import { createRateStore } from "@mneme/postgres/rate-store.ts";
import { createSpendingStore } from "@mneme/postgres/spending-store.ts";
import { createStreamStore } from "@mneme/postgres/stream-store.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { createUsageStore } from "@mneme/postgres/usage-store.ts";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { type AddMessagesRequest, MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { Role } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callerOf } from "./call.ts";
import { startTestServer, type TestServer } from "./testing/server.ts";

const TWO_MESSAGES = {
  scope: { userId: "ada" },
  messages: ["I keep bees.", "I row."].map((text) => ({ role: Role.USER, text })),
};
const EXTRACTION = { extractionId: "01890000-0000-7000-8000-000000000001" };
/** Ten calls at once; the quotas below refuse before that. */
const RATE = { requestsPerSecond: 1, burst: 10 };

let record: TestRecord;
let resources: AsyncDisposableStack;
let server: TestServer;

beforeAll(async () => {
  record = await openTestRecord("quotas");
  resources = new AsyncDisposableStack();
  const { pool } = record.database;
  const defaults = {};
  const usage = createUsageGuard(createUsageStore(pool), { defaults });
  const messages = resources.use(createMessageQuota(createMessageCounters(pool), { defaults }));
  const answers = {
    memory: {
      async addMessages(request: AddMessagesRequest, context: HandlerContext) {
        const caller = callerOf(context);
        const count = request.messages.length;
        await usage.admit(caller, { drafts: count, needsModel: true });
        await messages.take(caller, count);
        return {};
      },
    },
    extraction: {
      async *watchExtraction(_: unknown, { signal }: HandlerContext) {
        yield {};
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      },
    },
  };
  server = await startTestServer(answers, {
    authenticator: resources.use(trustApiKeys(createApiKeys(pool))),
    callLimits: {
      rates: resources.use(createRateLimiter(createRateStore(pool), { defaults })),
      streams: resources.use(createStreamLimiter(createStreamStore(pool), { defaults })),
    },
  });
});
afterAll(async () => {
  await server?.stop();
  await resources?.disposeAsync();
  await record?.[Symbol.asyncDispose]();
});

/** Of a tenant of its own, with these limits, whose models have read two tokens this month. */
async function credentials(limits: object) {
  const { tenantId, projectId, apiKey } = await record.provision();
  const { admin, database } = record;
  await admin.query("update mneme.tenants set limits = $2 where id = $1", [tenantId, limits]);
  await using spending = countSpending(createSpendingStore(database.pool));
  const shares = [{ projectId, apiKeyId: undefined, text: "" }];
  spending.note(
    { tenantId, model: "m", purpose: "extract", shares },
    { input: 2, cachedInput: 0, output: 0 },
  );
  return { authorization: `Bearer ${apiKey}` };
}

type Send = (onHeader: (header: Headers) => void) => Promise<unknown>;

/** @returns the three headers and Retry-After of a refusal, from wherever its protocol brings them. */
async function refusalOf(send: Send): Promise<readonly (string | null)[]> {
  let header = new Headers();
  const refused = await send((told) => {
    header = told;
  }).then(() => undefined, ConnectError.from);
  expect(refused?.code).toBe(Code.ResourceExhausted);
  return ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"].map(
    (name) => refused?.metadata.get(name) ?? header.get(name),
  );
}

const PROTOCOLS: readonly (readonly [string, (baseUrl: string) => Transport])[] = [
  ["Connect", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  ["gRPC-web", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl })],
];

describe.each(PROTOCOLS)("who is refused for a quota is told of it in %s", (_, open) => {
  const QUOTAS = [{ messagesPerDay: 1 }, { memories: 1 }, { modelTokensPerMonth: 1 }];

  it.each(QUOTAS.flatMap((quota) => [quota, { ...quota, ...RATE }]))("with %o", async (limits) => {
    const headers = await credentials(limits);
    const client = createClient(MemoryService, open(server.url));
    const told = await refusalOf((onHeader) => client.addMessages(TWO_MESSAGES, { headers, onHeader }));
    const waits = told[3];
    expect(told).toEqual(["1", "0", waits, waits]);
    expect(Number(waits)).toBeGreaterThanOrEqual(1);
  });

  it.each([{ streams: 1 }, { streams: 1, ...RATE }])("with %o", async (limits) => {
    const headers = await credentials(limits);
    const client = createClient(ExtractionService, open(server.url));
    const hangUp = new AbortController();
    const first = client.watchExtraction(EXTRACTION, { headers, signal: hangUp.signal });
    await first[Symbol.asyncIterator]().next();
    const second = (onHeader: (header: Headers) => void) =>
      Array.fromAsync(client.watchExtraction(EXTRACTION, { headers, onHeader }));
    expect(await refusalOf(second)).toEqual(["1", "0", "1", "1"]);
    hangUp.abort();
  });

  it("and of its rate where it is let in", async () => {
    const headers = await credentials({ messagesPerDay: 2, ...RATE });
    const client = createClient(MemoryService, open(server.url));
    let told: Headers | undefined;
    const onHeader = (header: Headers) => {
      told = header;
    };
    await client.addMessages(TWO_MESSAGES, { headers, onHeader });
    expect(told?.get("x-ratelimit-limit")).toBe("10");
    expect(told?.get("x-ratelimit-remaining")).toBe("9");
  });
});
