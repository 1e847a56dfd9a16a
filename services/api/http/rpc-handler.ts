import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import type { Logger } from "../log.ts";
import { sayWhatIsTaken } from "./bare-status.ts";
import { readableGrpcMessage } from "./grpc-message.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "./protocols.ts";

export interface RpcHandlerOptions {
  readonly handlers: readonly UniversalHandler[];
  /** For paths that no procedure has. */
  readonly fallback: HttpHandler;
  readonly log: Logger;
}

/** Serves procedures by path. A request that can't even be read as one is answered 400, and nothing breaks. */
export function createRpcHandler({ handlers, fallback, log }: RpcHandlerOptions): HttpHandler {
  const byPath = new Map(handlers.map((handler) => [handler.requestPath, handler]));
  return (request, response) => {
    const handler = byPath.get(request.url?.split("?", 1)[0] ?? "");
    if (!handler) return fallback(request, response);
    answer(handler, request, response).catch((error: unknown) => {
      // Connect's word for a client that has gone.
      if (ConnectError.from(error).code === Code.Aborted || response.destroyed) return;
      log.warn({ err: error, method: handler.method.name }, "an answer could not be sent");
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
}

async function answer(
  handler: UniversalHandler,
  request: HttpRequest,
  response: HttpResponse,
): Promise<void> {
  let universal: ReturnType<typeof universalRequestFromNodeRequest>;
  try {
    universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
  } catch {
    // A Host or a header that is none, e.g. `Host: [`.
    response.writeHead(400);
    response.end();
    return;
  }
  // Connect's own iterator tears the connection down when a body is left half read, and the answer that
  // says why with it.
  const body = request.iterator({ destroyOnReturn: false });
  response.once("finish", () => discardRest(request));
  const answered = sayWhatIsTaken(await handler({ ...universal, body }), handler);
  await universalResponseToNodeResponse(readableGrpcMessage(answered), response);
}

/** What is left of a body would be taken for the connection's next request. */
function discardRest(request: HttpRequest): void {
  if (request.complete) return;
  request.removeAllListeners("readable");
  request.resume();
}
