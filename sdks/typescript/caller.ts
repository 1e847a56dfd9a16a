import type { DescService } from "@bufbuild/protobuf";
import {
  type Client,
  type CallOptions as ConnectCallOptions,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import { v7 as uuidv7 } from "uuid";
import type { Credentials } from "./credentials.ts";
import { DeadlineExceededError, type MnemeError } from "./errors/errors.ts";
import { toMnemeError } from "./errors/from-connect.ts";
import {
  backoffMs,
  isRetryable,
  type RetryOptions,
  type RetryPolicy,
  retryPolicy,
  sleep,
  within,
} from "./retry.ts";
import { checkedRequests } from "./transport/checked-requests.ts";

/** What every call takes. */
export interface CallOptions {
  /** Cancels the call, its retries and its waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Deadline of the whole call with its retries, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** How often to try again, instead of the client's setting. */
  readonly retries?: number | RetryOptions | undefined;
}

/** What every write takes. */
export interface WriteOptions extends CallOptions {
  /** Makes a repeated call the same call. Made up if unset, and the same on every try either way. */
  readonly requestId?: string | undefined;
}

/** What is told before a try is repeated. */
export interface RetryEvent {
  readonly error: MnemeError;
  /** 1 for the first retry. */
  readonly retry: number;
  readonly delayMs: number;
}

/** How calls are made, with every default filled in. */
export interface CallerSettings {
  readonly credentials: Credentials;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly retry: RetryPolicy;
  readonly onRetry: ((event: RetryEvent) => void) | undefined;
  /** Whether the transport can stream a request. */
  readonly streamsRequests: boolean;
}

/** Makes calls: credentials, deadline, retries and typed errors on each. */
export class Caller {
  readonly settings: CallerSettings;
  readonly #transport: Transport;

  constructor(transport: Transport, settings: CallerSettings) {
    this.#transport = checkedRequests(transport);
    this.settings = settings;
  }

  client<S extends DescService>(service: S): Client<S> {
    return createClient(service, this.#transport);
  }

  /**
   * Makes one logical call of as many tries as it takes. `send` must send the same request, request id included,
   * every time: when only the answer was lost, the server then answers as it did the first time.
   * @param waits True for a call that waits on the server: a try may then take all the time that is left.
   * @throws MnemeError and nothing else.
   */
  async call<T>(
    options: CallOptions,
    send: (options: ConnectCallOptions) => Promise<T>,
    waits = false,
  ): Promise<T> {
    const { settings } = this;
    const policy = options.retries === undefined ? settings.retry : retryPolicy(options.retries);
    const deadline = new Deadline(options.timeoutMs ?? settings.timeoutMs);
    const traceId = uuidv7();
    let isRenewed = false;
    for (let retry = 1; ; retry++) {
      let secret: string | undefined;
      try {
        secret = await this.#secret(deadline, options.signal);
        return await send(this.#tryOptions(traceId, secret, options.signal, deadline, waits));
      } catch (thrown) {
        const error = toMnemeError(thrown, { signal: options.signal, traceId });
        if (!isRenewed && this.#renews(secret, error)) {
          isRenewed = true;
          retry--;
          continue;
        }
        if (retry > policy.retries || !isRetryable(error)) throw error;
        const delayMs = backoffMs(policy, retry, error);
        // Waiting longer than the deadline would only turn a telling error into a time-out.
        if (delayMs >= deadline.leftMs()) throw error;
        settings.onRetry?.({ error, retry, delayMs });
        await sleep(delayMs, options.signal);
      }
    }
  }

  /**
   * Opens a stream; its errors are MnemeErrors, and nothing is tried again but a token that is not good any more. Leaving
   * it ends it.
   */
  async *stream<T>(
    options: CallOptions,
    open: (options: ConnectCallOptions) => AsyncIterable<T>,
  ): AsyncGenerator<T, void, undefined> {
    const left = new AbortController();
    const signals = [left.signal, ...(options.signal === undefined ? [] : [options.signal])];
    const traceId = uuidv7();
    const deadline = new Deadline(options.timeoutMs ?? Number.POSITIVE_INFINITY);
    let messages: AsyncIterator<T> | undefined;
    let secret: string | undefined;
    const begin = async () => {
      secret = await this.#secret(deadline, options.signal);
      messages = open(this.#tryOptions(traceId, secret, AbortSignal.any(signals), deadline, true))[
        Symbol.asyncIterator
      ]();
      return { messages, next: await messages.next() };
    };
    try {
      const opened = await begin().catch(async (thrown: unknown) => {
        if (this.#renews(secret, toMnemeError(thrown, { traceId }))) return begin();
        throw thrown;
      });
      for (let { next } = opened; !next.done; next = await opened.messages.next()) yield next.value;
    } catch (thrown) {
      throw toMnemeError(thrown, { signal: options.signal, traceId });
    } finally {
      // Connect's iterators know no return(): the abort ends the request, and one more next() its deadline's timer.
      left.abort();
      messages?.next().catch(() => undefined);
    }
  }

  /** What the application's own function answers, which knows of no deadline. */
  #secret(deadline: Deadline, signal: AbortSignal | undefined): Promise<string | undefined> {
    return within(deadline.leftMs(), signal, (resolve, reject) => {
      this.settings.credentials.current().then(resolve, reject);
      return () => reject(deadline.passed());
    });
  }

  /** Whether a call that failed so may be tried with another secret. */
  #renews(secret: string | undefined, error: MnemeError): boolean {
    const isRefused = secret !== undefined && error.reason === "CREDENTIALS_INVALID";
    return isRefused && this.settings.credentials.renew(secret);
  }

  #tryOptions(
    traceId: string,
    secret: string | undefined,
    signal: AbortSignal | undefined,
    deadline: Deadline,
    waits: boolean,
  ): ConnectCallOptions {
    signal?.throwIfAborted();
    const left = deadline.leftMs();
    if (left <= 0) throw deadline.passed();
    const timeoutMs = waits ? left : Math.min(left, this.settings.attemptTimeoutMs);
    const authorization = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
    return {
      headers: { ...this.settings.headers, ...authorization, "x-request-id": traceId },
      ...(signal === undefined ? {} : { signal }),
      ...(Number.isFinite(timeoutMs) ? { timeoutMs: Math.ceil(timeoutMs) } : {}),
    };
  }
}

/** A moment after which nothing more is tried. */
class Deadline {
  readonly #at: number;

  constructor(timeoutMs: number) {
    this.#at = performance.now() + timeoutMs;
  }

  leftMs(): number {
    return this.#at - performance.now();
  }

  passed(): DeadlineExceededError {
    return new DeadlineExceededError("the call's deadline passed", { reason: "DEADLINE_EXCEEDED" });
  }
}

/** The caller's request id, or a new one that sorts by time. */
export function requestIdOf(options: WriteOptions): string {
  return options.requestId ?? uuidv7();
}
