import { type AddressInfo, connect, type Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";

/** Stands in front of a server that speaks no TLS itself. */
export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections whose handshake succeeded, so far. */
  readonly accepted: () => number;
}

/** @param target `host:port` of the server without TLS. */
export async function startTlsProxy(target: string, options: TlsOptions): Promise<TlsProxy> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ ...options, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
    accepted += 1;
    const inner = connect(Number(port), hostname);
    for (const end of [socket, inner]) {
      open.add(end);
      end.on("close", () => open.delete(end));
      // Either end's leaving ends the other.
      end.on("error", () => end.destroy());
    }
    socket.pipe(inner).pipe(socket);
    socket.on("close", () => inner.destroy());
    inner.on("close", () => socket.destroy());
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    accepted: () => accepted,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
