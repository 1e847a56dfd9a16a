import { type ClientHttp2Session, connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BEARER, LIMITS, startTestServer, type TestServer } from "./testing/server.ts";

const SEARCH = `/${SearchService.typeName}/${SearchService.method.search.name}`;
const STATE = `/${SessionService.typeName}/${SessionService.method.appendSession.name}`;
const QUERY = JSON.stringify({ scope: { userId: "ada" }, query: "hello" });
const JSON_TYPE = { "content-type": "application/json" };

let server: TestServer;
let calls = 0;
beforeAll(async () => {
  const search = () => {
    calls += 1;
    return new Promise<never>(() => {});
  };
  const limits = { ...LIMITS, unaryDeadlineMs: 500 };
  const answers = { search: { search }, session: { appendSession: () => ({}) } };
  server = await startTestServer(answers, { limits });
});
afterAll(() => server.stop());

/** Sends bytes as they are. @returns what came until the server closed. */
function raw(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", () => {});
  });
}
const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { method: "POST", body, headers: { ...JSON_TYPE, ...BEARER, ...headers } });

describe("HTTP/1.1", () => {
  const request = (path: string, headers: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n${headers}\r\n`;

  test.each([
    ["headers of more than 16 KiB", request(SEARCH, `X: ${"x".repeat(16 * 1024)}\r\n`)],
    ["a URL of more than that", request(`${SEARCH}?x=${"x".repeat(16 * 1024)}`, "")],
    ["more than 100 headers", request(SEARCH, "X: x\r\n".repeat(101))],
  ])("refuses %s", async (_, text) => {
    expect(await raw(text)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test("refuses a body whose length is said twice, or in two ways", async () => {
    const both = request(SEARCH, "Transfer-Encoding: chunked\r\n");
    expect(await raw(both)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(request(SEARCH, "Content-Length: 5\r\n"))).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("takes no two credentials, whichever of them is known", async () => {
    const headers = `Content-Type: application/json\r\nAuthorization: ${BEARER.authorization}\r\n`;
    const other = "AUTHORIZATION: Bearer other\r\n";
    for (const both of [headers + other, other + headers]) {
      expect(await raw(request(SEARCH, both))).toMatch(/^HTTP\/1\.1 401 .*CREDENTIALS_INVALID/s);
    }
    expect(await raw(request(SEARCH, headers))).toMatch(/^HTTP\/1\.1 400 .*REQUEST_MALFORMED/s);
  });
});

describe("HTTP/2", () => {
  /** @returns the answer's status, or how the stream was reset. */
  function call(session: ClientHttp2Session, headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve) => {
      const stream = session.request({ ":method": "POST", ":path": SEARCH, ...headers });
      stream.on("response", ({ ":status": status }) => resolve(status));
      stream.on("close", () => resolve(stream.rstCode));
      stream.on("error", () => {});
      stream.end();
    });
  }
  /** @param from when to work; a client that has just connected has not seen the server's settings yet. */
  async function withSession<T>(
    work: (session: ClientHttp2Session) => Promise<T>,
    from: "connect" | "remoteSettings" = "remoteSettings",
  ): Promise<T> {
    const session = connectHttp2(server.url, { maxSendHeaderBlockLength: 128 * 1024 });
    session.on("error", () => {});
    await new Promise((resolve) => session.once(from, resolve));
    try {
      return await work(session);
    } finally {
      session.destroy();
    }
  }
  const many = (count: number, bytes = 1) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, "x".repeat(bytes)]));

  test("refuses headers of more than 16 KiB, and more than 100 of them", async () => {
    await withSession(async (session) => {
      expect(await call(session, { ...JSON_TYPE, ...many(20, 500) })).toBe(401);
      expect(await call(session, many(101))).toBe(431);
      for (const headers of [many(4, 5_000), many(200)]) {
        expect(await call(session, headers)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
      }
    });
  });

  test.each([
    ["8 headers", many(8, 3_000)],
    ["one", many(1, 17_000)],
    ["one beyond 64 KiB", many(1, 65_600)],
    ["the URL", { ":path": `${SEARCH}?x=${"x".repeat(16 * 1024)}` }],
  ])("refuses more than 16 KiB in %s before its settings are acknowledged", async (_, headers) => {
    const answer = await withSession((session) => call(session, { ...BEARER, ...headers }), "connect");
    expect(answer).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  test("lets a connection have 256 streams at a time", async () => {
    await withSession(async ({ remoteSettings }) => {
      expect(remoteSettings.maxConcurrentStreams).toBe(256);
    });
  });
});

describe("bodies", () => {
  test.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ])("inflate to no more than the limit: %s", async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(100_000_000, 0x20));
    const before = process.memoryUsage.rss();
    const answer = await post(SEARCH, new Uint8Array(bomb), { "content-encoding": encoding });
    expect(answer.status).toBe(429);
    expect(process.memoryUsage.rss() - before).toBeLessThan(80_000_000);
  });

  test("nest no deeper than 32, JSON and binary alike", async () => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const state = (depth: number) => post(STATE, `{"scope":{"sessionId":"s"},"taskState":${nested(depth)}}`);
    for (const depth of [33, 99, 40_000]) {
      const answer = await state(depth);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("task_state: is nested more than 32 deep");
    }
    expect((await state(32)).status).toBe(200);
    const lists = `{"scope":{"sessionId":"s"},"taskState":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
    expect((await post(STATE, lists)).status).toBe(400);
    expect((await post(SEARCH, "[".repeat(200_000))).status).toBe(400);
  });

  test("nest no deeper in binary than its reader goes", async () => {
    // task_state of a Struct, its fields' entry, its value of a Struct, and so on.
    let bytes = Buffer.alloc(0);
    for (let depth = 0; depth < 10_000; depth++) for (const field of [5, 2, 1]) bytes = wrapped(field, bytes);
    bytes = wrapped(3, bytes);
    const answer = await post(STATE, new Uint8Array(bytes), { "content-type": "application/proto" });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("REQUEST_MALFORMED");
  });

  test("that never come are not waited for longer than their call may take", async () => {
    const headers = Object.entries({ ...JSON_TYPE, ...BEARER }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    const head = `POST ${SEARCH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${headers.join("")}`;
    const before = calls;
    expect(await raw(`${head}Content-Length: 100\r\n\r\n{"query":`)).toMatch(/^HTTP\/1\.1 504 /);
    expect(calls).toBe(before);
    expect((await post(SEARCH, QUERY)).status).toBe(504);
  });
});

function wrapped(field: number, bytes: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([Buffer.of((field << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    bytes.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) return Buffer.from(bytes);
  }
}
