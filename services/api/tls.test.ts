import { connect } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { credentials, makeGenericClientConstructor } from "@grpc/grpc-js";
import { type Issued, makeAuthority, type TestAuthority } from "@mneme/core/testing/authority.ts";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BEARER, startTestServer, type TestServer } from "./testing/server.ts";

const GOOD = { headers: BEARER };
const QUERY = { scope: { userId: "ada" }, query: "hello" };

let authority: TestAuthority;
let certificate: Issued;
let server: TestServer;
let baseUrl: string;

beforeAll(async () => {
  authority = makeAuthority();
  certificate = authority.issue();
  const tls = tlsOf(certificate);
  server = await startTestServer({ search: { search: ({ query }) => ({ tokens: query.length }) } }, { tls });
  baseUrl = `https://localhost:${server.tlsPort}`;
});
afterAll(async () => {
  await server.stop();
  authority[Symbol.dispose]();
});

const tlsOf = ({ certFile, keyFile }: Issued) =>
  ({ port: 0, certFile, keyFile, minVersion: "TLSv1.3" }) as const;

test("one port for HTTP/1.1 and HTTP/2, beside the one without TLS", async () => {
  const nodeOptions = { ca: authority.pem };
  const transports = [
    createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
    createConnectTransport({ baseUrl, httpVersion: "2", nodeOptions }),
    createGrpcTransport({ baseUrl, nodeOptions }),
    createGrpcTransport({ baseUrl: server.url }),
  ];
  for (const transport of transports) {
    expect((await createClient(SearchService, transport).search(QUERY, GOOD)).tokens).toBe(5);
  }
});

test("@grpc/grpc-js over TLS", async () => {
  const path = "/grpc.health.v1.Health/Check";
  const pass = (bytes: Buffer) => bytes;
  const serialize = { requestSerialize: pass, requestDeserialize: pass };
  const deserialize = { responseSerialize: pass, responseDeserialize: pass };
  const method = { path, requestStream: false, responseStream: false, ...serialize, ...deserialize };
  const Client = makeGenericClientConstructor({ check: method }, "Health");
  const client = new Client(`localhost:${server.tlsPort}`, credentials.createSsl(Buffer.from(authority.pem)));
  const answer = await new Promise<Buffer>((resolve, reject) => {
    client.check?.(Buffer.alloc(0), (error: Error | null, bytes: Buffer) =>
      error ? reject(error) : resolve(bytes),
    );
  });
  // status: SERVING
  expect(answer).toEqual(Buffer.from([0x08, 0x01]));
  client.close();
});

function handshake(options: { maxVersion?: "TLSv1.2"; ALPNProtocols?: string[] }) {
  return new Promise<{ protocol: string | null; alpn: string | false | null }>((resolve, reject) => {
    const port = server.tlsPort;
    const socket = connect({ host: "localhost", port, ca: authority.pem, ...options }, () => {
      resolve({ protocol: socket.getProtocol(), alpn: socket.alpnProtocol });
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("ALPN agrees on the protocol, TLS 1.3 only", async () => {
  expect(await handshake({ ALPNProtocols: ["h2", "http/1.1"] })).toEqual({ protocol: "TLSv1.3", alpn: "h2" });
  expect((await handshake({ ALPNProtocols: ["http/1.1"] })).alpn).toBe("http/1.1");
  await expect(handshake({ maxVersion: "TLSv1.2" })).rejects.toThrow();
});

test("a client without ALPN is served by what it speaks", async () => {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: "localhost", port: server.tlsPort, ca: authority.pem }, () => {
      socket.end("GET /grpc.health.v1.Health/Check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    });
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
  expect(text).toMatch(/^HTTP\/1\.1 405/);
});

test("a certificate that cannot be read stops the start", async () => {
  const tls = { ...tlsOf(certificate), keyFile: `${certificate.keyFile}.gone` };
  await expect(startTestServer({}, { tls })).rejects.toThrow("ENOENT");
});
