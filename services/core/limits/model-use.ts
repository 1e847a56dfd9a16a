import { monthOf } from "./exceeded.ts";

/** For whom a model reads. */
export interface ModelUser {
  readonly projectId: string;
  /** As `countedKey`; undefined where no key brought what is read. */
  readonly apiKeyId: string | undefined;
}

/** What models read and wrote for one of a tenant's. */
export interface SpentTokens extends ModelUser {
  readonly tokens: number;
}

/** Where models' tokens are counted. */
export interface ModelUseStore {
  /** @param spent of each user once. */
  add(tenantId: string, month: string, spent: readonly SpentTokens[]): Promise<void>;
  /** Brings changes of the counts of memories together. @returns true where there may be more. */
  foldMemoryCounts(): Promise<boolean>;
}

/** Counts what models read and wrote; disposal keeps what is counted until then. */
export interface ModelUse extends AsyncDisposable {
  /** Takes no time of the caller's: kept some seconds later, and lost with a process that is killed. */
  note(tenantId: string, user: ModelUser, tokens: number): void;
}

export interface ModelUseOptions {
  /** How long use is gathered, 5,000 ms by default. */
  readonly gatherMs?: number;
  /** Told when use could not be kept; it is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

/** Gathers use in memory and keeps it in one write a tenant, and looks after the counts of memories meanwhile. */
export function countModelUse(store: ModelUseStore, options: ModelUseOptions = {}): ModelUse {
  const { gatherMs = 5_000, onFailure } = options;
  /** By tenant and month, then by user. */
  const gathered = new Map<string, Map<string, SpentTokens>>();
  let keeping = Promise.resolve();

  function gather(slot: string, { projectId, apiKeyId }: ModelUser, tokens: number): void {
    const ofTenant = gathered.get(slot) ?? new Map<string, SpentTokens>();
    const user = `${projectId}/${apiKeyId}`;
    const before = ofTenant.get(user)?.tokens ?? 0;
    ofTenant.set(user, { projectId, apiKeyId, tokens: before + tokens });
    gathered.set(slot, ofTenant);
  }

  async function keepAll(): Promise<void> {
    try {
      for (const [slot, ofTenant] of [...gathered]) {
        const [tenantId = "", month = ""] = slot.split("/");
        gathered.delete(slot);
        const spent = [...ofTenant.values()];
        await store.add(tenantId, month, spent).catch((error: unknown) => {
          for (const one of spent) gather(slot, one, one.tokens);
          throw error;
        });
      }
      while (await store.foldMemoryCounts());
    } catch (error) {
      onFailure?.(error);
    }
  }

  function keep(): Promise<void> {
    keeping = keeping.then(keepAll);
    return keeping;
  }

  const timer = setInterval(keep, gatherMs).unref();
  return {
    note(tenantId, user, tokens) {
      gather(`${tenantId}/${monthOf(new Date())}`, user, tokens);
    },
    [Symbol.asyncDispose]() {
      clearInterval(timer);
      return keep();
    },
  };
}
