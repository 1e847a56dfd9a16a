import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { PORTS, readConfig } from "./config.ts";
import { checkPorts, claimPort, freePort } from "./port.ts";

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

it("checks every port of a stack but those of engines that run elsewhere", async () => {
  const free = readConfig(
    Object.fromEntries(
      await Promise.all(Object.values(PORTS).map(async (p) => [p.variable, `${await freePort()}`])),
    ),
  ).ports;
  await checkPorts(free, {});
  const server = createServer().listen(free.temporalUi, "127.0.0.1");
  await once(server, "listening");
  await expect(checkPorts(free, {})).rejects.toThrow("MNEME_TEMPORAL_UI_PORT");
  await checkPorts(free, { temporalAddress: "temporal.example:7233" });
  server.close();
});

it("picks a free one on request", async () => {
  expect(await claimPort("api", 0)).toBeGreaterThan(0);
  const ports = await Promise.all(Array.from({ length: 20 }, freePort));
  expect(new Set(ports).size).toBe(20);
});
