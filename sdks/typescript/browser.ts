import { MnemeClient, type MnemeOptions } from "./client.ts";
import { webChannel } from "./transport/web.ts";

export * from "./public.ts";

/** Mneme for browsers, workers and other runtimes that have fetch. */
export class Mneme extends MnemeClient {
  constructor(options: MnemeOptions = {}) {
    super(options, (url) => webChannel(url, options.fetch));
  }
}
