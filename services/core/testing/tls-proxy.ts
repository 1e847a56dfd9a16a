import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import * as tls from "node:tls";

/** Stands in front of a server that speaks no TLS itself. */
export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections whose handshake succeeded, so far. */
  readonly accepted: () => number;
}

/** @param target `host:port` of the server without TLS. */
export async function startTlsProxy(target: string, options: tls.TlsOptions): Promise<TlsProxy> {
  const relay = createRelay(target);
  const server = tls.createServer({ ...options, ALPNProtocols: ["h2", "http/1.1"] }, relay.accept);
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return await serving(server, relay);
}

/** The same for PostgreSQL, whose clients ask for TLS before they begin with it. */
export async function startPostgresTlsProxy(target: string, options: tls.TlsOptions): Promise<TlsProxy> {
  const relay = createRelay(target);
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      socket.write("S");
      const secure = new tls.TLSSocket(socket, { ...options, isServer: true });
      secure.on("error", () => secure.destroy());
      secure.once("secure", () => relay.accept(secure));
    });
  });
  return await serving(server, relay);
}

interface Relay {
  accept(socket: Socket): void;
  accepted(): number;
  end(): void;
}

function createRelay(target: string): Relay {
  const { hostname, port } = new URL(`tcp://${target}`);
  const open = new Set<Socket>();
  let accepted = 0;
  return {
    accept(socket) {
      accepted += 1;
      const inner = connect(Number(port), hostname);
      for (const end of [socket, inner]) {
        open.add(end);
        end.on("close", () => open.delete(end));
        end.on("error", () => end.destroy());
      }
      socket.pipe(inner).pipe(socket);
      // Either end's leaving ends the other.
      socket.on("close", () => inner.destroy());
      inner.on("close", () => socket.destroy());
    },
    accepted: () => accepted,
    end: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

async function serving(server: Server, relay: Relay): Promise<TlsProxy> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: relay.accepted,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      relay.end();
      await closed;
    },
  };
}
