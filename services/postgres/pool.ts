import type { Socket } from "node:net";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import pg from "pg";
import { connectionOf } from "./connection.ts";
import { retryDeadlocks } from "./deadlocks.ts";
import { type Fence, fenceStatements } from "./reach.ts";
import { inTenantTurn } from "./tenant-turns.ts";

export interface PoolOptions {
  readonly url: string;
  /** Without it, no TLS. */
  readonly tls?: EngineTls | undefined;
  /** Connections at most; 16 by default. */
  readonly max?: number;
  /** Milliseconds after which the server gives up on a statement; 30,000 by default. */
  readonly statementTimeoutMs?: number;
  /**
   * Milliseconds after which the server ends a connection whose transaction waits for its client, which may hang
   * and hold its locks; 60,000 by default, 0 for never.
   */
  readonly idleInTransactionMs?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Where its connections look; `mneme`, the record's, by default. The key store's is `public`. */
  readonly schema?: string;
  /** Told about idle connections that broke; the pool replaces them by itself. */
  readonly onError?: (error: Error) => void;
}

/**
 * A pool whose connections look into one schema. Plans are made for any tenant, never for the one that asks: the
 * statistics know nothing of a tenant that came after them, and a plan that takes it for empty scans all it has
 * for every row. Planning each statement anew would also cost more than running it.
 */
export function createPool(options: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    ...connectionOf(options.url, options.tls),
    max: options.max ?? 16,
    application_name: options.applicationName,
    options: `-c search_path=${options.schema ?? "mneme"} -c plan_cache_mode=force_generic_plan -c client_connection_check_interval=1000`,
    statement_timeout: options.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 60_000,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // Queries that don't wait for each other leave together: one round trip.
    pipeline: true,
  });
  pool.on("error", (error) => options.onError?.(error));
  pool.on("connect", sendTogether);
  return pool;
}

/**
 * Whatever one turn of the event loop sends leaves in one write: each write wakes the server's process, which takes
 * longer than most statements do.
 */
function sendTogether(client: pg.PoolClient): void {
  const stream = streamOf(client);
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isHeld = false;
  stream.write = (...args: unknown[]) => {
    if (!isHeld) {
      isHeld = true;
      stream.cork();
      setImmediate(() => {
        isHeld = false;
        stream.uncork();
      });
    }
    return write(...args);
  };
}

/**
 * Sends the commit behind what was sent so far, once: the last statements of a transaction and its end are then
 * one round trip. Where one of them fails, it ends the transaction just as well. What is sent later is refused.
 */
export type Commit = () => Promise<unknown>;

/**
 * Runs `work` in one transaction that sees one tenant only, and of it what the fence lets through, and commits it. An
 * abort closes the connection, which the server notices within a second and ends the statement. Where PostgreSQL rolls it back
 * for a deadlock, `work` is run again from its beginning, so it may change nothing else that a repetition would change twice.
 *
 * @param fence the tenant's id where all of it may be seen.
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function withTenant<T>(
  pool: pg.Pool,
  fence: string | Fence,
  work: (client: pg.PoolClient, commit: Commit) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const fenced = typeof fence === "string" ? { tenantId: fence } : fence;
  const begin = `begin; ${fenceStatements(fenced)}`;
  const transaction = () =>
    withClient(
      pool,
      async (client, discard) => {
        const ending = createEnding(client);
        try {
          // Async, so that an error which it throws at once waits for the beginning as well.
          const start = async () => work(client, ending.commit);
          // Not waited for: it leaves with the first statements, of which none sees a row without it.
          const begun = client.query(begin);
          const [, result] = await allOf([begun, start()]);
          await ending.commit();
          return result;
        } catch (error) {
          ending.reopen();
          await client.query("rollback").catch(discard);
          throw error;
        } finally {
          ending.reopen();
        }
      },
      signal,
    );
  return inTenantTurn(pool, fenced.tenantId, () => retryDeadlocks(transaction, signal), signal);
}

/** Ends a client's transaction once, and lets nothing be sent behind the end. */
function createEnding(client: pg.PoolClient) {
  let ended: Promise<void> | undefined;
  const commit = async () => {
    const { command } = await client.query("commit");
    // So it answers where a statement failed, whatever became of that failure.
    if (command !== "COMMIT")
      throw new Error("a transaction was rolled back, for a statement of it had failed");
  };
  const refuse = () => Promise.reject(new Error("a statement came behind its transaction's commit"));
  return {
    commit: () => {
      if (ended === undefined) {
        ended = commit();
        Object.defineProperty(client, "query", { value: refuse, configurable: true });
      }
      return ended;
    },
    /** The client takes statements again, of another transaction. */
    reopen: () => void Reflect.deleteProperty(client, "query"),
  };
}

/**
 * Lends a client of the pool; one that broke, or was given up with `discard`, does not go back. An abort
 * closes the connection, which the server notices within a second and ends the statement.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function withClient<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, discard: () => void) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const client = await pool.connect().catch((error: unknown) => {
    throw asUnavailable(error);
  });
  if (signal?.aborted) {
    client.release();
    signal.throwIfAborted();
  }
  let broken = false;
  const discard = () => {
    broken = true;
  };
  // A client that breaks while it is out of the pool says so here; its query rejects as well.
  client.on("error", discard);
  const onAbort = () => {
    discard();
    streamOf(client).destroy();
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await work(client, discard);
  } catch (error) {
    signal?.throwIfAborted();
    throw broken ? unavailable(error) : asUnavailable(error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    client.removeListener("error", discard);
    client.release(broken);
  }
}

/** The client's socket, which its types hide. */
export function streamOf(client: pg.PoolClient): Pick<Socket, "write" | "cork" | "uncork" | "destroy"> {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

/** SQLSTATE classes after which another try may help: connection, resources, operator, serialization. */
const TRANSIENT = /^(08|53|57|40)/;
const NETWORK = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOENT"]);

/** Turns a broken connection into the error that says so; anything else stays as it is. */
export function asUnavailable(error: unknown): unknown {
  if (error instanceof MnemeError || !(error instanceof Error)) return error;
  const code = (error as Error & { code?: string }).code ?? "";
  const transient =
    TRANSIENT.test(code) ||
    NETWORK.has(code) ||
    /connection (terminated|timeout)|timeout exceeded/i.test(error.message);
  if (code === STATEMENT_TIMEOUT) return tooSlow(error);
  return transient ? unavailable(error) : error;
}

const STATEMENT_TIMEOUT = "57014";

/** It answers, but not this in time: unlike an absence, that may be the statement's own fault. */
function tooSlow(cause: Error): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the record took too long; try again", {
    cause,
    metadata: { dependency: "postgres_statement" },
    retryAfterMs: 1_000,
  });
}

function unavailable(cause: unknown): MnemeError {
  if (cause instanceof MnemeError) return cause;
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the record does not answer; try again", {
    cause,
    metadata: { dependency: "postgres" },
    retryAfterMs: 1_000,
  });
}

/**
 * As `Promise.all`, but a failure is thrown only once nothing is under way any more: the first one in time, for it is the
 * cause of those behind it where statements share a transaction.
 */
export async function allOf<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  let first: { readonly error: unknown } | undefined;
  const note = (error: unknown) => {
    first ??= { error };
  };
  for (const promise of promises as readonly Promise<unknown>[]) promise.catch(note);
  const settled = await Promise.allSettled<unknown>(promises);
  if (first) throw first.error;
  return settled.map((one) => (one.status === "fulfilled" ? one.value : undefined)) as unknown as T;
}
