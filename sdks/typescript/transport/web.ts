import { createConnectTransport } from "@connectrpc/connect-web";
import type { Channel } from "../client.ts";

/** Requests through fetch: browsers, workers, or any runtime's own fetch. It cannot stream a request. */
export function webChannel(url: string, fetch?: typeof globalThis.fetch): Channel {
  return {
    transport: createConnectTransport({
      baseUrl: url,
      useBinaryFormat: true,
      ...(fetch === undefined ? {} : { fetch }),
    }),
    streamsRequests: false,
    close: () => undefined,
  };
}
