import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import type { Channel } from "../client.ts";
import { SessionManager, tellEnds } from "./session-manager.ts";

/** What of Node's own transport can be chosen. */
export interface NodeChannelOptions {
  /** "connect" by default. */
  readonly protocol?: "connect" | "grpc" | undefined;
  /** "2" by default, over TLS and in clear; "1.1" for what lies between and knows no better (not with gRPC). */
  readonly httpVersion?: "2" | "1.1" | undefined;
}

/** A quiet connection is asked whether it still lives before it is used, and while a stream is open on it. */
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 5_000;
/** With more than Node's 10 MB left to send, a call that is refused already would break off and hide why. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** One kept HTTP/2 connection, opened at the first call, that does not keep the process alive when idle. */
export function nodeChannel(url: string, options: NodeChannelOptions = {}): Channel {
  if (options.httpVersion === "1.1" && options.protocol !== "grpc") {
    return {
      transport: createConnectTransport({ baseUrl: url, httpVersion: "1.1" }),
      streamsRequests: true,
      close: () => undefined,
    };
  }
  const sessionManager = new SessionManager(
    url,
    { pingIntervalMs: PING_INTERVAL_MS, pingTimeoutMs: PING_TIMEOUT_MS },
    { maxSessionMemory: UNBOUNDED },
  );
  const settings = { baseUrl: url, sessionManager, interceptors: [tellEnds] };
  const transport =
    options.protocol === "grpc"
      ? createGrpcTransport(settings)
      : createConnectTransport({ ...settings, httpVersion: "2" });
  return { transport, streamsRequests: true, close: () => sessionManager.abort() };
}
