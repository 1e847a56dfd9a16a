import { MnemeClient, type MnemeOptions } from "./client.ts";
import { type NodeChannelOptions, nodeChannel } from "./transport/node.ts";
import { webChannel } from "./transport/web.ts";

export * from "./public.ts";

/** How to reach Mneme from Node. */
export interface MnemeNodeOptions extends MnemeOptions, NodeChannelOptions {}

/**
 * Mneme for Node: one kept HTTP/2 connection. `url` and `apiKey` default to MNEME_URL and, without a
 * `token`, MNEME_API_KEY.
 */
export class Mneme extends MnemeClient {
  constructor(options: MnemeNodeOptions = {}) {
    const url = options.url ?? (process.env.MNEME_URL || undefined);
    const fromEnvironment = options.token === undefined ? process.env.MNEME_API_KEY || undefined : undefined;
    const apiKey = options.apiKey ?? fromEnvironment;
    super({ ...options, url, apiKey }, (base) =>
      options.fetch ? webChannel(base, options.fetch) : nodeChannel(base, options),
    );
  }
}
