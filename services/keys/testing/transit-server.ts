import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Answer, type Body, TransitEngine } from "./transit-engine.ts";

export interface TransitServerOptions {
  /** PEM; without it, HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly mount?: string;
}

export interface TransitCallRecord {
  readonly path: string;
  readonly token: string;
  readonly namespace: string | undefined;
}

/** A server on loopback that speaks the HTTP API of Vault's and OpenBao's transit engine, with real AES-GCM. */
export interface TransitServer extends AsyncDisposable {
  readonly url: string;
  readonly mount: string;
  /** May do everything. */
  readonly rootToken: string;
  /** Every call so far, oldest first. */
  readonly calls: readonly TransitCallRecord[];
  /** A token that may encrypt and decrypt with a key. */
  issue(key: string): string;
  revoke(token: string): void;
  /** It comes back. */
  reinstate(token: string): void;
  /** As the API does it, with the root token. */
  ask(method: string, path: string, body?: Body): Answer;
  /** Answers 503, as a sealed server does. */
  sealed: boolean;
  /** Answers nothing. */
  hangs: boolean;
  /** Answers with these statuses first, one a call. */
  readonly planned: number[];
}

export async function startTransitServer(options: TransitServerOptions = {}): Promise<TransitServer> {
  const { tls, mount = "transit" } = options;
  const engine = new TransitEngine();
  const tokens = new Map<string, string>();
  const revoked = new Set<string>();
  const calls: TransitCallRecord[] = [];
  const rootToken = "hvs.root";
  let issued = 0;

  function answer(request: IncomingMessage, body: Body): Answer {
    const path = decodeURIComponent((request.url ?? "").replace(/^\/v1\//, ""));
    const token = String(request.headers["x-vault-token"] ?? "");
    calls.push({ path, token, namespace: request.headers["x-vault-namespace"] as string | undefined });
    const planned = server.planned.shift();
    if (planned !== undefined) return { status: planned, errors: ["planned"] };
    if (server.sealed) return { status: 503, errors: ["Vault is sealed"] };
    if (!path.startsWith(`${mount}/`)) return { status: 404, errors: [`no handler for route "${path}"`] };
    const below = path.slice(mount.length + 1);
    if (!mayCall(token, below)) return { status: 403, errors: ["permission denied"] };
    return engine.handle(request.method ?? "", below, body);
  }

  function mayCall(token: string, path: string): boolean {
    if (token === rootToken) return true;
    const key = revoked.has(token) ? undefined : tokens.get(token);
    return key !== undefined && (path === `encrypt/${key}` || path === `decrypt/${key}`);
  }

  const listener: RequestListener = (request, response) => {
    if (server.hangs) return;
    readJson(request).then(
      (body) => send(response, answer(request, body)),
      () => response.destroy(),
    );
  };
  const http = tls ? createTlsServer({ ...tls }, listener) : createServer(listener);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = http.address() as AddressInfo;
  const server: TransitServer = {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    mount,
    rootToken,
    calls,
    issue(key) {
      issued += 1;
      const token = `hvs.${key}.${issued}`;
      tokens.set(token, key);
      return token;
    },
    revoke: (token) => void revoked.add(token),
    reinstate: (token) => void revoked.delete(token),
    ask: (method, path, body = {}) => engine.handle(method, path, body),
    sealed: false,
    hangs: false,
    planned: [],
    async [Symbol.asyncDispose]() {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
  return server;
}

async function readJson(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as Body);
}

function send(response: ServerResponse, { status, data, errors }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(status === 204 ? undefined : JSON.stringify(errors ? { errors } : { data }));
}
