import * as http from "node:http";
import * as http2 from "node:http2";
import type { Duplex } from "node:stream";

export type HttpRequest = http.IncomingMessage | http2.Http2ServerRequest;
/** Node's two are alike in use but not in type; HTTP/2's is typed as HTTP/1.1's. */
export type HttpResponse = http.ServerResponse;
export type HttpHandler = (request: HttpRequest, response: HttpResponse) => void;

const HEADER_BYTES = 16 * 1024;
/** Of each header, beside its name and value (RFC 9113, 6.5.2). */
const HEADER_OVERHEAD = 32;
/** Any client of ours sends some twenty. */
const HEADERS = 100;
const HEADERS_TIMEOUT_MS = 20_000;
/** How often HTTP/1.1 connections are looked at for being late. */
const CHECK_MS = 5_000;
/** Longer than load balancers keep idle connections, so that it is never us who closes under a request. */
const KEEP_ALIVE_MS = 75_000;
const IDLE_SESSION_MS = 600_000;
const STREAM_WINDOW = 256 * 1024;
const SESSION_WINDOW = 4 * 1024 * 1024;
const STREAMS_PER_SESSION = 256;

export interface ProtocolOptions {
  /** How long a whole request body may take to arrive. */
  readonly requestTimeoutMs: number;
  /** How long a client may take to send its headers, or to begin with HTTP/2; 20,000 ms by default. */
  readonly headersTimeoutMs?: number;
}

/** HTTP/1.1 and HTTP/2 over sockets that somebody else accepts. */
export interface Protocols {
  accept(socket: Duplex, protocol: "http/1.1" | "h2"): void;
  /** Asks clients to go elsewhere; what is in progress goes on. Resolves once HTTP/2 clients have gone. */
  goAway(): Promise<void>;
  /** Ends everything at once, also what is written and not sent. */
  destroy(): void;
}

export function createProtocols(handler: HttpHandler, options: ProtocolOptions): Protocols {
  const sockets = new Set<Duplex>();
  const timeouts = { headersTimeoutMs: HEADERS_TIMEOUT_MS, ...options };
  const bounded = boundHeaders(handler);
  const h1 = createHttp1(bounded, timeouts);
  const h2 = createHttp2(bounded, timeouts);
  return {
    accept(socket, protocol) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      (protocol === "h2" ? h2.server : h1).emit("connection", socket);
    },
    async goAway() {
      h1.closeIdleConnections();
      await Promise.all([...h2.sessions].map(closed));
    },
    destroy() {
      h1.closeAllConnections();
      h1.close();
      for (const session of h2.sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function closed(session: http2.ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    session.once("close", resolve);
    session.close();
  });
}

/** Refuses a request of too many or too long headers; of HTTP/1.1, Node would drop those over its count without a word. */
function boundHeaders(handler: HttpHandler): HttpHandler {
  return (request, response) => {
    if ("stream" in request && headerBytes(request) > HEADER_BYTES) {
      return request.stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
    // Names and values in turn.
    if (request.rawHeaders.length <= 2 * HEADERS) return handler(request, response);
    if (request.httpVersionMajor === 1) response.setHeader("connection", "close");
    response.writeHead(431);
    response.end();
    request.resume();
  };
}

/**
 * With the URL, as HTTP/2 counts. Node resets such a stream itself, but only once the client has acknowledged our
 * settings, which it need never do. HTTP/1.1's parser counts from the first byte on.
 */
function headerBytes({ rawHeaders }: http2.Http2ServerRequest): number {
  // Names and values in turn, a character a byte.
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, 0);
  return bytes + HEADER_OVERHEAD * (rawHeaders.length / 2);
}

function createHttp1(handler: HttpHandler, timeouts: Required<ProtocolOptions>): http.Server {
  const { requestTimeoutMs, headersTimeoutMs } = timeouts;
  const server = http.createServer(
    {
      maxHeaderSize: HEADER_BYTES,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, headersTimeoutMs),
    },
    handler,
  );
  // None is dropped; too many are refused.
  server.maxHeadersCount = 0;
  // Node begins to enforce the time-outs above when a server listens; this one never does.
  server.emit("listening");
  return server;
}

function createHttp2(
  handler: HttpHandler,
  { requestTimeoutMs, headersTimeoutMs }: Required<ProtocolOptions>,
) {
  const sessions = new Set<http2.ServerHttp2Session>();
  const server = http2.createServer(
    {
      settings: {
        maxConcurrentStreams: STREAMS_PER_SESSION,
        maxHeaderListSize: HEADER_BYTES,
        initialWindowSize: STREAM_WINDOW,
      },
    },
    (request, response) => {
      boundBody(request, requestTimeoutMs);
      handler(request, response as unknown as HttpResponse);
    },
  );
  server.on("session", (session) => {
    sessions.add(session);
    session.setLocalWindowSize(SESSION_WINDOW);
    boundBeginning(session, headersTimeoutMs);
    let streams = 0;
    session.on("stream", (stream) => {
      streams++;
      stream.once("close", () => streams--);
    });
    session.setTimeout(IDLE_SESSION_MS, () => {
      if (streams === 0) session.close();
    });
    session.once("close", () => sessions.delete(session));
    // A client that breaks off is not our fault, and unheard it would end the process.
    session.on("error", () => session.destroy());
  });
  server.on("sessionError", () => {});
  return { server, sessions };
}

/** A client begins with its settings; one that does not holds a connection for nothing. */
function boundBeginning(session: http2.ServerHttp2Session, timeoutMs: number): void {
  const timer = setTimeout(() => session.destroy(), timeoutMs);
  const clear = () => clearTimeout(timer);
  session.once("remoteSettings", clear);
  session.once("close", clear);
}

/** HTTP/2 has no time-out for a body that trickles in; HTTP/1.1 has `requestTimeout`. */
function boundBody(request: http2.Http2ServerRequest, timeoutMs: number): void {
  const timer = setTimeout(() => request.stream.close(http2.constants.NGHTTP2_CANCEL), timeoutMs);
  const clear = () => clearTimeout(timer);
  request.once("end", clear);
  request.once("close", clear);
}
