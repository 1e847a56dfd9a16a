import { isIP } from "node:net";
import { connect } from "node:tls";
import { type EngineTls, STRICT_TLS } from "@mneme/core/engine-tls.ts";
import type { TLSConfig } from "@temporalio/client";

/** Where Temporal is; without TLS where none is told. */
export interface TemporalPlace {
  readonly temporalAddress: string;
  readonly temporalTls?: EngineTls | undefined;
  readonly temporalApiKey?: string | undefined;
}

const DEADLINE_MS = 5_000;
const encode = (pem: string) => new TextEncoder().encode(pem);

/** What both of Temporal's clients are connected with. */
export interface TemporalOptions {
  readonly address: string;
  readonly tls: TLSConfig | false;
  readonly apiKey?: string;
}

/**
 * How Temporal is reached. Its clients take no least version of TLS, and would speak 1.2 with a server that has nothing
 * newer; so the server is first asked for 1.3. One that has it is not talked down from it: the handshake sees to that.
 *
 * @throws Error when TLS is asked for, and the server does not answer or shows no certificate to trust.
 */
export async function temporalOptions({
  temporalAddress: address,
  temporalTls: tls,
  temporalApiKey: apiKey,
}: TemporalPlace): Promise<TemporalOptions> {
  if (tls !== undefined) await requireTls(address, tls);
  return { address, tls: tls !== undefined && tlsConfig(tls), ...(apiKey !== undefined && { apiKey }) };
}

function tlsConfig({ ca, cert, key, serverName }: EngineTls): TLSConfig {
  return {
    ...(ca !== undefined && { serverRootCACertificate: encode(ca) }),
    ...(cert !== undefined &&
      key !== undefined && { clientCertPair: { crt: encode(cert), key: encode(key) } }),
    ...(serverName !== undefined && { serverNameOverride: serverName }),
  };
}

async function requireTls(address: string, { ca, cert, key, serverName }: EngineTls): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const name = serverName ?? host;
  await new Promise<void>((resolve, reject) => {
    const socket = connect({
      ...STRICT_TLS,
      host,
      port: Number(port),
      ...(isIP(name) === 0 && { servername: name }),
      ALPNProtocols: ["h2"],
      ca,
      cert,
      key,
    });
    socket.setTimeout(DEADLINE_MS, () => socket.destroy(new Error("no TLS handshake in time")));
    socket.once("secureConnect", () => {
      resolve();
      socket.destroy();
    });
    socket.once("error", reject);
  });
}
