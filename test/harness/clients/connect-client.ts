import { type Code, ConnectError, type Transport } from "@connectrpc/connect";
import { CallFailure, type ForeignCallOptions, type ForeignClient } from "./foreign-client.ts";

export interface ConnectClientOptions {
  readonly apiKey: string;
  /** Fetch cannot stream a request. */
  readonly streamsRequests: boolean;
  readonly close?: () => void;
}

/** Calls through any of Connect's own transports. */
export function connectClient(transport: Transport, options: ConnectClientOptions): ForeignClient {
  const headers = (call: ForeignCallOptions) => ({
    authorization: `Bearer ${options.apiKey}`,
    ...(call.traceId === undefined ? {} : { "x-request-id": call.traceId }),
  });
  const client: ForeignClient = {
    async unary(method, request, call = {}) {
      try {
        return (await transport.unary(method, call.signal, call.timeoutMs, headers(call), request)).message;
      } catch (error) {
        throw toFailure(error);
      }
    },
    async *serverStream(method, request, call = {}) {
      try {
        const requests = once(request);
        const answer = await transport.stream(method, call.signal, call.timeoutMs, headers(call), requests);
        yield* answer.message;
      } catch (error) {
        throw toFailure(error);
      }
    },
    async clientStream(method, requests, call = {}) {
      try {
        const stream = each(requests);
        const answer = await transport.stream(method, call.signal, call.timeoutMs, headers(call), stream);
        const [message] = await Array.fromAsync(answer.message);
        if (!message) throw new Error("the stream ended without an answer");
        return message;
      } catch (error) {
        throw toFailure(error);
      }
    },
    [Symbol.dispose]: () => options.close?.(),
  };
  if (!options.streamsRequests) delete client.clientStream;
  return client;
}

async function* once<T>(item: T) {
  yield item;
}

async function* each<T>(items: readonly T[]) {
  yield* items;
}

function toFailure(error: unknown): CallFailure {
  const { code, rawMessage, details } = ConnectError.from(error);
  const received = details.flatMap((detail) => ("desc" in detail ? [] : [detail]));
  return new CallFailure(code as Code, rawMessage, received, { cause: error });
}
