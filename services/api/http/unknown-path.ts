import type { ConnectError } from "@connectrpc/connect";
import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { HttpRequest, HttpResponse } from "./protocols.ts";

/** Tells a client of any protocol that there is no such procedure, as an error that it can read. */
export function answerUnknownPath(
  request: HttpRequest,
  response: HttpResponse,
  error: ConnectError,
  requestId: string,
): void {
  response.setHeader("x-request-id", requestId);
  response.setHeader("cache-control", "no-store");
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/grpc")) answerGrpc(response, type, error);
  else answerJson(response, error);
}

/** "Trailers only": status and details stand among the headers. */
function answerGrpc(response: HttpResponse, type: string, error: ConnectError): void {
  const header = new Headers({ "content-type": type });
  setTrailerStatus(header, error);
  response.writeHead(200, Object.fromEntries(header));
  response.end();
}

function answerJson(response: HttpResponse, error: ConnectError): void {
  const body = Buffer.from(errorToJsonBytes(error, undefined));
  response.writeHead(404, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}
