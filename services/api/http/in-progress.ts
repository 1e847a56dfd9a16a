import type { HttpHandler } from "./protocols.ts";

/** Requests that were begun and not ended. */
export interface InProgress {
  readonly handler: HttpHandler;
  /** Resolves as soon as there is none. */
  none(): Promise<void>;
}

export function trackRequests(handler: HttpHandler): InProgress {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    handler(request, response) {
      count++;
      response.once("close", () => {
        count--;
        if (count > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      });
      handler(request, response);
    },
    none: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}
