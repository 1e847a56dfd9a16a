import cors from "cors";
import type { HttpHandler } from "./protocols.ts";

/** The public keys as a JWK Set, RFC 7517. */
export type ReadKeySet = () => Promise<object>;

const PATH = "/.well-known/jwks.json";
const METHODS = ["GET", "HEAD"];
/** Seconds: a new key is known to whoever verifies by then; libraries ask at once for one that they don't know. */
const MAX_AGE = 300;

export interface KeySetOptions {
  readonly read: ReadKeySet;
  readonly onFailure: (error: unknown) => void;
}

/** Publishes the keys that tokens are verified by, to anybody and any origin, beside what `next` serves. */
export function publishKeySet({ read, onFailure }: KeySetOptions, next: HttpHandler): HttpHandler {
  const open = cors({ origin: "*", methods: METHODS, maxAge: MAX_AGE });
  const answer: HttpHandler = (request, response) => {
    if (!METHODS.includes(request.method ?? "")) {
      response.writeHead(405, { allow: METHODS.join(", ") }).end();
      return;
    }
    read().then(
      (keySet) => {
        const body = Buffer.from(JSON.stringify(keySet));
        response.writeHead(200, {
          "content-type": "application/jwk-set+json",
          "content-length": body.length,
          "cache-control": `public, max-age=${MAX_AGE}`,
        });
        response.end(request.method === "HEAD" ? undefined : body);
      },
      (error: unknown) => {
        onFailure(error);
        response.writeHead(503, { "retry-after": "1", "cache-control": "no-store" }).end();
      },
    );
  };
  return (request, response) => {
    if (request.url?.split("?", 1)[0] !== PATH) return next(request, response);
    open(request, response, () => answer(request, response));
  };
}
