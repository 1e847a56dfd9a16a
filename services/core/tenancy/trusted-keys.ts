import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { MnemeError } from "../errors.ts";
import type { Authenticator, Known } from "./authenticator.ts";
import type { Caller } from "./caller.ts";
import { createKeyLookUps } from "./key-look-ups.ts";

/** A key as a call shows it. */
export interface ShownKey {
  /** Of its secret, in hexadecimal. */
  readonly hash: string;
  /** The project that the call names. */
  readonly projectId: string | undefined;
}

/** A key that works, if its tenant and project do. */
export interface KnownKey {
  /** Its `projectId` is empty where the key reaches no such project. */
  readonly caller: Caller;
  readonly isSuspended: boolean;
}

/** Where API keys are kept. */
export interface ApiKeys {
  /** @returns one for each, in order: undefined where it is unknown, expired or revoked. */
  find(shown: readonly ShownKey[]): Promise<readonly (KnownKey | undefined)[]>;
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
  readonly shown: ShownKey;
  /** It was found once: no stranger's. */
  isFound: boolean;
  known: Promise<KnownKey | undefined>;
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
  const trusted = new LRUCache<string, Trusted>({ max: MOST_KEYS });
  const lookUpUnknown = createKeyLookUps(store);
  // Of those who are no strangers: however many projects they name, they take no stranger's place.
  const lookUpProject = createKeyLookUps(store);
  const foundKeys = new LRUCache<string, true>({ max: MOST_KEYS });
  // Does not wait behind what strangers show.
  const lookUpAgain = (shown: ShownKey) => store.find([shown]).then(([found]) => found);

  function ask(slot: string, shown: ShownKey): Promise<KnownKey | undefined> {
    const now = performance.now();
    const isFound = trusted.peek(slot)?.isFound ?? false;
    const lookUp = isFound ? lookUpAgain : foundKeys.has(shown.hash) ? lookUpProject : lookUpUnknown;
    const known = lookUp(shown);
    const entry = { shown, isFound, known, askedAt: now, usedAt: now };
    trusted.set(slot, entry);
    const forget = () => {
      if (trusted.peek(slot) === entry) trusted.delete(slot);
    };
    // Only what was found is trusted: a key made a moment ago must work at once, and a project that is none of the key's,
    // of which there are any number, must push nobody out.
    known.then((found) => {
      if (found) foundKeys.set(shown.hash, true);
      if (found && (found.caller.projectId || !shown.projectId)) entry.isFound = true;
      else forget();
    }, forget);
    return known;
  }

  async function renew(): Promise<void> {
    const askedAt = performance.now();
    const inUse = [...trusted.entries()].filter(([, { usedAt }]) => askedAt - usedAt < IDLE_MS);
    const renewed = inUse.slice(0, MOST_RENEWED);
    if (renewed.length === 0) return;
    const found = await store.find(renewed.map(([, { shown }]) => shown));
    renewed.forEach(([slot], index) => {
      const entry = trusted.peek(slot);
      const known = found[index];
      if (!entry || entry.askedAt > askedAt) return;
      // In place: set anew it would count as used, and keys that are would be pushed out by those that were.
      if (known) Object.assign(entry, { known: Promise.resolve(known), askedAt });
      else trusted.delete(slot);
    });
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

  function look(shown: ShownKey): Promise<KnownKey | undefined> {
    const slot = `${shown.hash}/${shown.projectId ?? ""}`;
    const entry = trusted.get(slot);
    const now = performance.now();
    if (!entry || now - entry.askedAt > trustMs) return ask(slot, shown);
    entry.usedAt = now;
    return entry.known;
  }

  return {
    async authenticate({ secret, projectId }) {
      const hash = hashApiKey(secret).toString("hex");
      const found = await look({ hash, projectId });
      const known = found && judged(found, projectId);
      // A project's key is held to its project's limits, and its calls are told there, whatever project they name.
      if (!known?.refusal || known.caller.isOfTenant || known.caller.projectId) return known;
      const own = await look({ hash, projectId: undefined });
      return own && { ...known, caller: own.caller };
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

function judged({ caller, isSuspended }: KnownKey, projectId: string | undefined): Known {
  if (isSuspended) return { caller, refusal: suspended() };
  const reaches = projectId === undefined || caller.projectId !== "";
  return reaches ? { caller } : { caller, refusal: projectNotFound() };
}

export function suspended(): MnemeError {
  return new MnemeError("permission_denied", "SUSPENDED", "this tenant or project is suspended");
}

export function projectNotFound(): MnemeError {
  return new MnemeError("not_found", "PROJECT_NOT_FOUND", "there is no such project for these credentials");
}
