import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

/** Serves the page at an origin of its own. */
export interface PageServer extends AsyncDisposable {
  readonly origin: string;
}

/** Bundles the page once, for any number of servers. */
export async function bundlePage(): Promise<string> {
  const { output } = await build({
    input: fileURLToPath(new URL("./page.ts", import.meta.url)),
    platform: "browser",
    output: { format: "iife" },
    write: false,
    logLevel: "warn",
  });
  return output[0].code;
}

/** @param mint answers the page's requests for a user's token, as an application's server does. */
export async function servePage(script: string, mint?: () => Promise<string>): Promise<PageServer> {
  const server = createServer((request, response) => {
    if (mint && request.url === "/token") return void mint().then((token) => response.end(token));
    const isScript = request.url === "/page.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html; charset=utf-8" });
    response.end(isScript ? script : '<!doctype html><title>page</title><script src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
