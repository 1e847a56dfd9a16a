import { setTimeout as pause } from "node:timers/promises";
import {
  KeyRefusedError,
  PROVIDER_DEPENDENCY,
  type ProviderOwner,
} from "@mneme/core/encryption/key-provider.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { type Dispatcher, request } from "undici";

export interface TransitCall {
  /** Whose fault it is where it fails. */
  readonly owner: ProviderOwner;
  readonly url: string;
  readonly mount: string;
  readonly key: string;
  readonly namespace: string;
  readonly token: string;
  readonly operation: "encrypt" | "decrypt";
  readonly body: Readonly<Record<string, string>>;
}

/** One try, answer included. */
const TRY_MS = 2_000;
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
const MOST_ANSWER_BYTES = 64 * 1024;

/**
 * Calls a transit engine (Vault, OpenBao). What may be cured by another try is tried three times, two seconds each.
 *
 * @returns the answer's `data`.
 * @throws KeyRefusedError for its no: 400 (no such key, a version too old, bytes of another), 401, 403, 404 and any
 *   other 4xx but those below; MnemeError DEPENDENCY_UNAVAILABLE of the owner's dependency where nothing answers in
 *   time, it is sealed or in standby, redirects, asks to slow down, or answers what is no answer. Neither holds the
 *   token nor anything that the server wrote.
 */
export async function callTransit(
  dispatcher: Dispatcher,
  call: TransitCall,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryOnce(dispatcher, call, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof KeyRefusedError) throw error;
      if (tries === TRIES || isFinal(error)) throw unavailable(call.owner, error);
    }
    await pause(FIRST_PAUSE_MS * 2 ** tries * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {});
  }
}

async function tryOnce(dispatcher: Dispatcher, call: TransitCall, signal: AbortSignal | undefined) {
  const { owner, url, mount, key, namespace, token, operation, body } = call;
  const deadline = AbortSignal.timeout(TRY_MS);
  const answer = await request(addressOf(url, `v1/${mount}/${operation}/${encodeURIComponent(key)}`), {
    dispatcher,
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-vault-request": "true",
      "x-vault-token": token,
      ...(namespace && { "x-vault-namespace": namespace }),
    },
    body: JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  });
  const text = await readWithin(answer.body, MOST_ANSWER_BYTES);
  const { statusCode } = answer;
  if (isRefusal(statusCode)) throw new KeyRefusedError(owner, `the transit engine answered ${statusCode}`);
  if (statusCode !== 200) throw new Error(`the transit engine answered ${statusCode}`);
  const { data } = JSON.parse(text) as { data?: Record<string, unknown> };
  if (typeof data !== "object" || data === null) throw new Error("the transit engine's answer has no data");
  return data;
}

/** Only the path is written: resolved as a reference, one that begins with two slashes would name another host. */
export function addressOf(url: string, operation: string): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/^\/+|\/+$/g, "")}/${operation}`;
  address.search = "";
  address.hash = "";
  return address;
}

/** 408, 412 (a replica that lags behind), 425 and 429 are about the moment, not about the key. */
const OF_THE_MOMENT = new Set([408, 412, 425, 429]);

function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && !OF_THE_MOMENT.has(status);
}

/** No name or address of it changes within a second. */
function isFinal(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ADDRESS_REFUSED";
}

async function readWithin(body: Dispatcher.ResponseData["body"], most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > most) throw new Error("the transit engine's answer is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function unavailable(owner: ProviderOwner, error: unknown): MnemeError {
  // Its words may quote an address; what kind it is may be told.
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  return new MnemeError(
    "unavailable",
    "DEPENDENCY_UNAVAILABLE",
    "the key's provider does not answer; try again",
    {
      metadata: {
        dependency: PROVIDER_DEPENDENCY[owner],
        ...(code && /^[A-Z_]{1,40}$/.test(code) && { code }),
      },
      retryAfterMs: 2_000,
    },
  );
}
