import type { Auditing } from "@mneme/api/audit/auditing.ts";

/** In place of the api's: nothing is gathered and nothing is kept. */
export function createAuditing(): Auditing {
  return {
    begin: (_, caller) => caller,
    refused: async () => {},
    interceptor: (next) => next,
    requestInterceptor: (next) => next,
  };
}
