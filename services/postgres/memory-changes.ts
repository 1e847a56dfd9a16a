import { invalidField } from "@mneme/core/errors.ts";
import type { MemoryChange } from "@mneme/core/memory/memory-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { holdsTime } from "@mneme/core/search/time-words.ts";
import { isQuestion } from "@mneme/core/search/turn-features.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { TenantTransaction } from "./database.ts";
import { type LockedMemory, requireMemories } from "./locked-memories.ts";
import type { MemoryDetail } from "./memory-detail.ts";
import { wakeIngest } from "./wake-ingest.ts";

/** Who wrote a version by hand, as its provenance says. */
const BY_HAND = { extractor: "api", version: "1" } as const;

/** A version that a change made. */
export interface WrittenVersion {
  readonly memoryId: string;
  readonly version: number;
  readonly bucket: number;
  /** Once the index has caught up with it, it holds this version and knows that the one before it ended. */
  readonly revision: string;
}

/**
 * Writes a new version of every memory and closes the one before it at the same moment.
 *
 * @throws MnemeError as `requireMemories`, and FIELD_INVALID where validity would end before it begins.
 */
export async function writeChanges(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  changes: readonly MemoryChange[],
): Promise<WrittenVersion[]> {
  const locked = await requireMemories(transaction.client, tenancy, changes);
  const rows = await Promise.all(
    changes.map((change) => toRow(transaction, change, locked.get(change.memoryId) as LockedMemory)),
  );
  const written = await insertVersions(transaction, tenancy.tenantId, rows);
  await transaction.client.query({
    name: "change_memories",
    text: `update memories m set current_version = m.current_version + 1, expires_at = c.expires_at
           from unnest($2::uuid[], $3::timestamptz[]) as c (id, expires_at)
           where m.tenant_id = $1 and m.id = c.id`,
    values: [tenancy.tenantId, rows.map(({ memoryId }) => memoryId), rows.map(({ expiresAt }) => expiresAt)],
  });
  await wakeIngest(
    transaction.client,
    tenancy.tenantId,
    [...locked.values()].map(({ bucket }) => bucket),
  );
  return written;
}

type ChangedRow = Awaited<ReturnType<typeof toRow>>;

async function toRow(transaction: TenantTransaction, change: MemoryChange, memory: LockedMemory) {
  const { draft, fields } = change;
  const pick = <T>(field: keyof typeof draft, changed: T, kept: T): T => (fields.has(field) ? changed : kept);
  const validFrom = pick("validFrom", draft.validFrom ?? memory.valid_from, memory.valid_from);
  const validTo = pick("validTo", draft.validTo ?? null, memory.valid_to);
  if (validTo && validTo <= validFrom) {
    throw invalidField("memory.valid_to", "must be after valid_from");
  }
  return {
    memoryId: memory.id,
    kind: pick("kind", draft.kind, memory.kind),
    category: pick("category", draft.category, memory.category),
    origin: pick("origin", draft.origin, memory.origin),
    confidence: pick("confidence", draft.confidence, memory.confidence),
    importance: pick("importance", draft.importance, memory.importance),
    validFrom,
    validTo,
    expiresAt: pick("expiresAt", draft.expiresAt ?? null, memory.expires_at),
    ...(await sealText(transaction, change, memory)),
    detail: await sealDetail(transaction, change, memory),
  };
}

/** The columns that follow from the text; null keeps what the version before has. */
async function sealText(
  { content, mac, projectKeyId }: TenantTransaction,
  { draft, fields, embedding }: MemoryChange,
  memory: LockedMemory,
) {
  if (!fields.has("text")) {
    return { text: null, textMac: null, window: null, vector: null, model: null, question: null, time: null };
  }
  if (!embedding) throw new Error("a changed text comes with its embedding");
  const keyId = memory.key_id ?? projectKeyId;
  const [text, textMac, window, vector] = await Promise.all([
    content.sealText(keyId, "memory_versions.text", draft.text),
    mac("statement", normalizeStatement(draft.text)),
    // Written by hand it stands on its own: the turns around its old source don't say it.
    content.sealText(keyId, "memory_versions.window", draft.text),
    content.sealVector(keyId, "memory_versions.vector", embedding.vector),
  ]);
  return {
    text,
    textMac,
    window,
    vector,
    model: embedding.model,
    question: isQuestion(draft.text),
    time: holdsTime(draft.text),
  };
}

async function sealDetail(
  { content, projectKeyId }: TenantTransaction,
  { draft, fields }: MemoryChange,
  memory: LockedMemory,
): Promise<Buffer | null> {
  if (!fields.has("metadata")) return null;
  const detail = await content.openJson<MemoryDetail>("memory_versions.detail", memory.detail_ct);
  const changed: MemoryDetail = {
    metadata: draft.metadata,
    entities: detail?.entities ?? [],
    speaker: detail?.speaker ?? null,
  };
  return content.sealJson(memory.key_id ?? projectKeyId, "memory_versions.detail", changed);
}

/**
 * One statement, so that the old version ends in the very moment in which the new one begins. `v` is read
 * as it was before. The clock is read once all locks are held: record time never runs backwards.
 */
const INSERT = `
  with moment as materialized (select date_trunc('milliseconds', clock_timestamp()) as at),
  changed as (
    select * from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[],
      $8::text[], $9::boolean[], $10::boolean[], $11::text[], $12::text[], $13::text[], $14::real[],
      $15::real[], $16::timestamptz[], $17::timestamptz[])
      as c (memory_id, text_ct, text_mac, detail_ct, window_ct, vector_ct, embedding_model, is_question,
        has_time, kind, category, origin, confidence, importance, valid_from, valid_to)),
  closed as (
    update memory_versions o set recorded_to = moment.at, revision = nextval('index_revision')
    from moment where o.tenant_id = $1 and o.memory_id = any ($2) and o.recorded_to is null
    returning o.revision),
  written as (insert into memory_versions (tenant_id, memory_id, version, stream_id, bucket, text_ct, text_mac, detail_ct, window_ct,
    vector_ct, embedding_model, kind, category, origin, confidence, importance, role, is_question, has_time,
    said_at, valid_from, valid_to, recorded_from, outcome, extractor, extractor_version)
  select v.tenant_id, v.memory_id, v.version + 1, v.stream_id, v.bucket, coalesce(c.text_ct, v.text_ct),
    coalesce(c.text_mac, v.text_mac), coalesce(c.detail_ct, v.detail_ct), coalesce(c.window_ct, v.window_ct),
    coalesce(c.vector_ct, v.vector_ct), coalesce(c.embedding_model, v.embedding_model), c.kind, c.category,
    c.origin, c.confidence, c.importance, v.role, coalesce(c.is_question, v.is_question),
    coalesce(c.has_time, v.has_time), v.said_at, c.valid_from, c.valid_to, moment.at, 'update', $18, $19
  from changed c cross join moment
  join memory_versions v on v.tenant_id = $1 and v.memory_id = c.memory_id and v.recorded_to is null
  returning memory_id, version, bucket, revision)
  select memory_id, version, bucket, greatest(revision, (select max(revision) from closed)) as revision from written`;

async function insertVersions(
  { client }: TenantTransaction,
  tenantId: string,
  rows: readonly ChangedRow[],
): Promise<WrittenVersion[]> {
  const { rows: written } = await client.query<{
    memory_id: string;
    version: number;
    bucket: number;
    revision: string;
  }>({
    name: "insert_changed_versions",
    text: INSERT,
    values: [
      tenantId,
      rows.map((row) => row.memoryId),
      rows.map((row) => row.text),
      rows.map((row) => row.textMac),
      rows.map((row) => row.detail),
      rows.map((row) => row.window),
      rows.map((row) => row.vector),
      rows.map((row) => row.model),
      rows.map((row) => row.question),
      rows.map((row) => row.time),
      rows.map((row) => row.kind),
      rows.map((row) => row.category),
      rows.map((row) => row.origin),
      rows.map((row) => row.confidence),
      rows.map((row) => row.importance),
      rows.map((row) => row.validFrom),
      rows.map((row) => row.validTo),
      BY_HAND.extractor,
      BY_HAND.version,
    ],
  });
  return written.map(({ memory_id, ...version }) => ({ memoryId: memory_id, ...version }));
}
