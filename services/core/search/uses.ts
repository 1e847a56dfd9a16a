import { asNobody } from "../tenancy/credential-tenant.ts";
/** How often a memory was returned, and when last. */
export interface Use {
  readonly memoryId: string;
  readonly uses: number;
  readonly lastUsedAt: Date;
}

/** Where uses are kept. */
export interface UseStore {
  /** Adds to what a tenant's memories have. Those that are gone meanwhile are left out. */
  add(tenantId: string, uses: readonly Use[]): Promise<void>;
}

/** Counts what is returned; disposal keeps what is counted until then. */
export interface UseCounter extends AsyncDisposable {
  /** Takes no time of the caller's: kept some seconds later, and lost with a process that is killed. */
  note(tenantId: string, memoryIds: readonly string[]): void;
}

export interface UseCounterOptions {
  /** How long uses are gathered, milliseconds; 5,000 unless told. */
  readonly gatherMs?: number;
  /** Memories that are gathered at most, of all tenants; 20,000 unless told. Others are not counted. */
  readonly most?: number;
  /** Told when uses could not be kept; they are tried again. */
  readonly onFailure?: (error: unknown) => void;
}

type Uses = Map<string, { uses: number; lastUsedAt: Date }>;

/** Gathers uses in memory and keeps them in one write a tenant. */
export function countUses(store: UseStore, options: UseCounterOptions = {}): UseCounter {
  const { gatherMs = 5_000, most = 20_000, onFailure } = options;
  let gathered = new Map<string, Uses>();
  let room = most;
  let timer: NodeJS.Timeout | undefined;
  let keeping = Promise.resolve();

  function gather(tenantId: string, { memoryId, uses, lastUsedAt }: Use): void {
    const ofTenant: Uses = gathered.get(tenantId) ?? new Map();
    const known = ofTenant.get(memoryId);
    if (known) {
      known.uses += uses;
      if (lastUsedAt > known.lastUsedAt) known.lastUsedAt = lastUsedAt;
      return;
    }
    if (room === 0) return;
    room -= 1;
    ofTenant.set(memoryId, { uses, lastUsedAt });
    gathered.set(tenantId, ofTenant);
    // Of many tenants, and not the work of the call that happened to come first.
    timer ??= setTimeout(() => void asNobody(() => keep(true)), gatherMs).unref();
  }

  /** One write after the other. What fails is the record's absence, so the rest is not tried. */
  async function keepGathered(again: boolean): Promise<void> {
    const taken = [...gathered].map(([tenantId, memories]) => {
      return { tenantId, uses: [...memories].map(([memoryId, use]) => ({ memoryId, ...use })) };
    });
    gathered = new Map();
    room = most;
    let kept = 0;
    try {
      for (const { tenantId, uses } of taken) {
        await store.add(tenantId, uses);
        kept += 1;
      }
    } catch (error) {
      onFailure?.(error);
      if (!again) return;
      // The one that failed comes last: were it the only one that can't be kept, the others would be.
      const left = [...taken.slice(kept + 1), ...taken.slice(kept, kept + 1)];
      for (const { tenantId, uses } of left) for (const use of uses) gather(tenantId, use);
    }
  }

  function keep(again: boolean): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    keeping = keeping.then(() => keepGathered(again));
    return keeping;
  }

  return {
    note(tenantId, memoryIds) {
      const lastUsedAt = new Date();
      for (const memoryId of memoryIds) gather(tenantId, { memoryId, uses: 1, lastUsedAt });
    },
    [Symbol.asyncDispose]: () => keep(false),
  };
}
