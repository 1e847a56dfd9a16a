import { createServer } from "node:net";
import getPort, { portNumbers } from "get-port";
import { type ExternalEngines, PORTS, type PortName, type Ports, portsInUse } from "./config.ts";

/**
 * The port itself when it is free, or a free one when it is 0 or absent.
 * @throws Error naming the port, what it is for, and the variable that changes it, when something else has it.
 */
export async function claimPort(name: PortName, wanted: number | undefined): Promise<number> {
  if (wanted === undefined || wanted === 0) return await freePort();
  if (await isFree(wanted)) return wanted;
  const { what, variable } = PORTS[name];
  throw new Error(`Port ${wanted} (${what}) is in use by another program: set ${variable} to a free port.`);
}

/**
 * Checks every port of a stack before anything is fetched or started, those of engines that run elsewhere apart.
 * @throws Error as `claimPort`.
 */
export async function checkPorts(ports: Ports, external: ExternalEngines): Promise<void> {
  for (const name of portsInUse(external)) await claimPort(name, ports[name]);
}

/** A port nobody listens on, below the range from which systems take the ports of outgoing connections. */
export async function freePort(): Promise<number> {
  const from = 20_000 + Math.floor(Math.random() * 11_000);
  return await getPort({ port: portNumbers(from, from + 500), host: "127.0.0.1" });
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
