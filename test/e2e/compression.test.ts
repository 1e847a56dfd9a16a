import { request as httpRequest } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Transport } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { MemoryService, WaitFor } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { Role } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { beforeAll, describe, expect, it } from "vitest";
import { connectClient } from "../harness/clients/connect-client.ts";
import type { ForeignClient } from "../harness/clients/foreign-client.ts";
import { grpcJsClient } from "../harness/clients/grpc-js-client.ts";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const { addMessages, listMemories } = MemoryService.method;
const { url } = sharedStack();

/** Compresses well, and fits one statement. */
/** Together, an answer with them is large enough to be compressed. */
const TEXTS = ["coast", "river", "lake"].map((where) =>
  `Noor counts lighthouses along the ${where}. `.repeat(180).trim(),
);
/** grpc-js's number of gzip. */
const GZIP = 2;

const ENCODINGS: Readonly<Record<string, Compression>> = { gzip: compressionGzip, br: compressionBrotli };
const TRANSPORTS: Readonly<Record<string, (compression: Compression) => Transport>> = {
  "Connect over HTTP/1.1": (one) => createConnectTransport({ ...compressing(one), httpVersion: "1.1" }),
  "Connect over HTTP/2": (one) => createConnectTransport({ ...compressing(one), httpVersion: "2" }),
  "gRPC over HTTP/2": (one) => createGrpcTransport(compressing(one)),
  "gRPC-web over HTTP/1.1": (one) => createGrpcWebTransport({ ...compressing(one), httpVersion: "1.1" }),
};

function compressing(one: Compression) {
  return { baseUrl: url, sendCompression: one, acceptCompression: [one], compressMinBytes: 0 };
}

describe("compression", () => {
  let key: string;
  beforeAll(async () => {
    key = (await provisionSharedTenant("compression")).apiKey;
  });

  async function expectSame(client: ForeignClient, userId: string): Promise<void> {
    using _ = client;
    const scope = { userId };
    const messages = TEXTS.map((text) => ({ role: Role.USER, text }));
    await client.unary(addMessages, { scope, messages, infer: false, waitFor: WaitFor.SEARCHABLE });
    const { memories } = await client.unary(listMemories, { scope });
    expect(memories.map(({ text }) => text).sort()).toEqual(TEXTS.toSorted());
  }

  const cases = Object.keys(TRANSPORTS).flatMap((transport) =>
    Object.keys(ENCODINGS).map((encoding) => ({ transport, encoding })),
  );
  it.each(cases)("$transport in $encoding both ways", async ({ transport, encoding }) => {
    const made = TRANSPORTS[transport]?.(ENCODINGS[encoding] as Compression) as Transport;
    const client = connectClient(made, { apiKey: key, streamsRequests: true });
    await expectSame(client, `${transport} ${encoding}`);
  });

  it("@grpc/grpc-js in gzip", async () => {
    const client = grpcJsClient(url, key, { "grpc.default_compression_algorithm": GZIP });
    await expectSame(client, "grpc-js");
  });

  it("a plain HTTP client sends and gets far fewer bytes", async () => {
    const scope = { userId: "plain" };
    const add = { scope, messages: TEXTS.map((text) => ({ role: "ROLE_USER", text })), infer: false };
    await post("AddMessages", { ...add, waitFor: "WAIT_FOR_SEARCHABLE" });
    const listed = await post("ListMemories", { scope });
    expect(listed.encoding).toBe("gzip");
    const text = gunzipSync(listed.body).toString();
    expect(TEXTS).toContain(JSON.parse(text).memories[0].text);
    expect(listed.body.length).toBeLessThan(text.length / 5);
  });

  function post(method: string, body: unknown): Promise<{ encoding: string | undefined; body: Buffer }> {
    const headers = {
      "content-type": "application/json",
      "content-encoding": "gzip",
      "accept-encoding": "gzip",
      authorization: `Bearer ${key}`,
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${url}/mneme.memory.v1.MemoryService/${method}`, {
        method: "POST",
        headers,
      });
      request.on("error", reject);
      request.on("response", async (response) => {
        const answer = Buffer.concat(await response.toArray());
        resolve({ encoding: response.headers["content-encoding"], body: answer });
      });
      request.end(gzipSync(JSON.stringify(body)));
    });
  }
});
