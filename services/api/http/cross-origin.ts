import { cors as connectCors } from "@connectrpc/connect";
import cors from "cors";
import { RATE_HEADERS } from "../interceptors/rate-limit.ts";
import type { HttpHandler } from "./protocols.ts";

const OWN_REQUEST_HEADERS = ["authorization", "x-request-id"];
const OWN_RESPONSE_HEADERS = ["x-request-id", "retry-after", ...RATE_HEADERS];

/** Lets browsers on these origins call; `*` is any. Without origins no browser may. */
export function allowOrigins(origins: readonly string[], handler: HttpHandler): HttpHandler {
  if (origins.length === 0) return handler;
  const middleware = cors({
    origin: origins.includes("*") ? "*" : [...origins],
    methods: [...connectCors.allowedMethods],
    allowedHeaders: [...connectCors.allowedHeaders, ...OWN_REQUEST_HEADERS],
    exposedHeaders: [...connectCors.exposedHeaders, ...OWN_RESPONSE_HEADERS],
    maxAge: 7200,
  });
  return (request, response) => {
    middleware(request, response, () => handler(request, response));
  };
}
