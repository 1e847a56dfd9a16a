import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Listener, listenPlain } from "./listeners.ts";
import { createProtocols, type Protocols } from "./protocols.ts";

let protocols: Protocols;
let listener: Listener;
let requests = 0;
beforeAll(async () => {
  const handler = () => {
    requests += 1;
  };
  protocols = createProtocols(handler, { requestTimeoutMs: 1_000, headersTimeoutMs: 100 });
  listener = await listenPlain("127.0.0.1", 0, protocols);
});
afterAll(() => {
  listener.close();
  protocols.destroy();
});

/** Sends bytes and then nothing more. @returns what came until the server closed. */
function begin(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(listener.port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", () => {});
  });
}

describe("who begins and does not go on is cut off", () => {
  test("in the middle of HTTP/1.1's headers", async () => {
    expect(await begin("POST / HTTP/1.1\r\nHost: a\r\nX-Slow: ")).toMatch(/^HTTP\/1\.1 408 /);
    expect(requests).toBe(0);
  });

  test("after HTTP/2's preface", async () => {
    await begin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    expect(requests).toBe(0);
  });
});
