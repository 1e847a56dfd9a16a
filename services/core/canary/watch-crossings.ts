import { randomBytes } from "node:crypto";
import { type Auditor, eventOfService } from "../audit/auditor.ts";
import type { ConversationStore } from "../memory/conversation-store.ts";
import type { Memory } from "../memory/memory.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { plainDraft } from "../memory/plain-draft.ts";
import type { MemoryIndex } from "../search/memory-index.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Canaries } from "../tenancy/canary-tenants.ts";
import { asTenant } from "../tenancy/credential-tenant.ts";
import type { Scope } from "../tenancy/scope.ts";

/** Ways from one tenant to another's data, each looked at by itself. */
export const WAYS = ["search", "index", "record"] as const;
export type Way = (typeof WAYS)[number];

export interface CanaryDeps {
  readonly canaries: Canaries;
  readonly conversations: ConversationStore;
  readonly memories: Pick<MemoryStore, "get" | "list">;
  readonly index: Pick<MemoryIndex, "candidates">;
  /** The whole search, as its callers have it. */
  readonly find: (
    tenancy: Tenancy,
    scope: Scope,
    query: string,
    signal?: AbortSignal,
  ) => Promise<readonly Memory[]>;
  readonly auditor: Auditor;
}

export interface CanaryReport {
  /** Ways on which one canary got at the other's marker; empty as it should be. */
  readonly crossings: readonly Way[];
  /** Canaries that did not find their own marker: what they don't find of others says nothing then. */
  readonly blind: number;
  /** Canaries whose marker was planted just now, and is not looked for yet. */
  readonly planted: number;
}

const SCOPE: Scope = { userId: "canary" };

interface Canary {
  readonly tenancy: Tenancy;
  /** Undefined before it is planted and worked. */
  readonly memory: Memory | undefined;
}

/**
 * Has each of two tenants look for the other's marker, on every way there is. What crosses is told in both tenants' audit.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE where an engine does not answer: nothing was seen then.
 */
export async function watchCrossings(deps: CanaryDeps, signal?: AbortSignal): Promise<CanaryReport> {
  const [first, second] = await Promise.all(deps.canaries.map((tenancy) => open(deps, tenancy, signal)));
  if (!first || !second) throw new Error("there are two canaries");
  const crossings = [
    ...(await crossingsOf(deps, first, second, signal)),
    ...(await crossingsOf(deps, second, first, signal)),
  ];
  const planted = [first, second].filter(({ memory }) => !memory).length;
  const seen = await Promise.all(
    [first, second].map((canary) => !canary.memory || seesItself(deps, canary, canary.memory, signal)),
  );
  for (const way of crossings) await tell(deps, way, [first, second]);
  return { crossings, planted, blind: seen.filter((sees) => !sees).length };
}

/** Finds a canary's marker, or plants it. */
async function open(deps: CanaryDeps, tenancy: Tenancy, signal?: AbortSignal): Promise<Canary> {
  const listing = {
    scope: SCOPE,
    kinds: [],
    categories: [],
    showSuperseded: false,
    pageSize: 1,
    pageToken: "",
  };
  const { memories } = await deps.memories.list(tenancy, listing, signal);
  const memory = memories[0];
  if (!memory) await plant(deps, tenancy, signal);
  return { tenancy, memory };
}

/** Under one request id, so that it is planted once, whoever looks meanwhile. */
async function plant({ conversations }: CanaryDeps, tenancy: Tenancy, signal?: AbortSignal): Promise<void> {
  const draft = plainDraft(`The canary is called zq${randomBytes(8).toString("hex")}.`);
  const items = [{ type: "draft" as const, draft, sentAt: new Date() }];
  const request = { rpc: "Canary", requestId: "marker", body: new Uint8Array() };
  await conversations.accept(tenancy, { scope: SCOPE, items, metadata: {}, request }, signal);
}

async function crossingsOf(
  deps: CanaryDeps,
  asking: Canary,
  other: Canary,
  signal?: AbortSignal,
): Promise<Way[]> {
  const { memory } = other;
  if (!memory) return [];
  const { tenancy } = asking;
  const ways: Record<Way, () => Promise<boolean>> = {
    search: async () =>
      (await deps.find(tenancy, SCOPE, memory.text, signal)).some(({ id }) => id === memory.id),
    index: () => isInIndex(deps, tenancy, memory, signal),
    record: async () => (await deps.memories.get(tenancy, [memory.id], {}, signal)).length > 0,
  };
  const found: Way[] = [];
  for (const [way, crosses] of Object.entries(ways) as [Way, () => Promise<boolean>][]) {
    if (await asTenant(tenancy.tenantId, crosses)) found.push(way);
  }
  return found;
}

/** By its words alone, without a scope. */
async function isInIndex(
  { index }: CanaryDeps,
  { tenantId, projectId }: Tenancy,
  memory: Memory,
  signal?: AbortSignal,
): Promise<boolean> {
  const query = {
    filter: { tenantId, projectId },
    vector: undefined,
    keywords: memory.text,
    entities: [],
    pool: 50,
  };
  const { candidates } = await index.candidates(query, signal);
  return candidates.some(({ memoryId }) => memoryId === memory.id);
}

async function seesItself(
  deps: CanaryDeps,
  { tenancy }: Canary,
  memory: Memory,
  signal?: AbortSignal,
): Promise<boolean> {
  const found = await asTenant(tenancy.tenantId, () => deps.find(tenancy, SCOPE, memory.text, signal));
  return found.some(({ id }) => id === memory.id);
}

async function tell({ auditor }: CanaryDeps, way: Way, canaries: readonly Canary[]): Promise<void> {
  for (const { tenancy, memory } of canaries) {
    const event = eventOfService({
      service: "canary",
      action: `canary/crossed_by_${way}`,
      projectId: tenancy.projectId,
      code: "data_loss",
      resources: memory ? [{ type: "memory", id: memory.id }] : [],
    });
    await auditor.note(tenancy.tenantId, event);
  }
}
