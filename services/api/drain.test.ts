import { Code, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@mneme/proto/grpc/health/v1/health_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { expect, test } from "vitest";
import { BEARER, startTestServer, type TestServer } from "./testing/server.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

const ID = "01890000-0000-7000-8000-000000000001";
const GOOD = { headers: BEARER };
const QUERY = { scope: { userId: "ada" }, query: "hello" };

/** A server whose searches wait until they are let go. */
async function startSlow(drainMs: number) {
  const come = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const server = await startTestServer(
    {
      search: {
        async search({ query }) {
          come.resolve();
          await goOn.promise;
          return { tokens: query.length };
        },
      },
      extraction: {
        async *watchExtraction(_, { signal }) {
          yield {};
          await new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason)),
          );
        },
      },
    },
    { drainMs },
  );
  return { server, come: come.promise, letGo: goOn.resolve };
}

type Connect = (server: TestServer) => Transport;

const CLIENTS: [string, Connect][] = [
  ["HTTP/1.1", (server) => createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" })],
  ["HTTP/2", (server) => createGrpcTransport({ baseUrl: server.url })],
];

test.each(CLIENTS)(
  "over %s, what is in progress is finished and what is new turned away",
  async (_, connect) => {
    const { server, come, letGo } = await startSlow(30_000);
    const call = createClient(SearchService, connect(server)).search(QUERY, GOOD);
    await come;
    const stopped = server.stop();

    const fresh = createClient(SearchService, connect(server));
    const error = await failureOfCall(fresh.search(QUERY, GOOD));
    expect(error).toMatchObject({ code: "Unavailable", reason: "DRAINING", retryAfterMs: 100 });
    expect((await fetch(`${server.metricsUrl}/ready`)).status).toBe(503);
    expect((await fetch(`${server.metricsUrl}/live`)).status).toBe(200);
    const health = createClient(Health, connect(server));
    expect((await health.check({})).status).toBe(Status.NOT_SERVING);

    letGo();
    expect((await call).tokens).toBe(5);
    await stopped;
    await expect(fetch(server.url)).rejects.toThrow();
    await expect(fetch(`${server.metricsUrl}/live`)).rejects.toThrow();
  },
);

test.each(CLIENTS)("over %s, streams to clients end at once and say why", async (_, connect) => {
  const { server, come, letGo } = await startSlow(30_000);
  const call = createClient(SearchService, connect(server)).search(QUERY, GOOD);
  await come;
  const watch = createClient(ExtractionService, connect(server)).watchExtraction({ extractionId: ID }, GOOD);
  const iterator = watch[Symbol.asyncIterator]();
  await iterator.next();
  const stopped = server.stop();
  expect(await failureOfCall(iterator.next())).toMatchObject({ code: "Unavailable", reason: "DRAINING" });
  letGo();
  await call;
  await stopped;
});

test.each(CLIENTS)("over %s, what takes too long is ended", async (_, connect) => {
  const { server, come } = await startSlow(50);
  const call = createClient(SearchService, connect(server)).search(QUERY, GOOD);
  const failed = failureOfCall(call);
  await come;
  await server.stop();
  expect(await failed).toMatchObject({ code: "Unavailable", reason: "DRAINING" });
});

test("an idle server stops at once, and stopping twice is stopping once", async () => {
  const { server } = await startSlow(60_000);
  const idle = createClient(Health, createGrpcTransport({ baseUrl: server.url }));
  await idle.check({});
  await Promise.all([server.stop(), server.stop()]);
  await expect(idle.check({})).rejects.toMatchObject({ code: Code.Unavailable });
});
