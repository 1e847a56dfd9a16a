import * as net from "node:net";
import * as tls from "node:tls";
import type { TlsConfig } from "../config.ts";
import { readCertificates, watchCertificates } from "./certificates.ts";
import type { Protocols } from "./protocols.ts";

/** A port that is open. */
export interface Listener {
  /** The real one, where 0 was asked for. */
  readonly port: number;
  /** Stops to accept; connections that are open stay. */
  close(): void;
}

/** No request method begins like this: HTTP/2 sends it first. */
const PREFACE = Buffer.from("PRI ");
const SNIFF_TIMEOUT_MS = 20_000;
const RELOAD_MS = 5_000;
const SOCKET = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const;

/** HTTP/1.1 and HTTP/2 without TLS on one port. @throws Error when the port cannot be had. */
export function listenPlain(host: string, port: number, protocols: Protocols): Promise<Listener> {
  return listening(
    net.createServer(SOCKET, (socket) => sniff(socket, protocols)),
    host,
    port,
  );
}

export interface TlsListening {
  readonly host: string;
  readonly config: TlsConfig;
  readonly protocols: Protocols;
  /** How often the files are looked at, 5,000 ms by default. */
  readonly reloadMs?: number;
  /** Told of files that were renewed and cannot be used; those before them stay. */
  readonly onUnusable: (error: Error) => void;
}

/**
 * TLS on one port, HTTP/2 or HTTP/1.1 as ALPN agrees. New connections are met with what the files hold by then;
 * those that are open stay. @throws Error for unusable files or ports.
 */
export async function listenTls(options: TlsListening): Promise<Listener> {
  const { host, config, protocols, reloadMs = RELOAD_MS, onUnusable } = options;
  const certificates = readCertificates(config);
  const server = tls.createServer(
    {
      ...SOCKET,
      ...certificates,
      requestCert: config.clientCaFile !== undefined,
      rejectUnauthorized: true,
      ALPNProtocols: ["h2", "http/1.1"],
      handshakeTimeout: SNIFF_TIMEOUT_MS,
    },
    (socket) => {
      if (socket.alpnProtocol) protocols.accept(socket, socket.alpnProtocol === "h2" ? "h2" : "http/1.1");
      else sniff(socket, protocols);
    },
  );
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const { port, close } = await listening(server, host, config.port);
  const use = (renewed: tls.SecureContextOptions) => server.setSecureContext(renewed);
  const watch = watchCertificates(config, certificates, { everyMs: reloadMs, use, onUnusable });
  return {
    port,
    close() {
      watch[Symbol.dispose]();
      close();
    },
  };
}

function listening(server: net.Server, host: string, port: number): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      const address = server.address() as net.AddressInfo;
      resolve({ port: address.port, close: () => void server.close() });
    });
  });
}

/** Looks at the first bytes of a connection, puts them back and hands it to the protocol they begin. */
function sniff(socket: net.Socket, protocols: Protocols): void {
  let head = Buffer.alloc(0);
  const giveUp = () => socket.destroy();
  const read = () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read())
      head = Buffer.concat([head, chunk]);
    const compared = Math.min(head.length, PREFACE.length);
    const begins = head.subarray(0, compared).equals(PREFACE.subarray(0, compared));
    if (begins && compared < PREFACE.length) return;
    socket.removeListener("readable", read);
    socket.removeListener("end", giveUp);
    socket.removeListener("timeout", giveUp);
    socket.removeListener("error", giveUp);
    socket.setTimeout(0);
    socket.unshift(head);
    protocols.accept(socket, begins ? "h2" : "http/1.1");
  };
  socket.on("readable", read);
  socket.once("end", giveUp);
  socket.once("error", giveUp);
  socket.setTimeout(SNIFF_TIMEOUT_MS);
  socket.once("timeout", giveUp);
}
