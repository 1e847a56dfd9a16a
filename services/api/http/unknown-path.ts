import { errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { unimplemented } from "../interceptors/errors.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "./protocols.ts";

/** Tells a client of any protocol that there is no such procedure, as an error that it can read. */
export const answerUnknownPath: HttpHandler = (request, response) => {
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/grpc")) answerGrpc(request, response, type);
  else answerJson(request, response);
};

/** "Trailers only": status and details stand among the headers. */
function answerGrpc(_request: HttpRequest, response: HttpResponse, type: string): void {
  const header = new Headers({ "content-type": type });
  setTrailerStatus(header, unimplemented());
  response.writeHead(200, Object.fromEntries(header));
  response.end();
}

function answerJson(_request: HttpRequest, response: HttpResponse): void {
  const body = Buffer.from(errorToJsonBytes(unimplemented(), undefined));
  response.writeHead(404, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}
