import type { Decision, StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import type { ReconcileOutcome } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Content } from "./content.ts";
import { insertMentions, type NewMentions } from "./graph-writes.ts";
import { type LockedStream, lockStreams } from "./ingest-locks.ts";
import { removeMemories } from "./memory-removal.ts";
import {
  insertMemories,
  insertSources,
  insertVersions,
  type NewMemory,
  type NewSource,
  type NewVersion,
} from "./memory-writes.ts";

export interface ApplyTransaction {
  readonly client: pg.PoolClient;
  readonly tenantId: string;
  readonly content: Content;
  readonly mac: (domain: "statement" | "entity", value: string) => Promise<Buffer>;
}

interface Touched {
  readonly extractionId: string;
  readonly memoryId: string;
  readonly outcome: ReconcileOutcome;
}

/** Rows to write for all results, collected so that each table is written once. */
interface Rows {
  readonly memories: NewMemory[];
  readonly versions: NewVersion[];
  readonly sources: NewSource[];
  readonly mentions: NewMentions[];
  readonly touched: Touched[];
  readonly superseded: { memoryId: string; by: string; at: Date }[];
  readonly updated: { memoryId: string; expiresAt: Date | undefined }[];
  readonly deleted: string[];
}

/** Applies results whose messages are still to be worked; see `IngestStore.apply`. */
export async function applyResults(
  transaction: ApplyTransaction,
  results: readonly StreamResult[],
): Promise<void> {
  const streams = await lockStreams(transaction, results);
  const live = results.filter(({ batch }) => streams.has(batch.streamId));
  if (live.length === 0) return;
  const rows = await collectRows(transaction, live, streams);
  const { client, tenantId, content, mac } = transaction;
  await endVersions(transaction, rows);
  await insertMemories(client, tenantId, rows.memories);
  await insertVersions(client, tenantId, content, (text) => mac("statement", text), rows.versions);
  await insertSources(client, tenantId, rows.sources);
  await insertMentions(client, tenantId, content, (name) => mac("entity", name), rows.mentions);
  await linkSuperseded(transaction, rows);
  await removeMemories(client, tenantId, rows.deleted);
  await updateWindows(transaction, live, streams);
  await updateStreams(transaction, live, streams);
  await finishMessages(transaction, live);
  await finishExtractions(transaction, live, rows.touched);
}

async function collectRows(
  transaction: ApplyTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, LockedStream>,
): Promise<Rows> {
  const rows: Rows = {
    memories: [],
    versions: [],
    sources: [],
    mentions: [],
    touched: [],
    superseded: [],
    updated: [],
    deleted: [],
  };
  const current = await currentVersions(transaction, results);
  for (const result of results) {
    const stream = streams.get(result.batch.streamId) as LockedStream;
    const ids = new Map<Decision, string>();
    for (const decision of result.decisions) collectDecision(rows, result, stream, decision, ids, current);
  }
  return rows;
}

/** Newest version numbers of memories that decisions change; a memory that is gone is absent. */
async function currentVersions(
  { client, tenantId }: ApplyTransaction,
  results: readonly StreamResult[],
): Promise<Map<string, number>> {
  const ids = results.flatMap(({ decisions }) =>
    decisions.flatMap((decision) => ("memoryId" in decision ? [decision.memoryId] : [])),
  );
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; current_version: number }>(
    `select id, current_version from memories where tenant_id = $1 and id = any ($2) order by id for update`,
    [tenantId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.current_version]));
}

function collectDecision(
  rows: Rows,
  result: StreamResult,
  stream: LockedStream,
  decision: Decision,
  ids: Map<Decision, string>,
  current: Map<string, number>,
): void {
  const message = result.batch.pending.find(({ turn }) => turn.messageId === decision.messageId);
  if (!message) throw new Error("a decision about a message of another batch");
  const { extractionId } = message;
  const touch = (memoryId: string, outcome: ReconcileOutcome) =>
    rows.touched.push({ extractionId, memoryId, outcome });
  // What vanished since it was looked up (deleted meanwhile) stays deleted.
  if ("memoryId" in decision && !current.has(decision.memoryId)) return;

  const writeVersion = (
    memoryId: string,
    version: number,
    content: Extract<Decision, { outcome: "add" }>["content"],
    outcome: ReconcileOutcome,
  ) => {
    const { keyId, bucket, projectKeyId } = stream;
    const { extractor, embeddingModel } = result;
    rows.versions.push({
      memoryId,
      version,
      bucket,
      keyId,
      content,
      outcome,
      extractor,
      embeddingModel,
      extractionId,
    });
    const { statement, features } = content;
    rows.sources.push(...statement.sources.map((span) => ({ memoryId, span })));
    rows.mentions.push({
      memoryId,
      projectId: result.batch.projectId,
      projectKeyId,
      statement,
      validFrom: statement.valid.from ?? features.saidAt,
    });
  };
  const addMemory = (
    content: Extract<Decision, { outcome: "add" }>["content"],
    outcome: "add" | "supersede",
  ) => {
    const id = uuidv7();
    ids.set(decision, id);
    rows.memories.push({
      id,
      projectId: result.batch.projectId,
      streamId: stream.id,
      bucket: stream.bucket,
      ids: message.ids,
      expiresAt: content.expiresAt,
    });
    writeVersion(id, 1, content, outcome);
    return id;
  };

  switch (decision.outcome) {
    case "add":
      touch(addMemory(decision.content, "add"), "add");
      return;
    case "supersede": {
      const by = addMemory(decision.content, "supersede");
      const at = decision.content.statement.valid.from ?? decision.content.features.saidAt;
      rows.superseded.push({ memoryId: decision.memoryId, by, at });
      touch(by, "supersede");
      return;
    }
    case "update": {
      const version = (current.get(decision.memoryId) as number) + 1;
      current.set(decision.memoryId, version);
      rows.updated.push({ memoryId: decision.memoryId, expiresAt: decision.content.expiresAt });
      writeVersion(decision.memoryId, version, decision.content, "update");
      touch(decision.memoryId, "update");
      return;
    }
    case "noop":
      rows.sources.push({ memoryId: decision.memoryId, span: decision.source });
      touch(decision.memoryId, "noop");
      return;
    case "merge": {
      const memoryId = ids.get(decision.into);
      if (!memoryId) return;
      rows.sources.push({ memoryId, span: decision.source });
      touch(memoryId, "noop");
      return;
    }
    case "delete":
      rows.deleted.push(decision.memoryId);
      touch(decision.memoryId, "delete");
  }
}

/** Ends the record time of versions that an update replaces, before the new ones are written. */
async function endVersions({ client, tenantId }: ApplyTransaction, { updated }: Rows): Promise<void> {
  if (updated.length === 0) return;
  await client.query(
    `update memory_versions set recorded_to = now(), revision = nextval('index_revision')
     where tenant_id = $1 and memory_id = any ($2) and recorded_to is null`,
    [tenantId, updated.map(({ memoryId }) => memoryId)],
  );
  await client.query(
    `update memories m set current_version = m.current_version + n.versions
     from (select id, count(*)::integer as versions from unnest($2::uuid[]) as u (id) group by id) n
     where m.tenant_id = $1 and m.id = n.id`,
    [tenantId, updated.map(({ memoryId }) => memoryId)],
  );
}

/** Ends the validity of what is no longer so and points to what replaced it. */
async function linkSuperseded({ client, tenantId }: ApplyTransaction, { superseded }: Rows): Promise<void> {
  if (superseded.length === 0) return;
  const values = [
    tenantId,
    superseded.map(({ memoryId }) => memoryId),
    superseded.map(({ by }) => by),
    superseded.map(({ at }) => at),
  ];
  await client.query(
    `update memories m set state = 'superseded', replaced_by = n.by
     from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) as n (id, by, at)
     where m.tenant_id = $1 and m.id = n.id`,
    values,
  );
  await client.query(
    `update memory_versions v set valid_to = greatest(n.at, v.valid_from), revision = nextval('index_revision')
     from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) as n (id, by, at)
     where v.tenant_id = $1 and v.memory_id = n.id and v.recorded_to is null`,
    values,
  );
  await client.query(
    `update relations r set valid_to = greatest(n.at, r.valid_from)
     from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) as n (id, by, at)
     where r.tenant_id = $1 and r.memory_id = n.id and r.valid_to is null`,
    values,
  );
}

/** A new turn changes the windows of the turns before it, and so the index of their memories. */
async function updateWindows(
  { client, tenantId, content }: ApplyTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, LockedStream>,
): Promise<void> {
  const changes = await Promise.all(
    results.flatMap(({ batch, windows }) =>
      [...windows].map(async ([messageId, window]) => {
        const { keyId } = streams.get(batch.streamId) as LockedStream;
        return { messageId, window: await content.sealText(keyId, "memory_versions.window", window) };
      }),
    ),
  );
  if (changes.length === 0) return;
  await client.query({
    name: "update_windows",
    text: `update memory_versions v set window_ct = n.window_ct, revision = nextval('index_revision')
           from unnest($2::uuid[], $3::bytea[]) as n (message_id, window_ct)
           join memory_sources s on s.tenant_id = $1 and s.message_id = n.message_id and s.ordinal = 0
           where v.tenant_id = $1 and v.memory_id = s.memory_id and v.recorded_to is null
             and v.outcome in ('add', 'supersede')`,
    values: [tenantId, changes.map(({ messageId }) => messageId), changes.map(({ window }) => window)],
  });
}

async function updateStreams(
  { client, tenantId, content }: ApplyTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, LockedStream>,
): Promise<void> {
  const sealed = await Promise.all(
    results.map(async ({ batch, participants, summary }) => {
      const { keyId } = streams.get(batch.streamId) as LockedStream;
      return {
        streamId: batch.streamId,
        participants: await content.sealJson(keyId, "streams.participants", participants),
        summary: summary === undefined ? null : await content.sealText(keyId, "streams.summary", summary),
      };
    }),
  );
  await client.query({
    name: "update_streams",
    text: `update streams s set participants_ct = n.participants_ct,
             summary_ct = coalesce(n.summary_ct, s.summary_ct)
           from unnest($2::uuid[], $3::bytea[], $4::bytea[]) as n (id, participants_ct, summary_ct)
           where s.tenant_id = $1 and s.id = n.id`,
    values: [
      tenantId,
      sealed.map(({ streamId }) => streamId),
      sealed.map(({ participants }) => participants),
      sealed.map(({ summary }) => summary),
    ],
  });
}

async function finishMessages(
  { client, tenantId }: ApplyTransaction,
  results: readonly StreamResult[],
): Promise<void> {
  const ids = results.flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.messageId));
  await client.query({
    name: "finish_messages",
    text: "update messages set state = 'done' where tenant_id = $1 and id = any ($2::uuid[])",
    values: [tenantId, ids],
  });
}

async function finishExtractions(
  { client, tenantId }: ApplyTransaction,
  results: readonly StreamResult[],
  touched: readonly Touched[],
): Promise<void> {
  await client.query({
    name: "link_extractions",
    text: `insert into extraction_memories (tenant_id, extraction_id, memory_id, outcome)
           select $1, n.* from unnest($2::uuid[], $3::uuid[], $4::text[]) as n on conflict do nothing`,
    values: [
      tenantId,
      touched.map(({ extractionId }) => extractionId),
      touched.map(({ memoryId }) => memoryId),
      touched.map(({ outcome }) => outcome),
    ],
  });
  const tallies = tallyExtractions(results, touched);
  await client.query({
    name: "finish_extractions",
    text: `update extractions e set
             pending_count = e.pending_count - n.worked,
             state = case when e.pending_count <= n.worked then 'extracted' else 'running' end,
             extracted_at = case when e.pending_count <= n.worked then now() end,
             added = e.added + n.added, updated = e.updated + n.updated,
             superseded = e.superseded + n.superseded, unchanged = e.unchanged + n.unchanged,
             deleted = e.deleted + n.deleted, dropped = e.dropped + n.dropped, extractor = n.extractor
           from unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::integer[],
             $8::integer[], $9::integer[], $10::text[]) as n (id, worked, added, updated, superseded, unchanged,
             deleted, dropped, extractor)
           where e.tenant_id = $1 and e.id = n.id`,
    values: [
      tenantId,
      tallies.map(({ id }) => id),
      tallies.map(({ worked }) => worked),
      tallies.map(({ add }) => add),
      tallies.map(({ update }) => update),
      tallies.map(({ supersede }) => supersede),
      tallies.map(({ noop }) => noop),
      tallies.map(({ delete: deleted }) => deleted),
      tallies.map(({ dropped }) => dropped),
      tallies.map(({ extractor }) => extractor),
    ],
  });
}

interface Tally extends Record<ReconcileOutcome, number> {
  readonly id: string;
  readonly extractor: string;
  worked: number;
  dropped: number;
}

function tallyExtractions(results: readonly StreamResult[], touched: readonly Touched[]): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const { batch, droppedMessageIds, extractor } of results) {
    const dropped = new Set(droppedMessageIds);
    for (const { extractionId, turn } of batch.pending) {
      const tally = tallies.get(extractionId) ?? {
        id: extractionId,
        extractor: `${extractor.name}/${extractor.version}`,
        worked: 0,
        dropped: 0,
        add: 0,
        update: 0,
        supersede: 0,
        noop: 0,
        delete: 0,
      };
      tally.worked += 1;
      if (dropped.has(turn.messageId)) tally.dropped += 1;
      tallies.set(extractionId, tally);
    }
  }
  for (const { extractionId, outcome } of touched) {
    const tally = tallies.get(extractionId);
    if (tally) tally[outcome] += 1;
  }
  return [...tallies.values()];
}
