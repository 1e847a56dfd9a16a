import type { UniversalServerResponse } from "@connectrpc/connect/protocol";

const HEADER = "grpc-message";

/**
 * Connect percent-encodes more of a gRPC status message than the protocol asks for, and clients that
 * decode no more than it asks for show `messages%3A`. This encodes it again, as the protocol says.
 */
export function readableGrpcMessage(response: UniversalServerResponse): UniversalServerResponse {
  const { trailer, body } = response;
  if (!trailer || !body) return response;
  return { ...response, body: afterwards(body, () => encodeAgain(trailer)) };
}

/** Trailers are complete once the body is. */
async function* afterwards(body: AsyncIterable<Uint8Array>, then: () => void): AsyncGenerator<Uint8Array> {
  yield* body;
  then();
}

function encodeAgain(trailer: Headers): void {
  const message = trailer.get(HEADER);
  if (message !== null) trailer.set(HEADER, encodeGrpcMessage(decodeURIComponent(message)));
}

/** Percent-encodes the UTF-8 of everything but printable ASCII, and the percent sign. */
export function encodeGrpcMessage(message: string): string {
  return message.replace(/[^\x20-\x24\x26-\x7e]+/gu, (part) =>
    Buffer.from(part).toString("hex").toUpperCase().replace(/../g, "%$&"),
  );
}
