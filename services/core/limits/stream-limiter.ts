import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { MnemeError } from "../errors.ts";
import { countedKey } from "../tenancy/caller.ts";
import type { Limits } from "../tenancy/limits.ts";
import { nameOf } from "./exceeded.ts";
import { type Level, type LimitedCaller, limitsFor } from "./levels.ts";

/** A stream that is open somewhere. */
export interface OpenStream {
  readonly tenantId: string;
  readonly id: string;
  readonly projectId: string;
  /** As `countedKey`. */
  readonly apiKeyId: string;
}

/** Where open streams are counted, over all replicas. */
export interface StreamStore {
  /** @returns the level that has as many as it may, with nothing counted; undefined once the stream is counted. */
  open(
    replica: string,
    leaseMs: number,
    stream: OpenStream,
    most: Readonly<Partial<Record<Level, number>>>,
  ): Promise<Level | undefined>;
  /** Says that they are still open; those not heard of for the lease are taken for gone. */
  hold(replica: string, leaseMs: number, streams: readonly OpenStream[]): Promise<void>;
  close(streams: readonly OpenStream[]): Promise<void>;
}

export interface StreamLimiter extends AsyncDisposable {
  /**
   * Counts a stream at every level that has a limit.
   *
   * @returns to be called when it ends.
   * @throws MnemeError TOO_MANY_STREAMS, DEPENDENCY_UNAVAILABLE.
   */
  open(caller: LimitedCaller): Promise<() => void>;
}

export interface StreamLimiterOptions {
  readonly defaults: Limits;
  /** How long streams of a replica that was killed count, 15,000 ms by default. */
  readonly leaseMs?: number;
  /** Told when open streams could not be told of; they are told again. */
  readonly onFailure?: (error: unknown) => void;
}

/** Streams open at a time, held over all replicas. */
export function createStreamLimiter(store: StreamStore, options: StreamLimiterOptions): StreamLimiter {
  const { defaults, leaseMs = 15_000, onFailure } = options;
  const replica = randomUUID();
  const open = new Map<string, OpenStream>();
  let closed: OpenStream[] = [];
  let closing = Promise.resolve();

  async function closeAll(): Promise<void> {
    const these = closed;
    closed = [];
    // Not told again: nobody renews them.
    if (these.length > 0) await store.close(these).catch((error: unknown) => onFailure?.(error));
  }

  function close(stream: OpenStream): void {
    if (!open.delete(stream.id)) return;
    closed.push(stream);
    // What ends at about the same time is one statement.
    if (closed.length === 1) closing = closing.then(closeAll);
  }

  const renewal = setInterval(() => {
    const these = [...open.values()];
    if (these.length === 0) return;
    store.hold(replica, leaseMs, these).then(
      () => {
        // What ended while it was told of is open again there.
        closed.push(...these.filter(({ id }) => !open.has(id)));
        if (closed.length > 0) closing = closing.then(closeAll);
      },
      (error: unknown) => onFailure?.(error),
    );
  }, leaseMs / 3).unref();

  return {
    async open(caller) {
      const limits = limitsFor(caller, defaults, "streams");
      if (limits.length === 0) return () => {};
      const { tenantId, projectId } = caller;
      const stream = { tenantId, id: uuidv7(), projectId, apiKeyId: countedKey(caller) };
      const most = Object.fromEntries(limits.map((limit) => [limit.level, limit.most]));
      const full = await store.open(replica, leaseMs, stream, most);
      if (full) throw tooManyStreams(full, most[full] ?? 0);
      open.set(stream.id, stream);
      return () => close(stream);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(renewal);
      closed.push(...open.values());
      open.clear();
      await closing.then(closeAll);
    },
  };
}

/** Streams end when their callers let them, so when is a guess. */
const RETRY_MS = 1_000;

export function tooManyStreams(level: Level, limit: number): MnemeError {
  return new MnemeError(
    "resource_exhausted",
    "TOO_MANY_STREAMS",
    `this ${nameOf(level)} holds ${limit} streams open already; end some first`,
    { metadata: { limit: String(limit), scope: level }, retryAfterMs: RETRY_MS },
  );
}
