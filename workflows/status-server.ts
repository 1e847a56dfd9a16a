import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Registry } from "prom-client";

/** What must answer before this process may be called ready, by name. Each rejects when it does not. */
export type Checks = Map<string, () => Promise<unknown>>;

export interface StatusServerOptions {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly checks: Checks;
  /** Names that must have registered a check: until then the process is still starting. */
  readonly expected: readonly string[];
}

const CHECK_DEADLINE_MS = 1_500;

/** Serves `/metrics`, `/ready` (503 while anything it needs does not answer) and `/live`. */
export async function startStatusServer(options: StatusServerOptions): Promise<AsyncDisposable> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(options: StatusServerOptions, request: IncomingMessage, response: ServerResponse) {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/live") return response.writeHead(200).end("live\n");
  if (path === "/ready") {
    const states = await readiness(options);
    const ready = Object.values(states).every((state) => state === "ok");
    response.writeHead(ready ? 200 : 503, { "content-type": "application/json" });
    return response.end(`${JSON.stringify({ ready, ...states })}\n`);
  }
  if (path === "/metrics") {
    const text = await options.registry.metrics();
    return response.writeHead(200, { "content-type": options.registry.contentType }).end(text);
  }
  return response.writeHead(404).end();
}

async function readiness({ checks, expected }: StatusServerOptions): Promise<Record<string, string>> {
  const states = expected.map(async (name): Promise<[string, string]> => {
    const check = checks.get(name);
    if (!check) return [name, "starting"];
    const late = new Promise((_, reject) => setTimeout(reject, CHECK_DEADLINE_MS).unref());
    const ok = await Promise.race([check(), late]).then(
      () => true,
      () => false,
    );
    return [name, ok ? "ok" : "unavailable"];
  });
  return Object.fromEntries(await Promise.all(states));
}
