import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./caller.ts";

/** Where API keys are kept. */
export interface ApiKeys {
  /** @returns by hash, in hexadecimal, those of them that are known, unexpired and not revoked. */
  find(hashes: readonly string[]): Promise<ReadonlyMap<string, Caller>>;
}

export interface TrustOptions {
  /** How long a key that was found is trusted; a revoked one works no longer than that. 1,000 ms by default. */
  readonly trustMs?: number;
  /** Keys in use are looked up again, all in one go, this often, so that no call waits for it. 400 ms by default. */
  readonly renewMs?: number;
}

/** SHA-256 of a key's secret: a random one needs no salt. */
export function hashApiKey(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

interface Trusted {
  caller: Promise<Caller | undefined>;
  /** Before the store was asked. */
  askedAt: number;
  usedAt: number;
}

const MOST_KEYS = 10_000;
/** Keys of one renewal, those used last; calls with others wait for their own look-up. */
const MOST_RENEWED = 1_000;
/** A key that nobody used for so long is not looked up again by itself. */
const IDLE_MS = 60_000;

/** Looks keys up and trusts them for a moment; keys in use are renewed before it is over. */
export function trustApiKeys(
  store: ApiKeys,
  { trustMs = 1_000, renewMs = 400 }: TrustOptions = {},
): Authenticator & Disposable {
  // By hash, so that no secret stays in memory; by promise, so that a burst asks once.
  const known = new LRUCache<string, Trusted>({ max: MOST_KEYS });

  function ask(hash: string): Promise<Caller | undefined> {
    const now = performance.now();
    const caller = store.find([hash]).then((found) => found.get(hash));
    const entry = { caller, askedAt: now, usedAt: now };
    known.set(hash, entry);
    const forget = () => {
      if (known.peek(hash) === entry) known.delete(hash);
    };
    // Only what was found is trusted: a key made a moment ago must work at once.
    caller.then((found) => found ?? forget(), forget);
    return caller;
  }

  async function renew(): Promise<void> {
    const askedAt = performance.now();
    const inUse = [...known.entries()].filter(([, { usedAt }]) => askedAt - usedAt < IDLE_MS);
    const hashes = inUse.slice(0, MOST_RENEWED).map(([hash]) => hash);
    if (hashes.length === 0) return;
    const found = await store.find(hashes);
    for (const hash of hashes) {
      const entry = known.peek(hash);
      const caller = found.get(hash);
      if (!entry || entry.askedAt > askedAt) continue;
      // In place: set anew it would count as used, and keys that are would be pushed out by those that were.
      if (caller) Object.assign(entry, { caller: Promise.resolve(caller), askedAt });
      else known.delete(hash);
    }
  }

  let timer: NodeJS.Timeout | undefined;
  function renewLater(): void {
    // A store that does not answer is asked again by the next call, and that one is told.
    timer = setTimeout(
      () =>
        void renew()
          .catch(() => {})
          .then(() => timer && renewLater()),
      renewMs,
    );
    timer.unref();
  }
  renewLater();

  return {
    async authenticate(secret) {
      const hash = hashApiKey(secret).toString("hex");
      const trusted = known.get(hash);
      const now = performance.now();
      if (!trusted || now - trusted.askedAt > trustMs) return ask(hash);
      trusted.usedAt = now;
      return trusted.caller;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
