import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { claimPort, freePort } from "./port.ts";

it("says which port is busy and which variable changes it", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await expect(claimPort("opensearch", port)).rejects.toThrow(
    `Port ${port} (OpenSearch) is in use by another program: set MNEME_OPENSEARCH_PORT to a free port.`,
  );
  server.close();
  await once(server, "close");
  expect(await claimPort("opensearch", port)).toBe(port);
});

it("picks a free one on request", async () => {
  expect(await claimPort("api", 0)).toBeGreaterThan(0);
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(new Set(ports).size).toBe(20);
});
