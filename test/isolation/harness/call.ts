import type { DescMethod } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import { ErrorInfoSchema } from "@mneme/proto/google/rpc/error_details_pb.js";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** What came of a call. */
export interface Outcome {
  /** `ok`, or the error's code as Connect writes it. */
  readonly code: string;
  readonly reason: string;
  readonly message: string;
  /** Names of what the error's ErrorInfo tells, and the types of its details. */
  readonly tells: readonly string[];
  /** One of a unary call; of a stream all. */
  readonly answers: readonly Json[];
  /** All that came back, headers too. */
  readonly raw: string;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Appended to the URL, with its question mark. */
  readonly query?: string;
}

/** Of a stream that waits for more: what it has said until then is its answer. */
const STREAM_MS = 1_500;
const END = 2;

/** Calls a procedure with whatever JSON, as anything that speaks HTTP can. */
export async function call(
  url: string,
  method: DescMethod,
  secret: string,
  requests: readonly JsonObject[],
  { headers = {}, query = "" }: CallOptions = {},
): Promise<Outcome> {
  const isUnary = method.methodKind === "unary";
  const body = isUnary
    ? JSON.stringify(requests[0])
    : Buffer.concat(requests.map((request) => enveloped(JSON.stringify(request))));
  const response = await fetch(`${url}/${method.parent.typeName}/${method.name}${query}`, {
    method: "POST",
    headers: {
      "content-type": isUnary ? "application/json" : "application/connect+json",
      authorization: `Bearer ${secret}`,
      "connect-timeout-ms": isUnary ? "20000" : String(STREAM_MS),
      ...headers,
    },
    body,
  });
  const heads = [...response.headers].filter(([name]) => name !== "x-request-id" && name !== "date");
  const bytes = Buffer.from(await response.arrayBuffer());
  const raw = `${JSON.stringify(heads)}\n${bytes.toString("utf8")}`;
  if (isUnary || !response.ok) return outcomeOf(response.ok, JSON.parse(bytes.toString("utf8")), raw);
  return ofStream(bytes, raw);
}

function enveloped(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
}

function ofStream(bytes: Buffer, raw: string): Outcome {
  const answers: Json[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1);
    const message = JSON.parse(bytes.subarray(at + 5, at + 5 + length).toString("utf8"));
    if (bytes.readUInt8(at) & END) {
      const failed = message.error && message.error.code !== "deadline_exceeded";
      return { ...outcomeOf(!failed, message.error ?? {}, raw), answers };
    }
    answers.push(message);
    at += 5 + length;
  }
  return { ...outcomeOf(true, {}, raw), answers };
}

interface WireError {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

function outcomeOf(isOk: boolean, body: Json & WireError, raw: string): Outcome {
  if (isOk) return { code: "ok", reason: "", message: "", tells: [], answers: [body], raw };
  const { code = "unknown", message = "", details = [] } = body;
  const info = details.find(({ type }) => type === ErrorInfoSchema.typeName);
  const { reason = "", metadata = {} } = info
    ? fromBinary(ErrorInfoSchema, Buffer.from(info.value, "base64"))
    : {};
  const tells = [...Object.keys(metadata).sort(), ...details.map(({ type }) => type)];
  return { code, reason, message, tells, answers: [], raw };
}

/** What an outcome looks like, whoever and whatever it is about: two that look alike tell nothing apart. */
export function looksOf({ code, reason, message, tells, answers }: Outcome): unknown {
  return {
    code,
    reason,
    message: message.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID"),
    tells,
    answers: answers.map(shapeOf),
  };
}

/** Names, kinds of values, and whether lists are empty. */
function shapeOf(value: Json): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? [] : [...new Set(value.map((one) => JSON.stringify(shapeOf(one))))].sort();
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, member]) => [name, shapeOf(member as Json)]),
  );
}
