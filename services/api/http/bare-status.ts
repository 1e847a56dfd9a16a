import type { ConnectError } from "@connectrpc/connect";
import {
  createAsyncIterable,
  type UniversalHandler,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { malformedRequest, toConnectError } from "../convert/error.ts";

const GRPC = [
  "application/grpc",
  "application/grpc+json",
  "application/grpc-web",
  "application/grpc-web+json",
];
const UNARY = ["application/json", "application/proto", ...GRPC];
const STREAM = ["application/connect+json", "application/connect+proto", ...GRPC];

type Asked = Pick<UniversalHandler, "allowedMethods" | "method">;

/** Why a request that has its procedure's path became no call, and what would be taken instead. */
export interface NotTaken {
  readonly error: ConnectError;
  readonly header: Readonly<Record<string, string>>;
}

/** Connect refuses another content type or HTTP method with a bare status; undefined for other answers. */
export function notTaken({ status }: UniversalServerResponse, asked: Asked): NotTaken | undefined {
  switch (status) {
    case 415: {
      const types = (asked.method.methodKind === "unary" ? UNARY : STREAM).join(", ");
      return because(`the content type is not one of ${types}`, { "accept-post": types });
    }
    case 405: {
      const methods = asked.allowedMethods.join(", ");
      return because(`the HTTP method is not one of ${methods}`, { allow: methods });
    }
    default:
      return undefined;
  }
}

function because(message: string, header: NotTaken["header"]): NotTaken {
  return { error: toConnectError(malformedRequest(message)), header };
}

/** The bare status with what a client can read. */
export function explained(
  { status }: UniversalServerResponse,
  { error, header }: NotTaken,
  requestId: string,
): UniversalServerResponse {
  const body = errorToJsonBytes(error, undefined);
  return {
    status,
    header: new Headers({
      ...header,
      "x-request-id": requestId,
      "cache-control": "no-store",
      "content-type": "application/json",
      "content-length": String(body.byteLength),
    }),
    body: createAsyncIterable([body]),
  };
}
