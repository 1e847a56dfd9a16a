import {
  type DescMessage,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "@mneme/proto/google/rpc/error_details_pb.js";

export interface ForeignCallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Sent as x-request-id: the server's log names the call by it. */
  readonly traceId?: string;
}

/** A client that is not ours, as all suites call it. Every call rejects with a CallFailure and nothing else. */
export interface ForeignClient extends Disposable {
  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options?: ForeignCallOptions,
  ): Promise<MessageShape<O>>;
  serverStream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodServerStreaming<I, O>,
    request: MessageInitShape<I>,
    options?: ForeignCallOptions,
  ): AsyncIterable<MessageShape<O>>;
  /** Absent where the client cannot stream a request. */
  clientStream?<I extends DescMessage, O extends DescMessage>(
    method: DescMethodClientStreaming<I, O>,
    requests: readonly MessageInitShape<I>[],
    options?: ForeignCallOptions,
  ): Promise<MessageShape<O>>;
}

/** One of a status's details, as it travels. */
export interface WireDetail {
  /** Full name of the message, without the prefix of a type URL. */
  readonly type: string;
  readonly value: Uint8Array;
}

/** What a call failed with, whatever protocol brought it. */
export class CallFailure extends Error {
  override readonly name = "CallFailure";
  /** Connect's name of the code. */
  readonly code: string;
  /** Of the ErrorInfos with our domain; the server sends exactly one, a client that gave up none. */
  readonly reasons: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Fields that a BadRequest names. */
  readonly fields: readonly string[];

  constructor(code: Code, message: string, details: readonly WireDetail[], options?: ErrorOptions) {
    super(message, options);
    const infos = decode(ErrorInfoSchema, details).filter(({ domain }) => domain === "mneme");
    this.code = Code[code];
    this.reasons = infos.map(({ reason }) => reason);
    this.metadata = infos[0]?.metadata ?? {};
    this.fields = decode(BadRequestSchema, details).flatMap(({ fieldViolations }) =>
      fieldViolations.map(({ field }) => field),
    );
  }
}

function decode<T extends DescMessage>(schema: T, details: readonly WireDetail[]): MessageShape<T>[] {
  return details.filter(({ type }) => type === schema.typeName).map(({ value }) => fromBinary(schema, value));
}
