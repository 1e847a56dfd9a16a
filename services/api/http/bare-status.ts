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

/** Connect refuses another content type or HTTP method with a bare status: this says what is taken instead. */
export function sayWhatIsTaken(answered: UniversalServerResponse, asked: Asked): UniversalServerResponse {
  switch (answered.status) {
    case 415: {
      const types = asked.method.methodKind === "unary" ? UNARY : STREAM;
      const message = `the content type is not one of ${types.join(", ")}`;
      return withBody(answered, message, { "accept-post": types.join(", ") });
    }
    case 405: {
      const methods = asked.allowedMethods.join(", ");
      return withBody(answered, `the HTTP method is not one of ${methods}`, { allow: methods });
    }
    default:
      return answered;
  }
}

function withBody(
  { status }: UniversalServerResponse,
  message: string,
  header: Readonly<Record<string, string>>,
): UniversalServerResponse {
  const body = errorToJsonBytes(toConnectError(malformedRequest(message)), undefined);
  return {
    status,
    header: new Headers({
      ...header,
      "content-type": "application/json",
      "content-length": String(body.byteLength),
    }),
    body: createAsyncIterable([body]),
  };
}
