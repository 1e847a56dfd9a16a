import { randomUUID } from "node:crypto";
import { contentOf } from "@mneme/core/extraction/content-testing.ts";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { Decision, StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { getHistory, type MemoryHistory } from "@mneme/core/memory/history.ts";
import type { Memory, MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { DraftField } from "@mneme/core/memory/memory-store.ts";
import type { MemoryTimes } from "@mneme/core/memory/times.ts";
import { createKnownParticipants } from "@mneme/core/search/known-participants.ts";
import { withoutEnding } from "@mneme/core/search/query-time/event-anchor.ts";
import { searchMemories } from "@mneme/core/search/search-memories.ts";
import type { SearchCommand, SearchResult } from "@mneme/core/search/search-request.ts";
import { wordsOf } from "@mneme/core/search/words.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { acceptDrafts, acceptTurns, testIngest } from "@mneme/postgres/testing/memories.ts";
import { type IngestEngines, openIngestEngines } from "@mneme/workflows/testing/ingest-engines.ts";

const SCOPE = { userId: "ada" };

/** What a message said, and what was decided about it. */
export type Telling = (batch: StreamBatch, messageId: string) => readonly Decision[];

/** One person's memories in the real record and the real index. */
export interface PersonsWorld {
  readonly tenant: Tenancy;
  /** Imports statements. @returns them in order. */
  import(drafts: readonly (Partial<MemoryDraft> & { readonly text: string })[]): Promise<Memory[]>;
  /** Ada says something at a time, and that is decided about it. */
  tell(text: string, sentAt: Date, decide: Telling): Promise<void>;
  /** A change by hand. */
  change(memoryId: string, draft: Partial<MemoryDraft>): Promise<Memory>;
  get(memoryIds: readonly string[], times?: MemoryTimes): Promise<readonly Memory[]>;
  list(times?: MemoryTimes & { readonly showSuperseded?: boolean }): Promise<readonly Memory[]>;
  /** All versions, newest first. */
  versions(memoryId: string): Promise<readonly Memory[]>;
  history(memoryId: string): Promise<MemoryHistory>;
  search(query: string, command?: Partial<SearchCommand>): Promise<SearchResult>;
}

/** The world of one more person, a tenant's own. */
export async function openPersonsWorld(engines: IngestEngines): Promise<PersonsWorld> {
  const { record, index, embedder } = engines;
  const tenant = await record.provision();
  const store = createIngestStore(record.database);
  const memories = createMemoryStore(record.database);
  const deps = { ...testIngest(record), index, embedder };

  const bring = async () => {
    const { rows } = await record.admin.query<{ bucket: number }>(
      "select distinct bucket from mneme.extractions where tenant_id = $1",
      [tenant.tenantId],
    );
    for (const { bucket } of rows) {
      while ((await indexPending(deps, { ...tenant, bucket }, 100)).more);
    }
    await index.refresh();
  };
  const bucketOf = async (extractionId: string) => {
    const { rows } = await record.admin.query<{ bucket: number; stream_id: string }>(
      "select bucket, stream_id from mneme.extractions where id = $1",
      [extractionId],
    );
    if (!rows[0]) throw new Error("no such extraction");
    return rows[0];
  };
  const list: PersonsWorld["list"] = async ({ showSuperseded = false, ...times } = {}) => {
    const page = { kinds: [], categories: [], pageSize: 250, pageToken: "" };
    return (await memories.list(tenant, { scope: SCOPE, showSuperseded, ...page, ...times })).memories;
  };
  return {
    tenant,
    async import(drafts) {
      const whole = drafts.map(({ text, ...members }) => ({ ...draftOf(text), ...members }));
      const { bucket } = await bucketOf(await acceptDrafts(record, tenant, SCOPE, whole));
      while ((await ingestBatch(deps, { ...tenant, bucket }, { limit: 100, exclude: [] })).more);
      await bring();
      const all = await list({ showSuperseded: true });
      return whole.flatMap(({ text }) => all.find((memory) => memory.text === text) ?? []);
    },
    async tell(text, sentAt, decide) {
      const { extraction } = await acceptTurns(record, tenant, SCOPE, [text], sentAt);
      const { stream_id } = await bucketOf(extraction.id);
      const batch = await store.loadStream(tenant.tenantId, stream_id, 10);
      const messageId = batch?.pending[0]?.turn.messageId;
      if (!batch || messageId === undefined) throw new Error("nothing is waiting");
      const decisions = await Promise.all(
        decide(batch, messageId).map(async (decision) => {
          if (!("content" in decision)) return decision;
          const [vector] = await embedder.embed([decision.content.statement.text], { purpose: "document" });
          return { ...decision, content: { ...decision.content, ...(vector && { vector }) } };
        }),
      );
      await store.apply(tenant.tenantId, [
        {
          batch,
          decisions,
          droppedMessageIds: [],
          blanked: new Map(),
          participants: undefined,
          summary: undefined,
          windows: new Map(),
          extractor: { name: "test", version: "1" },
          embeddingModel: embedder.model,
          seen: new Map(),
        },
      ]);
      await bring();
    },
    async change(memoryId, { text, ...members }) {
      const draft = { ...draftOf(text ?? ""), ...members };
      const fields = new Set(
        Object.keys({ ...members, ...(text !== undefined && { text }) }) as DraftField[],
      );
      const [vector] = text === undefined ? [] : await embedder.embed([text], { purpose: "document" });
      const embedding = vector && { vector, model: embedder.model, isQuestion: false, hasTime: false };
      const change = { memoryId, draft, fields, etag: "", at: "update", embedding };
      const request = { rpc: "UpdateMemory", requestId: randomUUID(), body: new Uint8Array() } as const;
      const [changed] = (await memories.change(tenant, [change], request)).memories;
      if (!changed) throw new Error("nothing was changed");
      await bring();
      return changed;
    },
    get: (ids, times) => memories.get(tenant, ids, times),
    list,
    async versions(memoryId) {
      const listing = { memoryId, pageSize: 250, pageToken: "", knownAt: undefined };
      return (await memories.versions(tenant, listing)).memories;
    },
    history: (memoryId) => getHistory({ memories }, tenant, memoryId),
    search(query, command = {}) {
      const search = createSearchStore(record.database);
      return searchMemories(
        {
          search,
          participants: createKnownParticipants(),
          settings: { of: async () => ({}) },
          index,
          embedder,
          freshness: { isSearchable: async () => true },
          tokens: { seal: () => "", open: () => ({ type: "extraction", extractionIds: [] }) },
          signals: { changed: async () => undefined } as never,
        },
        tenant,
        {
          scope: SCOPE,
          query,
          filter: {},
          ranking: {},
          limit: 100,
          tokenBudget: 32_000,
          atLeastAsFresh: "",
          ...command,
        },
      );
    },
  };
}

/** The same engines with an embedder to which texts are near that have words in common. */
export function byWords(engines: IngestEngines): IngestEngines {
  const { embedder } = engines;
  const embed: typeof embedder.embed = async (texts, options) =>
    Promise.all(
      texts.map(async (text) => {
        const sum = new Float32Array(embedder.dimension);
        for (const vector of await embedder.embed(wordsOf(text).map(withoutEnding), options)) {
          vector.forEach((value, i) => {
            sum[i] = (sum[i] ?? 0) + value;
          });
        }
        const length = Math.hypot(...sum) || 1;
        return sum.map((value) => value / length);
      }),
    );
  return { ...engines, embedder: { ...embedder, embed } };
}

/** A statement that a message says, since when it is so. */
export function saying(text: string, messageId: string, since: Date) {
  return contentOf(text, messageId, since);
}

export { type IngestEngines, openIngestEngines };
