import { LRUCache } from "lru-cache";
import { countedKey } from "../tenancy/caller.ts";
import type { Limits } from "../tenancy/limits.ts";
import { quotaExceeded, untilNextMonth } from "./exceeded.ts";
import { type Limit, type LimitedCaller, limitsFor } from "./levels.ts";

/** Of a tenant, what each project and each key has of it; a project may have some that no key brought. */
export interface Counts {
  readonly byProject: ReadonlyMap<string, number>;
  /** As `countedKey`. */
  readonly byKey: ReadonlyMap<string, number>;
}

/** What a tenant holds and has used. */
export interface Usage {
  readonly memories: Counts;
  /** Read and written by models this month, UTC. */
  readonly modelTokens: Counts;
  /** Taken today, UTC, by the tenant as a whole; leased by processes that did not use them yet among them. */
  readonly messagesToday: number;
}

/** Where usage is counted. */
export interface UsageStore {
  /** @param now says which day and month it is. */
  read(tenantId: string, now: Date): Promise<Usage>;
}

/** What an add brings. */
export interface Addition {
  /** Finished statements: a memory each, at most. */
  readonly drafts: number;
  /** Whether models are to read or embed it; what must be looked up is asked only where tokens are spent. */
  readonly needsModel: boolean | (() => Promise<boolean>);
}

/** Deleting makes room at any time, and nobody knows when: so long a client that is at its limit stays away. */
const LOOK_AGAIN_MS = 60_000;

/** Keeps tenants from adding beyond what they may hold and have read. */
export interface UsageGuard {
  /** @throws MnemeError QUOTA_EXCEEDED, DEPENDENCY_UNAVAILABLE. */
  admit(caller: LimitedCaller, addition: Addition): Promise<void>;
}

export interface UsageGuardOptions {
  readonly defaults: Limits;
  /** How long what was read is trusted, 1,000 ms by default. */
  readonly trustMs?: number;
  readonly now?: () => Date;
}

interface Known {
  readonly usage: Promise<Usage>;
  readonly readAt: number;
  /** Finished statements let through since. */
  readonly added: Record<keyof Counts, Map<string, number>>;
}

const MOST_TENANTS = 10_000;

/**
 * Looks at what was counted a moment ago: what is accepted and not worked yet is not in it, so a tenant may come to
 * hold more than its limit by what the messages under way say, and by a second's adds.
 */
export function createUsageGuard(store: UsageStore, options: UsageGuardOptions): UsageGuard {
  const { defaults, trustMs = 1_000, now = () => new Date() } = options;
  const known = new LRUCache<string, Known>({ max: MOST_TENANTS });

  function look(tenantId: string): Known {
    const entry = known.get(tenantId);
    const readAt = performance.now();
    if (entry && readAt - entry.readAt < trustMs) return entry;
    const fresh: Known = {
      usage: store.read(tenantId, now()),
      readAt,
      added: { byProject: new Map(), byKey: new Map() },
    };
    known.set(tenantId, fresh);
    fresh.usage.catch(() => known.peek(tenantId) === fresh && known.delete(tenantId));
    return fresh;
  }

  return {
    async admit(caller, { drafts, needsModel }) {
      const memories = limitsFor(caller, defaults, "memories");
      const tokens = needsModel ? limitsFor(caller, defaults, "modelTokensPerMonth") : [];
      if (memories.length + tokens.length === 0) return;
      const { usage, added } = look(caller.tenantId);
      const { memories: held, modelTokens: spent } = await usage;
      for (const limit of memories) {
        const after = used(held, limit) + used(added, limit) + Math.max(1, drafts);
        if (after > limit.most) throw quotaExceeded("memories", limit, LOOK_AGAIN_MS);
      }
      for (const limit of tokens) {
        if (used(spent, limit) < limit.most) continue;
        if (typeof needsModel === "function" && !(await needsModel())) break;
        throw quotaExceeded("model_tokens_per_month", limit, untilNextMonth(now()));
      }
      count(added.byProject, caller.projectId, drafts);
      count(added.byKey, countedKey(caller), drafts);
    },
  };
}

function count(counts: Map<string, number>, id: string, more: number): void {
  counts.set(id, (counts.get(id) ?? 0) + more);
}

/** Of the key, of the project, or of all of them. */
function used({ byProject, byKey }: Counts, { level, scopeId }: Limit): number {
  if (level === "api_key") return byKey.get(scopeId) ?? 0;
  if (level === "project") return byProject.get(scopeId) ?? 0;
  return [...byProject.values()].reduce((sum, some) => sum + some, 0);
}
