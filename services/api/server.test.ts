import { Agent, createServer, request as httpRequest } from "node:http";
import { connect as connectHttp2, constants } from "node:http2";
import { connect, createServer as createTcpServer } from "node:net";
import { gunzipSync, gzipSync } from "node:zlib";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient, type Transport } from "@connectrpc/connect";
import {
  compressionBrotli,
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import {
  createConnectTransport as createWebConnectTransport,
  createGrpcWebTransport as createWebGrpcWebTransport,
} from "@connectrpc/connect-web";
import {
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import {
  SearchRequestSchema,
  SearchResponseSchema,
  SearchService,
} from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { BEARER, KEY, startTestServer, type TestServer } from "./testing/server.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

const ID = "01890000-0000-7000-8000-000000000001";
const GOOD = { headers: BEARER };
const QUERY = { scope: { userId: "ada" }, query: "where does Ada live" };
const LONG = "a sentence that compresses well. ".repeat(4_000);

let server: TestServer;
/** The next call that hangs: it has come, and its signal has fired. */
const newEvent = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const event = { promise, done: false, happen: () => {} };
  event.happen = () => {
    event.done = true;
    resolve();
  };
  return event;
};
let hanging = { come: newEvent(), ended: newEvent() };
const expectHanging = () => {
  hanging = { come: newEvent(), ended: newEvent() };
  return hanging;
};

beforeAll(async () => {
  server = await startTestServer(
    {
      search: {
        search: ({ query }, { signal }) => {
          if (query !== "hang") return { tokens: query.length };
          const { come, ended } = hanging;
          signal.addEventListener("abort", ended.happen);
          come.happen();
          return new Promise(() => {});
        },
        getContext: ({ query }) => ({ text: query === "too much" ? "x".repeat(65 * 1024 * 1024) : LONG }),
      },
      memory: {
        getMemory: () => ({ memory: { id: ID } }),
        async importMemories(requests) {
          let accepted = 0;
          for await (const _ of requests) accepted++;
          return { accepted };
        },
      },
      extraction: {
        async *watchExtraction() {
          yield { extraction: { attempts: 1 } };
          yield { extraction: { attempts: 2 } };
        },
      },
    },
    { corsOrigins: ["https://app.example"] },
  );
});
afterAll(() => server.stop());

type MakeTransport = () => Transport;

const TRANSPORTS: [string, MakeTransport][] = [
  ["Connect over HTTP/1.1", () => createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" })],
  ["Connect over h2c", () => createConnectTransport({ baseUrl: server.url, httpVersion: "2" })],
  [
    "Connect in JSON",
    () => createConnectTransport({ baseUrl: server.url, httpVersion: "2", useBinaryFormat: false }),
  ],
  [
    "Connect by GET",
    () => createConnectTransport({ baseUrl: server.url, httpVersion: "1.1", useHttpGet: true }),
  ],
  ["gRPC over h2c", () => createGrpcTransport({ baseUrl: server.url })],
  ["gRPC-web over HTTP/1.1", () => createGrpcWebTransport({ baseUrl: server.url, httpVersion: "1.1" })],
  ["gRPC-web over h2c", () => createGrpcWebTransport({ baseUrl: server.url, httpVersion: "2" })],
  ["a browser's Connect", () => createWebConnectTransport({ baseUrl: server.url })],
  ["a browser's gRPC-web", () => createWebGrpcWebTransport({ baseUrl: server.url })],
];

describe.each(TRANSPORTS)("%s", (_name, makeTransport) => {
  test("answers a call", async () => {
    const { search } = createClient(SearchService, makeTransport());
    expect((await search(QUERY, GOOD)).tokens).toBe(QUERY.query.length);
  });

  test("streams to the client", async () => {
    const attempts: (number | undefined)[] = [];
    const { watchExtraction } = createClient(ExtractionService, makeTransport());
    for await (const { extraction } of watchExtraction({ extractionId: ID }, GOOD)) {
      attempts.push(extraction?.attempts);
    }
    expect(attempts).toEqual([1, 2]);
  });

  test("brings errors with their details", async () => {
    const { search } = createClient(SearchService, makeTransport());
    const error = await failureOfCall(search({ ...QUERY, limit: -1 }, GOOD));
    expect(error).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: ["limit"] });
    expect(await failureOfCall(search(QUERY))).toMatchObject({ reason: "CREDENTIALS_MISSING" });
  });

  // Of the larger one, most is still with the client when it is refused.
  test.each([300_000, 40_000_000])("refuses a message over the limit, of %i bytes", async (bytes) => {
    const { search } = createClient(SearchService, makeTransport());
    const error = await failureOfCall(search({ ...QUERY, query: "x".repeat(bytes) }, GOOD));
    expect(error).toMatchObject({
      code: "ResourceExhausted",
      reason: "MESSAGE_TOO_LARGE",
      metadata: { limit_bytes: "262144" },
    });
  });

  test("a call that the client gives up is given up here", async () => {
    const { come, ended } = expectHanging();
    const abort = new AbortController();
    const { search } = createClient(SearchService, makeTransport());
    const call = search({ ...QUERY, query: "hang" }, { ...GOOD, signal: abort.signal });
    const rejected = expect(call).rejects.toMatchObject({ code: Code.Canceled });
    const before = server.lines.length;
    await come.promise;
    abort.abort();
    await rejected;
    await ended.promise;
    await vi.waitFor(() => expect(server.lines.slice(before).join("")).toContain('"code":"canceled"'));
    expect(server.lines.slice(before).filter((line) => !line.includes('"level":"info"'))).toEqual([]);
  });

  test("a deadline is obeyed on both sides", async () => {
    const { search } = createClient(SearchService, makeTransport());
    // On a busy machine a short one may pass before the call has come.
    for (const timeoutMs of [100, 1000, 10_000]) {
      const { come, ended } = expectHanging();
      const call = search({ ...QUERY, query: "hang" }, { ...GOOD, timeoutMs });
      await expect(call).rejects.toMatchObject({ code: Code.DeadlineExceeded });
      if (come.done) return ended.promise;
    }
    throw new Error("no call came in time");
  });
});

test.each(TRANSPORTS.filter(([name]) => !name.startsWith("a browser")))(
  "%s streams from the client",
  async (_, makeTransport) => {
    const { importMemories } = createClient(MemoryService, makeTransport());
    const items = (async function* () {
      for (const text of ["one", "two", "three"]) yield { memory: { text } };
    })();
    expect((await importMemories(items, GOOD)).accepted).toBe(3);
  },
);

describe("@grpc/grpc-js", () => {
  const Client = makeGenericClientConstructor(
    {
      search: {
        path: "/mneme.search.v1.SearchService/Search",
        requestStream: false,
        responseStream: false,
        requestSerialize: (bytes: Buffer) => bytes,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    "SearchService",
  );

  function call(body: Uint8Array, key = KEY, options = {}): Promise<Buffer> {
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), options);
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${key}`);
    return new Promise<Buffer>((resolve, reject) => {
      client.search?.(Buffer.from(body), metadata, (error: ServiceError | null, answer: Buffer) => {
        client.close();
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }
  const body = (query: string) => toBinary(SearchRequestSchema, searchRequest(query));

  test("answers, compressed as well", async () => {
    for (const options of [{}, { "grpc.default_compression_algorithm": 2 }]) {
      const answer = await call(body("hello"), KEY, options);
      expect(fromBinary(SearchResponseSchema, answer).tokens).toBe(5);
    }
  });

  test("brings the status with its details", async () => {
    const error = (await call(body("hello"), "mk_unknown").catch((reason) => reason)) as ServiceError;
    expect(error.code).toBe(status.UNAUTHENTICATED);
    expect(error.metadata.get("grpc-status-details-bin")[0]?.toString()).toContain("CREDENTIALS_INVALID");
  });

  test("names the field of invalid UTF-8 in binary", async () => {
    const bytes = Buffer.from(body("hello"));
    bytes[bytes.indexOf("hello")] = 0xff;
    const error = (await call(bytes).catch((reason) => reason)) as ServiceError;
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toContain("query: is not valid UTF-8");
  });

  test("refuses a time of more nanoseconds than a second has in binary", async () => {
    const asOf = create(TimestampSchema, { seconds: 1n, nanos: 1_500_000_000 });
    const bytes = toBinary(SearchRequestSchema, create(SearchRequestSchema, { ...QUERY, asOf }));
    const error = (await call(Buffer.from(bytes)).catch((reason) => reason)) as ServiceError;
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.details).toContain("as_of: must have nanos from 0 to 999,999,999");
  });

  test("says that a body is no Protobuf", async () => {
    const error = (await call(Buffer.from("no protobuf at all")).catch((reason) => reason)) as ServiceError;
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(error.metadata.get("grpc-status-details-bin")[0]?.toString()).toContain("REQUEST_MALFORMED");
  });
});

function searchRequest(query: string) {
  const bytes = Buffer.concat([
    // scope { user_id: "ada" }, query
    Buffer.from([0x0a, 0x05, 0x0a, 0x03]),
    Buffer.from("ada"),
    Buffer.from([0x12, query.length]),
    Buffer.from(query),
  ]);
  return fromBinary(SearchRequestSchema, bytes);
}

describe("plain HTTP", () => {
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...BEARER, ...headers },
    });
  const SEARCH = "/mneme.search.v1.SearchService/Search";
  /** A request that became no call still has its line in the log, found by the id in its answer. */
  const expectTurnedAway = (response: Response, members: Record<string, string>) => {
    const id = response.headers.get("x-request-id");
    const line = server.lines.map((text) => JSON.parse(text)).find(({ request_id }) => request_id === id);
    expect(line).toMatchObject({ msg: "turned away", ...members });
  };

  test("JSON in, JSON out, with the request's id", async () => {
    const response = await post(SEARCH, JSON.stringify(QUERY), { "x-request-id": "req-19" });
    expect(await response.json()).toEqual({ tokens: 19 });
    expect(response.headers.get("x-request-id")).toBe("req-19");
  });

  test("an error in JSON names the field and quotes nothing", async () => {
    const response = await post(SEARCH, '{"scope":{"userId":"ada"},"query":{"hidden-word":1}}');
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      code: "invalid_argument",
      details: [{ type: "google.rpc.ErrorInfo" }, { type: "google.rpc.BadRequest" }],
    });
    expect(text).toContain("query");
    expect(text).not.toContain("hidden-word");
  });

  test("invalid UTF-8 in JSON is refused, not replaced", async () => {
    const bytes = Buffer.from('{"scope":{"userId":"ada"},"query":"ab"}');
    bytes[bytes.indexOf("ab")] = 0xc0;
    const response = await post(SEARCH, new Uint8Array(bytes));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("query");
  });

  test.each([
    ["a body that is not what its encoding says", "not gzip", { "content-encoding": "gzip" }, 400],
    ["an unknown encoding", "{}", { "content-encoding": "zstd" }, 501],
    ["a time-out that is none", "{}", { "connect-timeout-ms": "soon" }, 400],
  ])("refuses %s", async (_, body, headers, code) => {
    const response = await post(SEARCH, body, headers);
    expect(response.status).toBe(code);
    expect(await response.text()).toContain("google.rpc.ErrorInfo");
  });

  test("says which content types it takes", async () => {
    const response = await post(SEARCH, "query=hello", {
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(response.status).toBe(415);
    expect(response.headers.get("accept-post")).toContain("application/json, application/proto");
    expect(await response.json()).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("application/json"),
      details: [{ type: "google.rpc.ErrorInfo", debug: { reason: "REQUEST_MALFORMED" } }],
    });
    expectTurnedAway(response, {
      service: "mneme.search.v1.SearchService",
      method: "Search",
      code: "invalid_argument",
      reason: "REQUEST_MALFORMED",
    });
    const stream = await post("/mneme.memory.v1.MemoryService/ImportMemories", "{}");
    expect(stream.status).toBe(415);
    expect((await stream.json()).message).toContain("application/connect+json");
    // The connection is good for the next call.
    expect((await post(SEARCH, JSON.stringify(QUERY))).status).toBe(200);
  });

  test("says which HTTP methods it takes", async () => {
    const response = await fetch(`${server.url}${SEARCH}`, { headers: BEARER });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect((await response.json()).message).toContain("POST");
    expectTurnedAway(response, { method: "Search", reason: "REQUEST_MALFORMED" });
  });

  test("lets no cache keep what a GET is answered, errors included", async () => {
    const get = (message: object) =>
      fetch(
        `${server.url}/mneme.memory.v1.MemoryService/GetMemory?encoding=json&message=${encodeURIComponent(JSON.stringify(message))}`,
        { headers: BEARER },
      );
    const found = await get({ memoryId: ID });
    expect(found.status).toBe(200);
    expect(found.headers.get("cache-control")).toBe("no-store");
    const refused = await get({ memoryId: "none" });
    expect(refused.status).toBe(400);
    expect(refused.headers.get("cache-control")).toBe("no-store");
  });

  test("malformed JSON names no field, as none is at fault", async () => {
    const response = await post(SEARCH, "{hidden-word");
    expect(response.status).toBe(400);
    const { details, message } = await response.json();
    expect(details).toMatchObject([{ debug: { reason: "REQUEST_MALFORMED" } }]);
    expect(details[0].debug.metadata ?? {}).toEqual({});
    expect(message).not.toContain("hidden-word");
  });

  test("a day that the calendar does not have is refused, not moved", async () => {
    const response = await post(SEARCH, JSON.stringify({ ...QUERY, asOf: "2026-02-30T00:00:00Z" }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      message: "as_of: is not a time in RFC 3339",
      details: [{ debug: { reason: "FIELD_INVALID", metadata: { field: "as_of" } } }, {}],
    });
  });

  test("a small body that inflates beyond the limit is refused", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    const response = await post(SEARCH, new Uint8Array(bomb), { "content-encoding": "gzip" });
    expect(response.status).toBe(429);
    expect(await response.text()).toContain("262144 bytes");
  });

  test("an answer over the limit is refused, and the limit said", async () => {
    const body = JSON.stringify({ ...QUERY, query: "too much" });
    const response = await post("/mneme.search.v1.SearchService/GetContext", body);
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({
      details: [{ debug: { reason: "MESSAGE_TOO_LARGE", metadata: { limit_bytes: "67108864" } } }, {}],
    });
  });

  test("a path without a procedure is an error of every protocol", async () => {
    const json = await post("/mneme.search.v1.SearchService/hidden-word", "{}", {
      "x-request-id": "req-404",
    });
    expect(json.status).toBe(404);
    expect(await json.json()).toMatchObject({
      code: "unimplemented",
      details: [{ type: "google.rpc.ErrorInfo" }],
    });
    const grpc = await post("/no.such.Service/Method", "", { "content-type": "application/grpc" });
    expect(grpc.status).toBe(200);
    expect(grpc.headers.get("grpc-status")).toBe("12");
    const none = { service: "", method: "", code: "unimplemented", reason: "UNIMPLEMENTED" };
    expect(json.headers.get("x-request-id")).toBe("req-404");
    for (const response of [json, grpc]) expectTurnedAway(response, none);
    expect(server.lines.join("")).not.toContain("hidden-word");
    const metrics = await (await fetch(`${server.metricsUrl}/metrics`)).text();
    expect(metrics).toContain('mneme_api_failures_total{service="",method="",reason="UNIMPLEMENTED"} 2');
  });

  test("a body over the limit is refused in words also when its length is not said", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: Buffer) =>
      new Promise<number | undefined>((resolve, reject) => {
        const headers = { "content-type": "application/json", "transfer-encoding": "chunked", ...BEARER };
        const request = httpRequest(`${server.url}${SEARCH}`, { method: "POST", agent, headers });
        request.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
        request.on("error", reject);
        request.end(body);
      });
    expect(await send(Buffer.alloc(2_000_000, 0x20))).toBe(429);
    // The connection is good for the next call.
    expect(await send(Buffer.from(JSON.stringify(QUERY)))).toBe(200);
    agent.destroy();
  });

  test("without credentials the body is not read", async () => {
    const response = await new Promise<{ status: number | undefined }>((resolve, reject) => {
      const request = httpRequest(`${server.url}${SEARCH}`, {
        method: "POST",
        headers: { "content-type": "application/json", "content-length": 100_000 },
      });
      request.on("response", (answer) => resolve({ status: answer.statusCode }));
      request.on("error", reject);
      // The rest of the body never comes.
      request.write("{");
    });
    expect(response.status).toBe(401);
  });

  test.each([
    ["a Host that is none", `POST ${SEARCH} HTTP/1.1\r\nHost: [\r\nContent-Length: 0\r\n\r\n`],
    ["no Host", `POST ${SEARCH} HTTP/1.0\r\nContent-Length: 0\r\n\r\n`],
    ["what is not HTTP", "\x16\x03\x01 not a request\r\n\r\n"],
    ["half a preface", "PRI * HTTP/2.0\r\n\r\nXX"],
    ["headers without an end", `POST ${SEARCH} HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
  ])("survives %s", async (_, bytes) => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.end(bytes));
      socket.on("close", () => resolve());
      socket.on("error", () => {});
      socket.resume();
    });
    expect((await post(SEARCH, JSON.stringify(QUERY))).status).toBe(200);
  });

  test.each([
    ["a code of its own", constants.NGHTTP2_INTERNAL_ERROR],
    ["none", constants.NGHTTP2_NO_ERROR],
  ])("a client that resets its stream with %s hung up, and nothing is wrong here", async (_, code) => {
    const { come, ended } = expectHanging();
    const before = server.lines.length;
    const session = connectHttp2(server.url);
    const stream = session.request({
      ":method": "POST",
      ":path": SEARCH,
      "content-type": "application/json",
      ...BEARER,
    });
    stream.on("error", () => {});
    stream.end(JSON.stringify({ ...QUERY, query: "hang" }));
    await come.promise;
    stream.close(code);
    await ended.promise;
    await vi.waitFor(() => expect(server.lines.slice(before).join("")).toContain('"code":"canceled"'));
    session.close();
    expect(server.lines.slice(before).filter((line) => !line.includes('"level":"info"'))).toEqual([]);
  });

  test("a preface that comes byte by byte is still HTTP/2", async () => {
    const upstream = await slowly(server.port);
    const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${upstream.port}` });
    expect((await createClient(SearchService, transport).search(QUERY, GOOD)).tokens).toBe(19);
    upstream.close();
  });
});

/** A relay that sends the first bytes of every connection one by one. */
async function slowly(port: number): Promise<{ port: number; close(): void }> {
  const relay = createTcpServer((client) => {
    const target = connect({ port, host: "127.0.0.1", noDelay: true });
    target.pipe(client);
    client.once("data", (first) => {
      client.pause();
      void (async () => {
        for (const byte of first.subarray(0, 6)) {
          await new Promise<void>((resolve) =>
            target.write(Buffer.from([byte]), () => setImmediate(resolve)),
          );
        }
        target.write(first.subarray(6));
        client.pipe(target);
      })();
    });
    for (const socket of [client, target]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const address = relay.address();
  return { port: typeof address === "object" && address ? address.port : 0, close: () => void relay.close() };
}

describe("compression", () => {
  test.each([
    ["gzip", compressionGzip],
    ["br", compressionBrotli],
  ])("%s both ways", async (_, compression) => {
    const transport = createConnectTransport({
      baseUrl: server.url,
      httpVersion: "2",
      sendCompression: compression,
      acceptCompression: [compression],
      compressMinBytes: 0,
    });
    const { text } = await createClient(SearchService, transport).getContext(QUERY, GOOD);
    expect(text).toBe(LONG);
  });

  test("an answer travels compressed", async () => {
    const response = await new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
      const request = httpRequest(
        `${server.url}/mneme.search.v1.SearchService/GetContext`,
        {
          method: "POST",
          headers: { "content-type": "application/json", "accept-encoding": "gzip", ...BEARER },
        },
        async (answer) => {
          const body = Buffer.concat(await answer.toArray());
          resolve({ encoding: answer.headers["content-encoding"], body });
        },
      );
      request.on("error", reject);
      request.end(JSON.stringify(QUERY));
    });
    expect(response.encoding).toBe("gzip");
    expect(response.body.length).toBeLessThan(LONG.length / 10);
    expect(JSON.parse(gunzipSync(response.body).toString()).text).toBe(LONG);
  });
});

describe("browsers", () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/mneme.search.v1.SearchService/Search`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,connect-protocol-version,content-type",
      },
    });

  test("may call from an allowed origin", async () => {
    const { status: code, headers } = await preflight("https://app.example");
    expect(code).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(headers.get("access-control-allow-headers")?.toLowerCase()).toContain("authorization");
  });

  test("may not from another", async () => {
    expect((await preflight("https://other.example")).headers.get("access-control-allow-origin")).toBeNull();
  });
});

test("a port that is taken is said", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address ? address.port : 0;
  await expect(startTestServer({}, { port })).rejects.toThrow("EADDRINUSE");
  other.close();
});
