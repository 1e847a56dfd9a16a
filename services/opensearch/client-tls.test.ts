import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { makeAuthority, type TestAuthority } from "@mneme/core/testing/authority.ts";
import { startTlsProxy, type TlsProxy } from "@mneme/core/testing/tls-proxy.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createIndexClient } from "./client.ts";
import { openSearchUrl } from "./index-testing.ts";

let authority: TestAuthority;
let stranger: TestAuthority;
const target = new URL(openSearchUrl()).host;
beforeAll(() => {
  [authority, stranger] = [makeAuthority(), makeAuthority()];
});
afterAll(() => {
  for (const made of [authority, stranger]) made[Symbol.dispose]();
});

/** The real index behind TLS. */
const behindTls = (options: Parameters<typeof startTlsProxy>[1] = {}) =>
  startTlsProxy(target, { ...authority.issue(), minVersion: "TLSv1.3", ...options });

async function health({ port }: TlsProxy, tls: EngineTls | undefined): Promise<number> {
  await using client = createIndexClient({ node: `https://127.0.0.1:${port}`, tls, retries: 0 });
  return (await client.send({ method: "GET", path: "/_cluster/health" })).status;
}
const UNREACHED = "the search index cannot be reached";

test("reaches an index of a trusted authority, and no other", async () => {
  await using proxy = await behindTls();
  expect(await health(proxy, { ca: authority.pem })).toBe(200);
  await expect(health(proxy, { ca: stranger.pem })).rejects.toThrow(UNREACHED);
  await expect(health(proxy, undefined)).rejects.toThrow(UNREACHED);
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  await expect(health(proxy, { ca: stranger.pem })).rejects.toThrow(UNREACHED);
  vi.unstubAllEnvs();
  expect(proxy.accepted()).toBe(1);
});

test("takes no certificate of another name", async () => {
  await using proxy = await behindTls(authority.issue("DNS:search.example"));
  await expect(health(proxy, { ca: authority.pem })).rejects.toThrow(UNREACHED);
  expect(await health(proxy, { ca: authority.pem, serverName: "search.example" })).toBe(200);
});

test("speaks no TLS older than 1.3", async () => {
  await using proxy = await behindTls({ minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
  await expect(health(proxy, { ca: authority.pem })).rejects.toThrow(UNREACHED);
});

test("shows its own certificate to an index that asks for one", async () => {
  await using proxy = await behindTls({ requestCert: true, ca: authority.pem });
  await expect(health(proxy, { ca: authority.pem })).rejects.toThrow(UNREACHED);
  const { cert, key } = authority.issue("DNS:api");
  expect(await health(proxy, { ca: authority.pem, cert, key })).toBe(200);
  expect(proxy.accepted()).toBe(1);
});
