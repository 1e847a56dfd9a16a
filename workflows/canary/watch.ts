import { randomBytes } from "node:crypto";
import { type CanaryDeps, type CanaryReport, watchCrossings } from "@mneme/core/canary/watch-crossings.ts";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { createFreshnessTokens } from "@mneme/core/freshness/tokens.ts";
import { createKnownParticipants } from "@mneme/core/search/known-participants.ts";
import type { MemoryIndex } from "@mneme/core/search/memory-index.ts";
import { type SearchDeps, searchMemories } from "@mneme/core/search/search-memories.ts";
import type { Canaries } from "@mneme/core/tenancy/canary-tenants.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { createFreshnessStore } from "@mneme/postgres/freshness-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { ensureCanaryTenants } from "@mneme/postgres/tenancy/canary-tenants.ts";
import { createSettingsSource } from "@mneme/postgres/tenancy/settings-source.ts";

const MOST_TOKENS = 2_000;

/** The canaries' watch over the same stores, index and search as callers have. */
export function createCanaryWatch(
  database: Database,
  index: Pick<MemoryIndex, "candidates">,
  embedder: Embedder,
  canaries: Canaries,
): (signal: AbortSignal) => Promise<CanaryReport> {
  const deps = canaryDepsOf(database, index, embedder, canaries);
  return async (signal) => {
    await ensureCanaryTenants(database, canaries, signal);
    return watchCrossings(deps, signal);
  };
}

/** The ways that are watched. */
export function canaryDepsOf(
  database: Database,
  index: Pick<MemoryIndex, "candidates">,
  embedder: Embedder,
  canaries: Canaries,
): CanaryDeps {
  const search: SearchDeps = {
    search: createSearchStore(database),
    participants: createKnownParticipants(),
    index,
    embedder,
    settings: rememberSettings(createSettingsSource(database.pool)),
    freshness: createFreshnessStore(database),
    // Nobody is given one here.
    tokens: createFreshnessTokens(randomBytes(32)),
    signals: { changed: async () => undefined },
  };
  return {
    canaries,
    conversations: createConversationStore(database),
    memories: createMemoryStore(database),
    index,
    auditor: createAuditInbox(database.pool),
    find: async (tenancy, scope, query, signal) => {
      const command = {
        scope,
        query,
        filter: {},
        ranking: {},
        limit: 20,
        tokenBudget: MOST_TOKENS,
        atLeastAsFresh: "",
      };
      const { hits } = await searchMemories(search, tenancy, command, signal);
      return hits.map(({ memory }) => memory);
    },
  };
}
