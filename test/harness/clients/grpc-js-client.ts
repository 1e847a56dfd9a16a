import {
  create,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import type { Code } from "@connectrpc/connect";
import {
  type CallOptions,
  type ChannelOptions,
  Client,
  credentials,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { StatusSchema } from "@mneme/proto/google/rpc/status_pb.js";
import { CallFailure, type ForeignCallOptions, type ForeignClient } from "./foreign-client.ts";

/** Google's own gRPC for Node, fed with our generated descriptors. */
export function grpcJsClient(url: string, apiKey: string, channel: ChannelOptions = {}): ForeignClient {
  const client = new Client(new URL(url).host, credentials.createInsecure(), channel);
  const metadata = ({ traceId }: ForeignCallOptions) => {
    const headers = new Metadata();
    headers.set("authorization", `Bearer ${apiKey}`);
    if (traceId !== undefined) headers.set("x-request-id", traceId);
    return headers;
  };
  return {
    unary: (method, request, options = {}) =>
      new Promise((resolve, reject) => {
        const { path, encode, decode } = wireOf(method.input, method.output, method);
        const settle = settler(resolve, reject);
        const call = client.makeUnaryRequest(
          path,
          encode,
          decode,
          request,
          metadata(options),
          limits(options),
          settle,
        );
        cancelBy(options.signal, call);
      }),
    async *serverStream(method, request, options = {}) {
      const { path, encode, decode } = wireOf(method.input, method.output, method);
      const call = client.makeServerStreamRequest(
        path,
        encode,
        decode,
        request,
        metadata(options),
        limits(options),
      );
      cancelBy(options.signal, call);
      try {
        for await (const message of call) yield message;
      } catch (error) {
        throw toFailure(error as ServiceError);
      }
    },
    clientStream: (method, requests, options = {}) =>
      new Promise((resolve, reject) => {
        const { path, encode, decode } = wireOf(method.input, method.output, method);
        const settle = settler(resolve, reject);
        const call = client.makeClientStreamRequest(
          path,
          encode,
          decode,
          metadata(options),
          limits(options),
          settle,
        );
        cancelBy(options.signal, call);
        for (const request of requests) call.write(request);
        call.end();
      }),
    [Symbol.dispose]: () => client.close(),
  };
}

function wireOf<I extends DescMessage, O extends DescMessage>(input: I, output: O, method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    encode: (request: MessageInitShape<I>) => Buffer.from(toBinary(input, create(input, request))),
    decode: (bytes: Buffer): MessageShape<O> => fromBinary(output, bytes),
  };
}

function limits({ timeoutMs }: ForeignCallOptions): CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function cancelBy(signal: AbortSignal | undefined, call: { cancel(): void }): void {
  signal?.addEventListener("abort", () => call.cancel(), { once: true });
}

function settler<T>(resolve: (message: T) => void, reject: (failure: CallFailure) => void) {
  return (error: ServiceError | null, message?: T) => {
    if (error || message === undefined) reject(toFailure(error as ServiceError));
    else resolve(message);
  };
}

/** The rich error model: a google.rpc.Status among the trailers. */
function toFailure(error: ServiceError): CallFailure {
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const status = packed instanceof Buffer ? fromBinary(StatusSchema, packed) : undefined;
  if (status && (status.code !== error.code || status.message !== error.details)) {
    throw new Error("the status among the trailers says something else than the trailers");
  }
  const details = (status?.details ?? []).map(({ typeUrl, value }) => ({
    type: typeUrl.replace("type.googleapis.com/", ""),
    value,
  }));
  return new CallFailure(error.code as number as Code, error.details, details, { cause: error });
}
