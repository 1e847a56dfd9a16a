import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { makeAuthority, type TestAuthority } from "@mneme/core/testing/authority.ts";
import { startTlsProxy, type TlsProxy } from "@mneme/core/testing/tls-proxy.ts";
import { Connection } from "@temporalio/client";
import { NativeConnection } from "@temporalio/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporalOptions } from "./temporal-tls.ts";

let authority: TestAuthority;
let stranger: TestAuthority;
const target = process.env.MNEME_TEMPORAL_ADDRESS ?? "";
beforeAll(() => {
  [authority, stranger] = [makeAuthority(), makeAuthority()];
});
afterAll(() => {
  for (const made of [authority, stranger]) made[Symbol.dispose]();
});

/** The real Temporal behind TLS. */
const behindTls = (options: Parameters<typeof startTlsProxy>[1] = {}) =>
  startTlsProxy(target, { ...authority.issue(), minVersion: "TLSv1.3", ...options });

/** Asks through both clients: the worker's and that of who starts a workflow. */
async function ask({ port }: TlsProxy, temporalTls: EngineTls): Promise<void> {
  const temporalAddress = `127.0.0.1:${port}`;
  const options = await temporalOptions({ temporalAddress, temporalTls, temporalApiKey: undefined });
  for (const client of [NativeConnection, Connection]) {
    const connection = await client.connect(options);
    await connection.workflowService.getSystemInfo({});
    await connection.close();
  }
}

test("reaches a server of a trusted authority, and no other", async () => {
  await using proxy = await behindTls();
  await ask(proxy, { ca: authority.pem });
  await expect(ask(proxy, { ca: stranger.pem })).rejects.toThrow(/verify|certificate|self.signed/);
  await expect(ask(proxy, {})).rejects.toThrow(/verify|certificate|self.signed/);
});

test("takes no certificate of another name", async () => {
  await using proxy = await behindTls(authority.issue("DNS:temporal.example"));
  await expect(ask(proxy, { ca: authority.pem })).rejects.toThrow("does not match certificate");
  await ask(proxy, { ca: authority.pem, serverName: "temporal.example" });
});

test("speaks no TLS older than 1.3, which its clients would", async () => {
  await using proxy = await behindTls({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
  await expect(ask(proxy, { ca: authority.pem })).rejects.toThrow(/protocol version/);
  expect(proxy.accepted()).toBe(0);
});

test("shows its own certificate to a server that asks for one", async () => {
  await using proxy = await behindTls({ requestCert: true, ca: authority.pem });
  const { cert, key } = authority.issue("DNS:worker");
  await ask(proxy, { ca: authority.pem, cert, key });
  const seen = proxy.accepted();
  await expect(ask(proxy, { ca: authority.pem })).rejects.toThrow();
  expect(proxy.accepted()).toBe(seen);
});

test("an API key goes with every call", async () => {
  const heard = new Set<string | undefined>();
  const inner = http2.connect(`http://${target}`);
  const front = http2.createSecureServer(authority.issue());
  front.on("stream", (stream, headers) => {
    heard.add(headers.authorization);
    const call = inner.request(headers);
    let trailers: http2.IncomingHttpHeaders = {};
    call.on("response", (answer) => stream.respond(answer, { waitForTrailers: true }));
    call.on("trailers", (last) => {
      trailers = last;
    });
    stream.on("wantTrailers", () => stream.sendTrailers(trailers));
    stream.pipe(call).pipe(stream);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const temporalAddress = `127.0.0.1:${(front.address() as AddressInfo).port}`;
  const temporalTls = { ca: authority.pem };
  const options = await temporalOptions({ temporalAddress, temporalTls, temporalApiKey: "hidden-word" });
  for (const client of [NativeConnection, Connection]) {
    const connection = await client.connect(options);
    await connection.workflowService.getSystemInfo({});
    await connection.close();
  }
  expect([...heard]).toEqual(["Bearer hidden-word"]);
  inner.destroy();
  front.close();
});
