import { MnemeError } from "@mneme/core/errors.ts";
import { memoryNotFound } from "@mneme/core/memory/get-memory.ts";
import type { MemoryKind, MemoryOrigin } from "@mneme/core/memory/memory.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type pg from "pg";
import { subjectFenced } from "./fence.ts";
import { etagOf } from "./memory-rows.ts";
import { PROJECT_LANGUAGE } from "./project-language.ts";
import { lockStreams } from "./stream-locks.ts";

/** A memory that a write holds, with its current version. */
export interface LockedMemory {
  readonly id: string;
  readonly stream_id: string;
  readonly bucket: number;
  readonly subject_id: string | null;
  readonly epoch: number;
  readonly version: number;
  readonly revision: string;
  readonly expires_at: Date | null;
  readonly review_at: Date | null;
  /** The person's key, or null where the memory is no person's. */
  readonly key_id: string | null;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
  /** Who speaks where it was said. */
  readonly participants_ct: Buffer | null;
  /** Primary tag; null of what belongs to no project. */
  readonly language: string | null;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly origin: MemoryOrigin;
  readonly confidence: number;
  readonly importance: number;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
}

/** What a write asks of a memory before it touches it. */
export interface Expected {
  readonly memoryId: string;
  /** Empty: any version. */
  readonly etag: string;
}

/**
 * Locks memories that must all be there.
 *
 * @throws MnemeError MEMORY_NOT_FOUND, PERMISSION_MISSING, SUBJECT_FENCED, ETAG_MISMATCH.
 */
export async function requireMemories(
  client: pg.PoolClient,
  tenancy: Tenancy,
  expected: readonly Expected[],
): Promise<Locked> {
  const locked = await lockMemories(
    client,
    tenancy,
    expected.map(({ memoryId }) => memoryId),
  );
  const { memories, active, readOnly } = locked;
  for (const { memoryId, etag } of expected) {
    if (readOnly.has(memoryId)) throw teamReadOnly({ memory_id: memoryId });
    check(memories.get(memoryId), memoryId, etag, active);
  }
  return locked;
}

export interface Locked {
  /** By id. */
  readonly memories: Map<string, LockedMemory>;
  /** Ids of those that may be read and not changed: a team's, granted to read. */
  readonly readOnly: ReadonlySet<string>;
  /** Epochs of those of their persons who are not fenced. */
  readonly active: ReadonlyMap<string, number>;
  /**
   * Record time of what the write makes of them, as PostgreSQL prints it: read once all is held, so it never
   * runs backwards; whole milliseconds, so that what is told to a client names it exactly.
   */
  readonly moment: string;
}

/**
 * Locks memories for a write, in the order of all writers: the streams, so that no ingest writes meanwhile,
 * and decides anew what it decided by these before; the persons for share, so that an erasure waits or was first; then the memories. What is
 * gone is left out.
 */
export async function lockMemories(
  client: pg.PoolClient,
  { tenantId, projectId, audit }: Tenancy,
  ids: readonly string[],
): Promise<Locked> {
  await lockStreamsOf(client, tenantId, ids);
  const active = await lockPersonsOf(client, tenantId, ids);
  const { rows: locked } = await client.query<{ id: string }>({
    name: "lock_memories",
    text: `select id from memories where tenant_id = $1 and project_id = $2 and id = any ($3::uuid[])
           order by id for update`,
    values: [tenantId, projectId, ids],
  });
  // A statement of its own: it sees what was committed while the locks were waited for.
  const { rows } = await client.query<LockedMemory & { moment: string }>({
    name: "read_locked_memories",
    text: `select m.id, m.stream_id, m.bucket, m.subject_id, m.epoch, m.expires_at, m.review_at, v.version, v.revision,
             p.key_id, v.text_ct, v.detail_ct, v.kind, v.category, v.origin, v.confidence, v.importance,
             v.valid_from, v.valid_to, s.participants_ct, ${PROJECT_LANGUAGE},
             date_trunc('milliseconds', clock_timestamp())::text as moment
           from memories m
           join streams s on s.tenant_id = m.tenant_id and s.id = m.stream_id
           join memory_versions v on v.tenant_id = m.tenant_id and v.memory_id = m.id
             and v.version = m.current_version
           left join subjects p on p.tenant_id = m.tenant_id and p.id = m.subject_id
           where m.tenant_id = $1 and m.project_id = $2 and m.id = any ($3::uuid[])`,
    values: [tenantId, projectId, ids],
  });
  const held = new Set(locked.map(({ id }) => id));
  const memories = new Map(rows.filter(({ id }) => held.has(id)).map((row) => [row.id, row]));
  const readOnly = new Set(rows.map(({ id }) => id).filter((id) => !held.has(id)));
  for (const { id, subject_id } of memories.values()) {
    audit?.about(subject_id);
    audit?.touches("memory", id);
  }
  return { memories, readOnly, active, moment: rows[0]?.moment ?? "" };
}

/** True while nobody is erasing the person it is about. */
export function isWritable(memory: LockedMemory, active: ReadonlyMap<string, number>): boolean {
  return memory.subject_id === null || active.get(memory.subject_id) === memory.epoch;
}

function check(
  memory: LockedMemory | undefined,
  memoryId: string,
  etag: string,
  active: ReadonlyMap<string, number>,
): void {
  if (!memory) throw memoryNotFound(memoryId);
  if (!isWritable(memory, active)) throw subjectFenced();
  if (etag !== "" && etag !== etagOf(memory)) {
    throw new MnemeError("aborted", "ETAG_MISMATCH", "the memory was changed meanwhile; read it again", {
      metadata: { memory_id: memoryId },
    });
  }
}

/** @returns the epochs of those who are not fenced. */
export async function lockPersonsOf(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: string; epoch: number; state: string }>({
    name: "lock_memory_subjects",
    text: `select id, epoch, state from subjects where tenant_id = $1 and id in
             (select subject_id from memories where tenant_id = $1 and id = any ($2::uuid[]))
           order by id for share`,
    values: [tenantId, memoryIds],
  });
  return new Map(rows.filter(({ state }) => state === "active").map(({ id, epoch }) => [id, epoch]));
}

export async function lockStreamsOf(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ stream_id: string }>({
    name: "streams_of_memories",
    text: "select distinct stream_id from memories where tenant_id = $1 and id = any ($2::uuid[])",
    values: [tenantId, memoryIds],
  });
  await lockStreams(
    client,
    rows.map(({ stream_id }) => stream_id),
  );
}
