import { copyFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect, type PeerCertificate, type TLSSocket } from "node:tls";
import { makeAuthority, type TestAuthority } from "@mneme/core/testing/authority.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestServer } from "./testing/server.ts";

const PATH = "/mneme.search.v1.SearchService/Search";

let authority: TestAuthority;
let stranger: TestAuthority;
beforeAll(() => {
  authority = makeAuthority();
  stranger = makeAuthority();
});
afterAll(() => {
  authority[Symbol.dispose]();
  stranger[Symbol.dispose]();
});

interface Asking {
  readonly port: number | undefined;
  readonly cert?: string;
  readonly key?: string;
  readonly maxVersion?: "TLSv1.2";
}

/** One request on a connection of its own: the server's word on a client's certificate comes after the handshake. */
function ask(
  asking: Asking,
): Promise<{ status: number | undefined; peer: PeerCertificate; version: string }> {
  const options = { host: "127.0.0.1", path: PATH, agent: false, ca: authority.pem, ...asking } as const;
  return new Promise((resolve, reject) => {
    const call = request(options, (answer) => {
      const socket = answer.socket as TLSSocket;
      const [peer, version] = [socket.getPeerCertificate(), socket.getProtocol() ?? ""];
      answer.resume().on("end", () => resolve({ status: answer.statusCode, peer, version }));
    });
    call.on("error", reject);
    call.end();
  });
}

test("a client without a certificate of the authority is refused at the handshake", async () => {
  const { certFile, keyFile } = authority.issue();
  const tls = { port: 0, certFile, keyFile, clientCaFile: authority.file, minVersion: "TLSv1.3" } as const;
  const server = await startTestServer({}, { tls });
  const port = server.tlsPort;
  expect((await ask({ port, ...authority.issue("DNS:app") })).status).toBe(405);
  const lines = server.lines.length;
  await expect(ask({ port })).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/);
  const { cert, key } = stranger.issue("DNS:app");
  await expect(ask({ port, cert, key })).rejects.toThrow(/unknown ca|ECONNRESET|socket hang up/i);
  expect(server.lines.length).toBe(lines);
  await server.stop();
});

test("TLS 1.2 is spoken only by setting", async () => {
  const { certFile, keyFile } = authority.issue();
  const tls = { port: 0, certFile, keyFile, minVersion: "TLSv1.2" } as const;
  const old = await startTestServer({}, { tls });
  expect((await ask({ port: old.tlsPort, maxVersion: "TLSv1.2" })).version).toBe("TLSv1.2");
  expect((await ask({ port: old.tlsPort })).version).toBe("TLSv1.3");
  await old.stop();
  const usual = await startTestServer({}, { tls: { ...tls, minVersion: "TLSv1.3" } });
  await expect(ask({ port: usual.tlsPort, maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version/);
  await usual.stop();
});

test("TLS can be all there is", async () => {
  const { certFile, keyFile } = authority.issue();
  const server = await startTestServer(
    {},
    { port: undefined, tls: { port: 0, certFile, keyFile, minVersion: "TLSv1.3" } },
  );
  expect(server.port).toBe(0);
  expect((await ask({ port: server.tlsPort })).status).toBe(405);
  await server.stop();
});

test("renewed certificates are used without a start, and a half renewed pair is not", async () => {
  const { certFile, keyFile } = authority.issue();
  const first = authority.issue();
  copyFileSync(first.certFile, certFile);
  copyFileSync(first.keyFile, keyFile);
  const clientCa = `${authority.file}.clients`;
  writeFileSync(clientCa, authority.pem);
  const tls = { port: 0, certFile, keyFile, clientCaFile: clientCa, minVersion: "TLSv1.3" } as const;
  const server = await startTestServer({}, { tls, reloadMs: 10 });
  const port = server.tlsPort;
  const [known, strange] = [authority.issue("DNS:app"), stranger.issue("DNS:app")];
  const serial = async ({ cert, key } = known) => (await ask({ port, cert, key })).peer.serialNumber;
  const open = connect({ host: "127.0.0.1", port, ca: authority.pem, cert: known.cert, key: known.key });
  await new Promise((resolve) => open.once("secureConnect", resolve));
  const before = await serial();

  const second = authority.issue();
  copyFileSync(second.certFile, certFile);
  await vi.waitFor(() => expect(server.lines.join("")).toContain("renewed certificates cannot be used"));
  expect(await serial()).toBe(before);
  copyFileSync(second.keyFile, keyFile);
  await vi.waitFor(async () => expect(await serial()).not.toBe(before), { timeout: 5_000 });

  writeFileSync(clientCa, stranger.pem);
  await vi.waitFor(() => serial(strange), { timeout: 5_000 });
  await expect(serial(known)).rejects.toThrow();
  expect(open.destroyed).toBe(false);
  open.destroy();
  await server.stop();
});
