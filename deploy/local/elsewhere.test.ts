import { once } from "node:events";
import { createServer } from "node:net";
import { makeAuthority } from "@mneme/core/testing/authority.ts";
import { startTlsProxy } from "@mneme/core/testing/tls-proxy.ts";
import { expect, it } from "vitest";
import { elsewhere } from "./elsewhere.ts";
import { freePort } from "./port.ts";

it("leaves an engine that runs elsewhere alone", async () => {
  const port = await freePort();
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "listening");
  const engine = await elsewhere("Temporal", { temporalAddress: `127.0.0.1:${port}` });
  server.close();
  expect(engine.external).toBe(true);
  await expect(engine.kill()).rejects.toThrow("neither stopped nor started");
  await expect(engine.start()).rejects.toThrow("neither stopped nor started");
});

it("reaches an index by TLS, with what it is trusted by", async () => {
  using authority = makeAuthority();
  const target = new URL(process.env.MNEME_OPENSEARCH_URL ?? "").host;
  await using proxy = await startTlsProxy(target, authority.issue());
  const opensearchUrl = `https://127.0.0.1:${proxy.port}/`;
  const opensearchTls = { ca: authority.pem };
  expect((await elsewhere("OpenSearch", { opensearchUrl, opensearchTls })).external).toBe(true);
  await expect(elsewhere("OpenSearch", { opensearchUrl }, 300)).rejects.toThrow("does not answer");
});

it("names the variable when nothing answers there", async () => {
  const port = await freePort();
  const absent = elsewhere("OpenSearch", { opensearchUrl: `http://127.0.0.1:${port}` }, 300);
  await expect(absent).rejects.toThrow("OpenSearch does not answer where MNEME_OPENSEARCH_URL says it runs.");
});
