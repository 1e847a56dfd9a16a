import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { elsewhere } from "./elsewhere.ts";
import { freePort } from "./port.ts";

it("leaves an engine that runs elsewhere alone", async () => {
  const port = await freePort();
  const server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  await once(server, "listening");
  const engine = await elsewhere("Temporal", `127.0.0.1:${port}`);
  server.close();
  expect(engine.external).toBe(true);
  await expect(engine.kill()).rejects.toThrow("neither stopped nor started");
  await expect(engine.start()).rejects.toThrow("neither stopped nor started");
});

it("names the variable when nothing answers there", async () => {
  const port = await freePort();
  const absent = elsewhere("OpenSearch", `http://127.0.0.1:${port}`, 300);
  await expect(absent).rejects.toThrow("OpenSearch does not answer where MNEME_OPENSEARCH_URL says it runs.");
});
