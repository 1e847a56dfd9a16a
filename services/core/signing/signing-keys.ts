import { setTimeout as sleep } from "node:timers/promises";
import type { CryptoKey, JSONWebKeySet } from "jose";
import { type KeyProviders, KeyRefusedError } from "../encryption/key-provider.ts";
import { wrapsToday } from "../encryption/tenant-key.ts";
import { MnemeError } from "../errors.ts";
import type { KeptSigningKey, SigningKeyStore } from "./signing-key-store.ts";
import { ALGORITHM, newPair, openPrivate, toKey, unwrapPrivate, wrapPrivate } from "./signing-pair.ts";

export interface VerifyingKey {
  readonly publicKey: CryptoKey;
  /** Since when it signs no more. */
  readonly retiredAt: Date | undefined;
}

/** What became of the key that signs, as it was looked after; `left` where what wraps it can't be asked now. */
export type SigningKeyRenewal = "kept" | "rewrapped" | "replaced" | "left";

/** The deployment's pairs of keys: one signs, all that ever did verify. */
export interface SigningKeys {
  /** The one that signs; made where there is none yet, or none that what the deployment wraps with opens. */
  current(): Promise<{ readonly kid: string; readonly privateKey: CryptoKey }>;
  /** @returns undefined for a key that is not ours, or was taken away. */
  find(kid: string): Promise<VerifyingKey | undefined>;
  /** The public parts of all. */
  published(): Promise<JSONWebKeySet>;
  /** Lets a new key sign from now on; elsewhere within `TRUST_MS`. */
  rotate(): Promise<void>;
  /**
   * Replaces the key that signs where it is too old or can't be opened any more, and wraps its private part anew where
   * the deployment wraps with another key now.
   *
   * @throws KeyRefusedError, MnemeError where the provider that is to wrap it can't, or the store does not answer.
   */
  renew(signal?: AbortSignal): Promise<SigningKeyRenewal>;
}

export interface SigningKeysOptions {
  /** A key that is older is replaced by `renew`; 90 days by default. */
  readonly signsMs?: number;
}

/** How long keys are believed to be all there are. */
export const TRUST_MS = 10_000;
/** Keys that nobody knows make the store be asked no oftener than this. */
const UNKNOWN_MS = 1_000;
/** Keys are used so long while the store does not answer. */
const OUTAGE_MS = 5 * 60_000;
const SIGNS_MS = 90 * 24 * 60 * 60_000;
/** Somebody else's new key is found at the next try. */
const TRIES = 3;

type Ring = ReadonlyMap<string, KeptSigningKey>;

interface Reading {
  readonly ring: Promise<Ring>;
  readonly askedAt: number;
  /** Before, where the store has not answered since. */
  readonly answeredAt: number;
}

/** Signing keys over a store, their private parts wrapped by the deployment's key provider. */
export function createSigningKeys(
  store: SigningKeyStore,
  providers: KeyProviders,
  { signsMs = SIGNS_MS }: SigningKeysOptions = {},
): SigningKeys {
  let reading: Reading | undefined;
  let again: Promise<Ring> | undefined;
  let making: Promise<void> | undefined;
  const publicKeys = new Map<string, Promise<CryptoKey>>();
  /** The private part of the key that signs, and of no other. */
  const privateKeys = new Map<string, Promise<CryptoKey>>();

  /** @param maxAgeMs 0 for what is kept at this moment. */
  function read(maxAgeMs: number): Promise<Ring> {
    const now = performance.now();
    if (reading && now - reading.askedAt < maxAgeMs) return reading.ring;
    const before = reading;
    const asked = store.all().then((keys) => {
      const known = new Map(keys.map((key) => [key.kid, key]));
      const signs = signingOf(known)?.kid;
      for (const kid of privateKeys.keys()) if (kid !== signs) privateKeys.delete(kid);
      return known;
    });
    const ring = asked.catch((error: unknown) => {
      const kept = before && now - before.answeredAt < OUTAGE_MS ? before : undefined;
      if (reading?.ring === ring) reading = kept && { ...kept, askedAt: now - TRUST_MS + UNKNOWN_MS };
      if (kept && maxAgeMs === TRUST_MS) return kept.ring;
      throw error;
    });
    reading = { ring, askedAt: now, answeredAt: now };
    return ring;
  }

  /** What is kept a moment later, for all who wait for it. */
  function readAgain(): Promise<Ring> {
    again ??= (async () => {
      const waitMs = (reading?.askedAt ?? 0) + UNKNOWN_MS - performance.now();
      await sleep(Math.max(0, waitMs), undefined, { ref: false });
      again = undefined;
      return read(0);
    })();
    return again;
  }

  function open(key: KeptSigningKey): Promise<CryptoKey> {
    return once(privateKeys, key.kid, () => openPrivate(providers, key));
  }

  function make(replaced: string | undefined): Promise<void> {
    // Two processes may come here at once: the store takes the key of one of them.
    making ??= newPair(providers)
      .then((pair) => store.add(pair, replaced))
      .then(async () => void (await read(0)))
      .finally(() => {
        making = undefined;
      });
    return making;
  }

  return {
    async current() {
      for (let tried = 0; tried < TRIES; tried++) {
        const signing = signingOf(await read(TRUST_MS));
        if (signing) {
          try {
            return { kid: signing.kid, privateKey: await open(signing) };
          } catch (error) {
            // Wrapped by a key that is no more: what it signed stays verifiable, and another signs.
            if (!(error instanceof KeyRefusedError)) throw error;
          }
        }
        await make(signing?.kid);
      }
      throw new Error("no signing key could be made that opens");
    },
    async find(kid) {
      const arrivedAt = performance.now();
      let key = (await read(TRUST_MS)).get(kid);
      // Another process may have made it a moment ago: only who asks after the token came can tell that it is nobody's.
      while (!key && (reading?.askedAt ?? 0) < arrivedAt) key = (await readAgain()).get(kid);
      if (!key) return undefined;
      const publicKey = await once(publicKeys, kid, () => toKey(key.publicJwk));
      return { publicKey, retiredAt: key.retiredAt };
    },
    async published() {
      const keys = [...(await read(TRUST_MS)).values()];
      return { keys: keys.map(({ kid, publicJwk }) => ({ ...publicJwk, kid, alg: ALGORITHM, use: "sig" })) };
    },
    async rotate() {
      await make(signingOf(await read(0))?.kid);
    },
    async renew(signal) {
      const signing = signingOf(await read(0));
      if (!signing?.wrapped) return "kept";
      const isOld = Date.now() - signing.createdAt.getTime() >= signsMs;
      if (!isOld && (await wrapsToday(providers, signal))(signing.wrapped)) return "kept";
      const opened = isOld ? "refused" : await orWhyNot(unwrapPrivate(providers, signing));
      if (opened === "away") return "left";
      if (opened === "refused") {
        await make(signing.kid);
        return "replaced";
      }
      // Somebody else may have done so, or rotated it: then that holds.
      const to = await wrapPrivate(providers, signing.kid, opened);
      return (await store.rewrapped(signing.kid, signing.wrapped, to)) ? "rewrapped" : "kept";
    },
  };
}

function signingOf(ring: Ring): KeptSigningKey | undefined {
  return [...ring.values()].find(({ retiredAt }) => retiredAt === undefined);
}

/** A no is for good, an outage is not. */
async function orWhyNot<T>(opening: Promise<T>): Promise<T | "refused" | "away"> {
  return opening.catch((error: unknown) => {
    if (error instanceof KeyRefusedError) return "refused";
    if (error instanceof MnemeError) return "away";
    throw error;
  });
}

/** What failed is tried anew. */
function once<T>(known: Map<string, Promise<T>>, kid: string, make: () => Promise<T>): Promise<T> {
  let made = known.get(kid);
  if (!made) {
    made = make();
    known.set(kid, made);
    made.catch(() => known.delete(kid));
  }
  return made;
}
