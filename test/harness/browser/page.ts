import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Mneme, MnemeError } from "@mneme/sdk/browser";

/** What the page can be asked for, from outside. */
export interface PageFunctions {
  /** Adds, follows, finds, and fails once. */
  roundTrip(url: string, apiKey: string, protocol: Protocol): Promise<RoundTrip>;
  /** Leaves a watch in the middle. @returns the states seen before. */
  leave(url: string, apiKey: string, protocol: Protocol, extractionId: string): Promise<string[]>;
}

export type Protocol = "sdk" | "Connect" | "Connect in JSON" | "gRPC-web" | "gRPC-web in JSON";

export interface RoundTrip {
  readonly states: readonly string[];
  readonly found: readonly string[];
  readonly failure: {
    readonly kind: string;
    readonly reason: string | undefined;
    readonly fields: readonly string[];
  };
  /** Of the network, where the calls did not get anywhere. */
  readonly broken?: string;
}

const TRANSPORTS: Record<Exclude<Protocol, "sdk">, (baseUrl: string) => Transport> = {
  Connect: (baseUrl) => createConnectTransport({ baseUrl, useBinaryFormat: true }),
  "Connect in JSON": (baseUrl) => createConnectTransport({ baseUrl, useBinaryFormat: false }),
  "gRPC-web": (baseUrl) => createGrpcWebTransport({ baseUrl, useBinaryFormat: true }),
  "gRPC-web in JSON": (baseUrl) => createGrpcWebTransport({ baseUrl, useBinaryFormat: false }),
};

function open(url: string, apiKey: string, protocol: Protocol): Mneme {
  return protocol === "sdk"
    ? new Mneme({ url, apiKey, retries: 0 })
    : new Mneme({ transport: TRANSPORTS[protocol](url), apiKey, retries: 0 });
}

const functions: PageFunctions = {
  async roundTrip(url, apiKey, protocol) {
    const mneme = open(url, apiKey, protocol);
    const user = mneme.user(`browser ${protocol}`);
    const added = await user.add("I fold paper cranes — 折り鶴.", { name: "Wen" });
    const states: string[] = [];
    await mneme.waitFor(added, { onChange: ({ state }) => states.push(String(state)) });
    const { hits } = await user.search("Who folds cranes?", { atLeastAsFresh: added });
    const failure = await user.search("cranes", { limit: -1 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(failure instanceof MnemeError)) throw new Error("expected a MnemeError");
    return {
      states,
      found: hits.map(({ memory }) => memory.sources[0]?.text ?? ""),
      failure: {
        kind: failure.kind,
        reason: failure.reason,
        fields: failure.fields.map(({ field }) => field),
      },
    };
  },
  async leave(url, apiKey, protocol, extractionId) {
    const states: string[] = [];
    for await (const { state } of open(url, apiKey, protocol).extractions.watch(extractionId)) {
      states.push(String(state));
      break;
    }
    return states;
  },
};

Object.assign(globalThis, { mnemePage: functions });
