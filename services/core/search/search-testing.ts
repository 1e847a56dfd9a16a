import type { Embedder } from "../embedding/embedder.ts";
import type { Opinions } from "../feedback/feedback-factor.ts";
import { draftOf } from "../memory/draft-testing.ts";
import type { Memory } from "../memory/memory.ts";
import { PRODUCT_SETTINGS, type Settings } from "../tenancy/settings.ts";
import { createKnownParticipants } from "./known-participants.ts";
import type { Candidate, CandidateQuery } from "./memory-index.ts";
import type { SearchDeps } from "./search-memories.ts";
import type { SearchCommand } from "./search-request.ts";
import type { ArchivedMemory } from "./search-store.ts";

/** A small world that a search runs in: what the index knows, what the record shows. */
export interface World {
  /** What the index answers with; an error is thrown. */
  candidates: readonly Candidate[] | Error;
  /** The index holds what this process can't read. */
  hasUnreadable?: boolean;
  /** Thrown at whoever asks with a vector. */
  otherModel?: Error;
  /** What the record shows. */
  memories: readonly Memory[];
  /** What the record has archived since the moment that is asked for. */
  readonly archived?: readonly ArchivedMemory[];
  /** What the record's recent ones are. */
  recent: readonly Memory[];
  participants: readonly string[];
  isKnown: boolean;
  /** What was said last waits for a budget. */
  readonly isHeld?: boolean;
  embed: Embedder["embed"];
  /** What is said of memories. */
  opinions: ReadonlyMap<string, Opinions>;
  /** When memories were last told, changed, used or restored. */
  refreshed: ReadonlyMap<string, Date>;
  /** What the project sets. */
  settings: Settings;
  /** What was asked of the ports. */
  readonly asked: {
    readonly index: CandidateQuery[];
    readonly embedded: string[];
    readonly hydrated: string[][];
    readonly opinions: string[][];
    readonly refreshed: string[][];
  };
}

export const TENANCY = { tenantId: "t", projectId: "p" };
const SAID = new Date("2026-03-01T10:00:00Z");

export function memoryOf(id: string, text: string, members: Partial<Memory> = {}): Memory {
  return {
    id,
    version: 1,
    etag: "",
    ...draftOf(text),
    scope: { userId: "ada" },
    entities: [],
    sources: [{ messageId: `m-${id}`, start: 0, end: 1, role: "user", name: "Ada", text: "", sentAt: SAID }],
    derivedFrom: [],
    validFrom: SAID,
    recordedFrom: SAID,
    recordedTo: undefined,
    replacedBy: undefined,
    createdAt: SAID,
    expiresAt: undefined,
    extractor: "test",
    extractorVersion: "1",
    embeddingModel: "test",
    extractionId: undefined,
    outcome: "add",
    ...members,
  };
}

export function candidateOf(memoryId: string, cosine: number, members: Partial<Candidate> = {}): Candidate {
  return {
    memoryId,
    version: 1,
    cosine,
    bm25: 0,
    entity: 0,
    rare: [],
    kind: "semantic",
    origin: "stated",
    confidence: 1,
    importance: 0.5,
    speaker: undefined,
    role: "user",
    isQuestion: false,
    hasTime: false,
    saidAt: SAID,
    ...members,
  };
}

/** A world of memories that the index and the record agree on, the first one nearest. */
export function worldOf(texts: Readonly<Record<string, string>>, members: Partial<World> = {}): World {
  const memories = Object.entries(texts).map(([id, text]) => memoryOf(id, text));
  return {
    candidates: memories.map(({ id }, place) => candidateOf(id, 0.9 - place / 100)),
    memories,
    recent: memories,
    participants: ["Ada"],
    isKnown: true,
    embed: async (batch) => batch.map(() => new Float32Array([1, 0])),
    opinions: new Map(),
    refreshed: new Map(),
    settings: PRODUCT_SETTINGS,
    asked: { index: [], embedded: [], hydrated: [], opinions: [], refreshed: [] },
    ...members,
  };
}

export function depsOf(world: World): SearchDeps {
  const { asked } = world;
  return {
    embedder: {
      model: "test",
      dimension: 2,
      embed: (texts, options) => {
        asked.embedded.push(...texts);
        return world.embed(texts, options);
      },
    },
    index: {
      candidates: async (query) => {
        asked.index.push(query);
        if (world.candidates instanceof Error) throw world.candidates;
        if (world.otherModel && query.vector) throw world.otherModel;
        return { candidates: world.candidates, hasUnreadable: world.hasUnreadable ?? false, tookMs: 1 };
      },
    },
    participants: createKnownParticipants(),
    settings: { of: async () => world.settings },
    search: {
      resolve: async () =>
        world.isKnown
          ? {
              ids: {
                subject: { id: "s", epoch: 3 },
                agentId: undefined,
                appId: undefined,
                teamId: undefined,
                sessionId: undefined,
              },
              participants: world.participants.map((name) => ({ name, role: "user" })),
              teams: undefined,
              defaultProjectId: TENANCY.projectId,
              hasFeedback: world.opinions.size > 0,
              ...(world.isHeld && { isHeld: true }),
            }
          : undefined,
      hydrate: async (_, __, refs) => {
        asked.hydrated.push(refs.map(({ memoryId }) => memoryId));
        return refs.flatMap(
          ({ memoryId, version }) =>
            world.memories.find((memory) => memory.id === memoryId && memory.version === version) ?? [],
        );
      },
      opinions: async (_, __, memoryIds) => {
        asked.opinions.push([...memoryIds]);
        return new Map([...world.opinions].filter(([id]) => memoryIds.includes(id)));
      },
      refreshed: async (_, memoryIds) => {
        asked.refreshed.push([...memoryIds]);
        return new Map([...world.refreshed].filter(([id]) => memoryIds.includes(id)));
      },
      archivedThen: async () => world.archived ?? [],
      recent: async () => world.recent,
    },
    freshness: { isSearchable: async () => true },
    tokens: { seal: () => "token", open: () => ({ type: "revision", revision: 1n, buckets: [] }) },
    signals: { changed: async () => undefined },
  };
}

export function commandOf(query: string, members: Partial<SearchCommand> = {}): SearchCommand {
  return {
    scope: { userId: "ada" },
    query,
    filter: {},
    ranking: {},
    limit: 10,
    tokenBudget: 200,
    atLeastAsFresh: "",
    ...members,
  };
}
