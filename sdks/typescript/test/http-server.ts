import * as http from "node:http";
import * as http2 from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";

type NodeHandlerFn = ReturnType<typeof connectNodeAdapter>;
type Request = Parameters<NodeHandlerFn>[0];
type Response = Parameters<NodeHandlerFn>[1];

/** What becomes of one request: handled, or spoilt at a point where a network may spoil it. */
export type Fate = (request: Request, response: Response, handle: () => void) => void;

/** Serves routes on a free port of the loopback, over HTTP/2 in clear, or HTTP/1.1. */
export class HttpServer implements AsyncDisposable {
  readonly #server: http.Server | http2.Http2Server;
  readonly #sockets = new Set<Socket>();
  /** One a request; later requests are handled. */
  readonly fates: Fate[] = [];

  constructor(routes: (router: ConnectRouter) => void, httpVersion: "1.1" | "2" = "2") {
    const adapter = connectNodeAdapter({ routes });
    const listener: NodeHandlerFn = (request, response) => {
      const fate = this.fates.shift();
      const handle = () => adapter(request, response);
      if (fate === undefined) handle();
      else fate(request, response, handle);
    };
    this.#server = httpVersion === "2" ? http2.createServer(listener) : http.createServer(listener);
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** Listens and says at which URL. */
  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", () => {
        resolve(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
      });
    });
  }

  /** Breaks every connection, as a crash would. */
  readonly cut = (): void => {
    for (const socket of this.#sockets) socket.destroy();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  /** The connection breaks before anything is done. */
  readonly neverArrives: Fate = () => this.cut();

  /** The work is done, but the connection breaks before the answer leaves. */
  readonly answerLost: Fate = (_request, response, handle) => {
    response.writeHead = (() => this.cut()) as never;
    handle();
  };

  /** The work is done and the answer begins, but the connection breaks inside it. */
  readonly answerTorn: Fate = (_request, response, handle) => {
    response.write = () => {
      setImmediate(this.cut);
      return true;
    };
    response.end = (() => response) as never;
    handle();
  };

  /** Something between answers in its own words. */
  readonly proxyAnswers =
    (status: number, headers: http.OutgoingHttpHeaders = {}): Fate =>
    (request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": "text/html", ...headers });
      response.write("<h1>busy</h1>");
      response.end();
    };

  /** The server takes the request and says nothing. */
  readonly silence: Fate = (request) => {
    request.resume();
  };
}
