import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./caller.ts";

/** When a key was used last, and whose it is. */
export interface KeyUse {
  readonly tenantId: string;
  readonly usedAt: Date;
}

/** Where it is kept when keys were used last. */
export interface KeyUseStore {
  /** Of each key, by its id, unless a later use is known. */
  note(uses: ReadonlyMap<string, KeyUse>): Promise<void>;
}

export interface KeyUseOptions {
  /** How long uses are gathered, milliseconds; 15,000 unless told. */
  readonly gatherMs?: number;
  /** Told when uses could not be kept; they are tried again. */
  readonly onFailure?: (error: unknown) => void;
}

/** Notes when keys are used; disposal keeps what was noted until then. */
export interface KeyUses extends AsyncDisposable {
  /** An authenticator whose callers' keys count as used. */
  noting(authenticator: Authenticator): Authenticator;
}

/** Notes uses in memory and keeps them in one write; those of a process that is killed are lost. */
export function noteKeyUses(
  store: KeyUseStore,
  { gatherMs = 15_000, onFailure }: KeyUseOptions = {},
): KeyUses {
  let gathered = new Map<string, KeyUse>();
  let timer: NodeJS.Timeout | undefined;
  let keeping = Promise.resolve();

  function note({ tenantId, apiKeyId }: Caller): void {
    gathered.set(apiKeyId, { tenantId, usedAt: new Date() });
    timer ??= setTimeout(() => void keep(true), gatherMs).unref();
  }

  async function keepGathered(again: boolean): Promise<void> {
    if (gathered.size === 0) return;
    const taken = gathered;
    gathered = new Map();
    try {
      await store.note(taken);
    } catch (error) {
      onFailure?.(error);
      if (!again) return;
      gathered = new Map([...taken, ...gathered]);
      timer ??= setTimeout(() => void keep(true), gatherMs).unref();
    }
  }

  function keep(again: boolean): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    keeping = keeping.then(() => keepGathered(again));
    return keeping;
  }

  return {
    noting: (authenticator) => ({
      async authenticate(credentials) {
        const known = await authenticator.authenticate(credentials);
        if (known) note(known.caller);
        return known;
      },
    }),
    [Symbol.asyncDispose]: () => keep(false),
  };
}
