import { AsyncLocalStorage } from "node:async_hooks";
import { addAbortListener } from "node:events";
import { type ClientHttp2Stream, constants } from "node:http2";
import type { Interceptor } from "@connectrpc/connect";
import { Http2SessionManager } from "@connectrpc/connect-node";

/** Of the call that is being sent. */
const ends = new AsyncLocalStorage<AbortSignal>();

/** Tells the session manager when each call is over: Connect aborts a request's signal then, however it ended. */
export const tellEnds: Interceptor = (next) => (request) => ends.run(request.signal, () => next(request));

/**
 * One connection whose streams are gone when their calls are over. Connect counts a stream as open, and keeps the
 * process alive for it, until Node closes it; and Node does not close one that was left with a byte of it unread.
 */
export class SessionManager extends Http2SessionManager {
  override async request(...request: Parameters<Http2SessionManager["request"]>): Promise<ClientHttp2Stream> {
    const end = ends.getStore();
    const stream = await super.request(...request);
    if (end !== undefined) {
      const listening = addAbortListener(end, () => letGo(stream));
      stream.once("close", () => listening[Symbol.dispose]());
    }
    return stream;
  }
}

function letGo(stream: ClientHttp2Stream) {
  // Nothing is left of it, so Node closes it itself; a reset would count against the connection on the server.
  if (stream.readableEnded && stream.writableEnded) return;
  stream.close(constants.NGHTTP2_CANCEL);
  stream.destroy();
}
