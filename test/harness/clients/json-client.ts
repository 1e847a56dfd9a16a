import {
  create,
  type DescMessage,
  type DescMethod,
  fromJson,
  fromJsonString,
  type JsonValue,
  type MessageInitShape,
  toJsonString,
} from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { codeFromString } from "@connectrpc/connect/protocol-connect";
import { CallFailure, type ForeignCallOptions, type ForeignClient } from "./foreign-client.ts";

interface JsonError {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/** Flag of the envelope that ends a stream. */
const END = 2;

/** What any language can do with an HTTP client and a JSON library: nothing of Connect's or gRPC's. */
export function jsonClient(url: string, apiKey: string): ForeignClient {
  async function post(
    method: DescMethod,
    type: string,
    body: string | Uint8Array<ArrayBuffer>,
    { timeoutMs, traceId, signal }: ForeignCallOptions,
  ): Promise<Response> {
    try {
      return await fetch(`${url}/${method.parent.typeName}/${method.name}`, {
        method: "POST",
        headers: {
          "content-type": type,
          authorization: `Bearer ${apiKey}`,
          ...(timeoutMs === undefined ? {} : { "connect-timeout-ms": String(timeoutMs) }),
          ...(traceId === undefined ? {} : { "x-request-id": traceId }),
        },
        body,
        ...(signal && { signal }),
      });
    } catch (error) {
      throw broken(error, signal);
    }
  }

  async function* stream(
    method: DescMethod,
    requests: readonly MessageInitShape<DescMessage>[],
    options: ForeignCallOptions,
  ): AsyncGenerator<JsonValue> {
    const body = Buffer.concat(requests.map((request) => envelope(encode(method.input, request))));
    const response = await post(method, "application/connect+json", new Uint8Array(body), options);
    if (!response.ok || !response.body) throw toFailure((await response.json()) as JsonError);
    try {
      for await (const { flags, text } of envelopes(response.body)) {
        if (flags !== END) yield JSON.parse(text) as JsonValue;
        else if (JSON.parse(text).error) throw toFailure(JSON.parse(text).error as JsonError);
      }
    } catch (error) {
      throw error instanceof CallFailure ? error : broken(error, options.signal);
    }
  }

  return {
    async unary(method, request, options = {}) {
      const response = await post(method, "application/json", encode(method.input, request), options);
      if (!response.ok) throw toFailure((await response.json()) as JsonError);
      return fromJsonString(method.output, await response.text());
    },
    async *serverStream(method, request, options = {}) {
      for await (const json of stream(method, [request], options)) yield fromJson(method.output, json);
    },
    async clientStream(method, requests, options = {}) {
      const [answer] = await Array.fromAsync(stream(method, requests, options));
      return fromJson(method.output, answer ?? null);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function encode<I extends DescMessage>(schema: I, request: MessageInitShape<I>): string {
  return toJsonString(schema, create(schema, request));
}

/** Flags, length, message. */
function envelope(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function* envelopes(body: ReadableStream<Uint8Array>) {
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      yield { flags: rest.readUInt8(0), text: rest.subarray(5, end).toString("utf8") };
      rest = rest.subarray(end);
    }
  }
}

function toFailure({ code, message = "", details = [] }: JsonError): CallFailure {
  const wire = details.map(({ type, value }) => ({ type, value: Buffer.from(value, "base64") }));
  return new CallFailure(codeFromString(code) ?? Code.Unknown, message, wire);
}

function broken(error: unknown, signal: AbortSignal | undefined): CallFailure {
  return new CallFailure(signal?.aborted ? Code.Canceled : Code.Unavailable, String(error), [], {
    cause: error,
  });
}
