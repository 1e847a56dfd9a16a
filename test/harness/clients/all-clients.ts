import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import {
  createConnectTransport as createWebConnectTransport,
  createGrpcWebTransport as createWebGrpcWebTransport,
} from "@connectrpc/connect-web";
import { connectClient } from "./connect-client.ts";
import type { ForeignClient } from "./foreign-client.ts";
import { grpcJsClient } from "./grpc-js-client.ts";
import { jsonClient } from "./json-client.ts";

type Open = (url: string, apiKey: string) => ForeignClient;
interface Encoding {
  readonly useBinaryFormat?: boolean;
}
interface Http2 extends Encoding {
  readonly baseUrl: string;
  readonly httpVersion: "2";
  readonly sessionManager: Http2SessionManager;
}

const JSON_FORMAT: Encoding = { useBinaryFormat: false };

const overHttp1 =
  (make: typeof createConnectTransport, encoding: Encoding = {}): Open =>
  (baseUrl, apiKey) =>
    connectClient(make({ baseUrl, httpVersion: "1.1", ...encoding }), { apiKey, streamsRequests: true });

const overHttp2 =
  (make: (options: Http2) => Transport, encoding: Encoding = {}): Open =>
  (baseUrl, apiKey) => {
    const sessionManager = new Http2SessionManager(baseUrl);
    const transport = make({ baseUrl, httpVersion: "2", sessionManager, ...encoding });
    const close = () => sessionManager.abort();
    return connectClient(transport, { apiKey, streamsRequests: true, close });
  };

const byFetch =
  (make: typeof createWebConnectTransport, encoding: Encoding = {}): Open =>
  (baseUrl, apiKey) =>
    connectClient(make({ baseUrl, ...encoding }), { apiKey, streamsRequests: false });

/** Every client that must work, by name. */
export const FOREIGN_CLIENTS: Readonly<Record<string, Open>> = {
  "@grpc/grpc-js": grpcJsClient,
  "connect-node: Connect over HTTP/1.1": overHttp1(createConnectTransport),
  "connect-node: Connect over HTTP/2": overHttp2(createConnectTransport),
  "connect-node: Connect in JSON over HTTP/1.1": overHttp1(createConnectTransport, JSON_FORMAT),
  "connect-node: Connect in JSON over HTTP/2": overHttp2(createConnectTransport, JSON_FORMAT),
  "connect-node: gRPC over HTTP/2": overHttp2(createGrpcTransport),
  "connect-node: gRPC in JSON over HTTP/2": overHttp2(createGrpcTransport, JSON_FORMAT),
  "connect-node: gRPC-web over HTTP/1.1": overHttp1(createGrpcWebTransport),
  "connect-node: gRPC-web over HTTP/2": overHttp2(createGrpcWebTransport),
  "connect-node: gRPC-web in JSON over HTTP/2": overHttp2(createGrpcWebTransport, JSON_FORMAT),
  "connect-web: Connect": byFetch(createWebConnectTransport),
  "connect-web: Connect in JSON": byFetch(createWebConnectTransport, JSON_FORMAT),
  "connect-web: gRPC-web": byFetch(createWebGrpcWebTransport),
  "connect-web: gRPC-web in JSON": byFetch(createWebGrpcWebTransport, JSON_FORMAT),
  "fetch and JSON": jsonClient,
};
