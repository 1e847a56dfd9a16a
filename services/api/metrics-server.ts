import * as http from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "./metrics.ts";
import type { Readiness } from "./readiness.ts";

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
}

/** `/live`, `/ready` and `/metrics`, on a port that is not for clients. */
export async function listenMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = http.createServer((request, response) => {
    answer(options, request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  { metrics, readiness }: MetricsServerOptions,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  switch (request.url?.split("?", 1)[0]) {
    case "/live":
      response.writeHead(200, { "content-type": "text/plain" }).end("ok\n");
      return;
    case "/ready": {
      const { ready, parts } = readiness.state;
      response.writeHead(ready ? 200 : 503, { "content-type": "application/json" });
      response.end(`${JSON.stringify({ ready, parts })}\n`);
      return;
    }
    case "/metrics": {
      const body = await metrics.registry.metrics();
      response.writeHead(200, { "content-type": metrics.registry.contentType }).end(body);
      return;
    }
    default:
      response.writeHead(404).end();
  }
}
