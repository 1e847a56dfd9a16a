import type { EngineTls } from "@mneme/core/engine-tls.ts";
import pg from "pg";
import { connectionOf } from "./connection.ts";

export interface ListenOptions {
  readonly url: string;
  /** Without it, no TLS. */
  readonly tls?: EngineTls | undefined;
  readonly channel: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  readonly onNotice: (payload: string) => void;
  /** Told each time it listens (again): what was notified before is lost, so look for yourself. */
  readonly onListening?: () => void;
  /** Told about each connection that broke or could not be made. */
  readonly onError?: (error: Error) => void;
}

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

/** Listens on a connection of its own, and connects again whenever that breaks. */
export function listen(options: ListenOptions): AsyncDisposable {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let retryMs = FIRST_RETRY_MS;
  let closed = false;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({
      ...connectionOf(options.url, options.tls),
      application_name: options.applicationName,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client = fresh;
    let broken = false;
    const again = (error: Error) => {
      if (broken || closed) return;
      broken = true;
      options.onError?.(error);
      void fresh.end().catch(() => undefined);
      timer = setTimeout(() => void connect(), retryMs);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    };
    fresh.on("error", again);
    fresh.on("end", () => again(new Error("the connection ended")));
    fresh.on("notification", ({ payload }) => options.onNotice(payload ?? ""));
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(options.channel)}`);
      retryMs = FIRST_RETRY_MS;
      options.onListening?.();
    } catch (error) {
      again(error instanceof Error ? error : new Error("cannot connect"));
    }
  }

  void connect();
  return {
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
