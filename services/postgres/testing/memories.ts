import { randomUUID } from "node:crypto";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { IngestTarget } from "@mneme/core/extraction/ingest-store.ts";
import type { StreamFailure } from "@mneme/core/extraction/ingest-tally.ts";
import type { Accepted } from "@mneme/core/memory/conversation-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Memory, MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { rememberSettings, type SettingsOf } from "@mneme/core/tenancy/settings-of.ts";
import { createConversationStore } from "../conversation-store.ts";
import { createIngestStore } from "../ingest-store.ts";
import { createMemoryStore } from "../memory-store.ts";
import { createSettingsSource } from "../tenancy/settings-source.ts";
import type { TestRecord } from "./record.ts";

/** Unit vectors without a model; equal texts have equal ones. */
export const testEmbedder: IngestDeps["embedder"] = {
  model: "test",
  dimension: 2,
  embed: async (texts) =>
    texts.map((text) => new Float32Array([Math.cos(text.length), Math.sin(text.length)])),
};

/** Everything that ingest needs, over the real record and an index that takes anything and finds nothing. */
export function testIngest(record: TestRecord): IngestDeps {
  return {
    store: createIngestStore(record.database),
    settings: settingsOf(record),
    extractor: {
      name: "test",
      version: "1",
      extract: async () => ({ statements: [], dropped: [], summary: undefined }),
    },
    embedder: testEmbedder,
    index: {
      requireModel: async () => undefined,
      write: async () => [],
      remove: async () => undefined,
      refresh: async () => undefined,
      nearest: async (queries) => queries.map(() => []),
    },
  };
}

/** Settings as they are at this moment. */
export function settingsOf({ database }: Pick<TestRecord, "database">): SettingsOf {
  return rememberSettings(createSettingsSource(database.pool), { mostMs: 0 });
}

/** Accepts drafts without working them. @returns the extraction's id. */
export async function acceptDrafts(
  record: TestRecord,
  tenancy: Tenancy,
  scope: Scope,
  drafts: readonly MemoryDraft[],
): Promise<string> {
  const accepted = await createConversationStore(record.database).accept(tenancy, {
    scope,
    items: drafts.map((draft) => ({ type: "draft", draft, sentAt: new Date("2026-03-01T10:00:00Z") })),
    metadata: {},
    request: { rpc: "ImportMemories", requestId: randomUUID(), body: new Uint8Array() },
  });
  return accepted.extraction.id;
}

/** Accepts turns of a user without working them. */
export function acceptTurns(
  record: TestRecord,
  tenancy: Tenancy,
  scope: Scope,
  texts: readonly string[],
  sentAt: Date,
): Promise<Accepted> {
  const said = { role: "user", name: undefined, toolCalls: [], toolCallId: undefined } as const;
  return createConversationStore(record.database).accept(tenancy, {
    scope,
    items: texts.map((text) => ({ type: "turn", message: { ...said, text, sentAt } })),
    metadata: {},
    request: { rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() },
  });
}

/**
 * Works everything that waits in the bucket of an extraction, and indexes it.
 *
 * @throws Error when a stream of it fails: it would stay, and be tried for ever.
 */
export async function workBucketOf(
  record: TestRecord,
  tenantId: string,
  extractionId: string,
): Promise<void> {
  const target = await targetOf(record, tenantId, extractionId);
  const deps = testIngest(record);
  for (let more = true; more; ) {
    const report = await ingestBatch(deps, target, { limit: 200, exclude: [] });
    if (report.failed.length > 0) throw new Error(`a stream failed: ${JSON.stringify(report.failed)}`);
    more = report.more;
  }
  while ((await indexPending(deps, target, 500)).more);
}

/** What a reading was given. */
export interface GivenTexts {
  readonly turns: string[];
  readonly context: string[];
  readonly summary: string;
}

/**
 * Works what waits in the bucket of an extraction until nothing more succeeds.
 *
 * @param extract reads the turns; by default it finds nothing in them.
 * @returns what each reading was given, and what failed.
 */
export async function readBucketOf(
  record: TestRecord,
  tenantId: string,
  extractionId: string,
  extract?: IngestDeps["extractor"]["extract"],
): Promise<{ readonly read: GivenTexts[]; readonly failed: readonly StreamFailure[] }> {
  const target = await targetOf(record, tenantId, extractionId);
  const read: GivenTexts[] = [];
  const deps = testIngest(record);
  const extractor: IngestDeps["extractor"] = {
    ...deps.extractor,
    extract: async (input, signal) => {
      const texts = (turns: typeof input.turns) => turns.map(({ text }) => text);
      read.push({ turns: texts(input.turns), context: texts(input.context), summary: input.summary });
      return (extract ?? deps.extractor.extract)(input, signal);
    },
  };
  const reports = [];
  do reports.push(await ingestBatch({ ...deps, extractor }, target, { limit: 100, exclude: [] }));
  while (reports.at(-1)?.worked.length);
  return { read, failed: reports.flatMap(({ failed }) => failed) };
}

/** What works an extraction. */
export async function targetOf(
  record: TestRecord,
  tenantId: string,
  extractionId: string,
): Promise<IngestTarget> {
  const { rows } = await record.admin.query<{ bucket: number }>(
    "select bucket from mneme.extractions where id = $1",
    [extractionId],
  );
  return { tenantId, bucket: rows[0]?.bucket ?? 0 };
}

/** Makes memories the way that imports do. @returns them in the order of the drafts. */
export async function seedMemories(
  record: TestRecord,
  tenancy: Tenancy,
  scope: Scope,
  drafts: readonly (MemoryDraft | string)[],
): Promise<Memory[]> {
  const whole = drafts.map((draft) => (typeof draft === "string" ? draftOf(draft) : draft));
  const extractionId = await acceptDrafts(record, tenancy, scope, whole);
  await workBucketOf(record, tenancy.tenantId, extractionId);
  const { rows } = await record.admin.query<{ memory_id: string }>(
    "select memory_id from mneme.extraction_memories where extraction_id = $1",
    [extractionId],
  );
  const store = createMemoryStore(record.database);
  const memories: Memory[] = [];
  // A few at a time: an answer holds so much.
  for (let i = 0; i < rows.length; i += 20) {
    const ids = rows.slice(i, i + 20).map((row) => row.memory_id);
    memories.push(...(await store.get(tenancy, ids)));
  }
  return whole.flatMap(({ text }) => memories.find((memory) => memory.text === text) ?? []);
}
