import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { Mneme, MnemeError } from "@mneme/sdk/browser";

/** What the page can be asked for, from outside. */
export interface PageFunctions {
  /** Adds, follows, finds, and fails once. */
  roundTrip(url: string, apiKey: string, protocol: Protocol): Promise<RoundTrip>;
  /** Leaves a watch in the middle. @returns the states seen before. */
  leave(url: string, apiKey: string, protocol: Protocol, extractionId: string): Promise<string[]>;
  /** Adds and finds as the user of the token that the page's own server gives out, and tries another user. */
  asUser(url: string, text: string, other: string): Promise<AsUser>;
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

export interface AsUser {
  readonly found: readonly string[];
  /** Why each call with the other's scope was refused. */
  readonly refused: readonly (string | undefined)[];
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
  async asUser(url, text, other) {
    const token = async () => (await fetch("/token")).text();
    const mneme = new Mneme({ url, token, retries: 0 });
    const own = mneme.scope({});
    await own.add(text, { infer: false, waitFor: "searchable" });
    const { hits } = await own.search("What do we fold?");
    const reasonOf = (error: unknown) => (error instanceof MnemeError ? error.reason : String(error));
    const tried = [mneme.user(other).search("What do we fold?"), mneme.user(other).add("I was here.")];
    return {
      found: hits.map(({ memory }) => memory.text),
      refused: await Promise.all(tried.map((call) => call.then(() => "it was not", reasonOf))),
    };
  },
};

Object.assign(globalThis, { mnemePage: functions });
