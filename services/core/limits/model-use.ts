import { monthOf } from "./exceeded.ts";

/** Where models' tokens are counted. */
export interface ModelUseStore {
  /** @param tokens by project. */
  add(tenantId: string, month: string, tokens: ReadonlyMap<string, number>): Promise<void>;
  /** Brings changes of the counts of memories together. @returns true where there may be more. */
  foldMemoryCounts(): Promise<boolean>;
}

/** Counts what models read and wrote; disposal keeps what is counted until then. */
export interface ModelUse extends AsyncDisposable {
  /** Takes no time of the caller's: kept some seconds later, and lost with a process that is killed. */
  note(tenantId: string, projectId: string, tokens: number): void;
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
  /** By tenant and month, then by project. */
  const gathered = new Map<string, Map<string, number>>();
  let keeping = Promise.resolve();

  function gather(slot: string, projectId: string, tokens: number): void {
    const ofTenant = gathered.get(slot) ?? new Map<string, number>();
    ofTenant.set(projectId, (ofTenant.get(projectId) ?? 0) + tokens);
    gathered.set(slot, ofTenant);
  }

  async function keepAll(): Promise<void> {
    try {
      for (const [slot, tokens] of [...gathered]) {
        const [tenantId = "", month = ""] = slot.split("/");
        gathered.delete(slot);
        await store.add(tenantId, month, tokens).catch((error: unknown) => {
          for (const [projectId, count] of tokens) gather(slot, projectId, count);
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
    note(tenantId, projectId, tokens) {
      gather(`${tenantId}/${monthOf(new Date())}`, projectId, tokens);
    },
    [Symbol.asyncDispose]() {
      clearInterval(timer);
      return keep();
    },
  };
}
