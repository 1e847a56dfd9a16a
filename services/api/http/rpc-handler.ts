import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { requestIdOf } from "../call.ts";
import { unimplemented } from "../interceptors/errors.ts";
import type { Telemetry } from "../interceptors/telemetry.ts";
import type { Logger } from "../log.ts";
import { explained, notTaken } from "./bare-status.ts";
import { readableGrpcMessage } from "./grpc-message.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "./protocols.ts";
import { joinCredentials } from "./repeated-credentials.ts";
import { answerUnknownPath } from "./unknown-path.ts";

export interface RpcHandlerOptions {
  readonly handlers: readonly UniversalHandler[];
  readonly telemetry: Pick<Telemetry, "turnAway">;
  readonly log: Logger;
  /** How long the body of a call without streams may take to arrive. */
  readonly unaryDeadlineMs: number;
}

/** Notes a request that becomes no call. @returns its id, for its client. */
type TurnAway = (request: HttpRequest, method: DescMethod | undefined, error: ConnectError) => string;

/** Serves procedures by path. A request that can't even be read as one is answered 400, and nothing breaks. */
export function createRpcHandler(options: RpcHandlerOptions): HttpHandler {
  const { handlers, telemetry, log, unaryDeadlineMs } = options;
  const byPath = new Map(handlers.map((handler) => [handler.requestPath, handler]));
  const turnAway: TurnAway = (request, method, error) => {
    const requestId = requestIdOf(request.headers["x-request-id"]?.toString());
    telemetry.turnAway({ requestId, method, error });
    return requestId;
  };
  return (request, response) => {
    const handler = byPath.get(request.url?.split("?", 1)[0] ?? "");
    if (!handler) {
      const error = unimplemented();
      return answerUnknownPath(request, response, error, turnAway(request, undefined, error));
    }
    const arrival = handler.method.methodKind === "unary" ? unaryDeadlineMs : undefined;
    answer(handler, request, response, turnAway, arrival).catch((error: unknown) => {
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
  turnAway: TurnAway,
  arrivalMs: number | undefined,
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
  joinCredentials(universal.header, request.rawHeaders);
  // Connect's own iterator tears the connection down when a body is left half read, and the answer that
  // says why with it.
  const whole = request.iterator({ destroyOnReturn: false });
  const body = arrivalMs === undefined ? whole : arrivingWithin(arrivalMs, whole, request, response);
  response.once("finish", () => discardRest(request));
  const answered = await handler({ ...universal, body });
  const refused = notTaken(answered, handler);
  const answering = refused
    ? explained(answered, refused, turnAway(request, handler.method, refused.error))
    : readableGrpcMessage(answered);
  await universalResponseToNodeResponse(
    handler.method.methodKind === "unary" && answering.body
      ? { ...answering, body: afterRest(request, answering.body) }
      : answering,
    response,
  );
}

/** A body that fails when it has not arrived in time; Connect's deadlines begin once it has. */
async function* arrivingWithin(
  ms: number,
  body: AsyncIterable<Uint8Array>,
  request: HttpRequest,
  response: HttpResponse,
): AsyncGenerator<Uint8Array> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => undefined);
  const timer = setTimeout(() => {
    // What is left of it would be waited for.
    if (request.httpVersionMajor === 1) response.setHeader("connection", "close");
    reject(new ConnectError("the body did not arrive in time", Code.DeadlineExceeded));
  }, ms);
  try {
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      const next = await Promise.race([chunks.next(), late]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
  }
}

/** How long an answer waits for a request to be sent to its end, in milliseconds. */
const REST_MS = 5_000;

/**
 * An answer that does not overtake its request: Node's HTTP/2 clients break a call off that is answered while they
 * still hold more than 10 MB of it, and never learn that it was too large.
 */
async function* afterRest(
  request: HttpRequest,
  answer: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let isBegun = false;
  for await (const chunk of answer) {
    if (!isBegun) await discarded(request);
    isBegun = true;
    yield chunk;
  }
  if (!isBegun) await discarded(request);
}

async function discarded(request: HttpRequest): Promise<void> {
  if (request.httpVersionMajor === 1 || request.complete) return;
  discardRest(request);
  await finished(request as Readable, { signal: AbortSignal.timeout(REST_MS) }).catch(() => undefined);
}

/** What is left of a body would be taken for the connection's next request. */
function discardRest(request: HttpRequest): void {
  if (request.complete) return;
  request.removeAllListeners("readable");
  request.resume();
}
