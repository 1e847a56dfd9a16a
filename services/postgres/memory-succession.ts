import type { ExtractorVersion } from "@mneme/core/extraction/extractor.ts";
import type { MemoryKind, MemoryOrigin } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { moveRelations } from "./relation-writes.ts";

/** A memory's next version: what it says otherwise than the current one. What is not given stays. */
export interface NextVersion {
  readonly memoryId: string;
  readonly outcome: "update" | "supersede";
  readonly extractor: ExtractorVersion;
  readonly extractionId: string | undefined;
  /** Absent of a change by hand. */
  readonly rule?: string | undefined;
  /** Always given: undefined while it holds. Before the beginning it is the beginning. */
  readonly validTo: Date | undefined;
  readonly validFrom?: Date | undefined;
  readonly kind?: MemoryKind | undefined;
  readonly category?: string | undefined;
  readonly origin?: MemoryOrigin | undefined;
  readonly confidence?: number | undefined;
  readonly importance?: number | undefined;
  readonly words?: SealedWords | undefined;
  readonly detail?: Buffer | undefined;
}

/** A text with everything that follows from it, sealed. */
export interface SealedWords {
  readonly text: Buffer;
  readonly textMac: Buffer;
  readonly window: Buffer;
  readonly vector: Buffer;
  readonly model: string;
  readonly isQuestion: boolean;
  readonly hasTime: boolean;
}

/** A memory's version and where it is worked. */
export interface WrittenVersion {
  readonly memoryId: string;
  readonly version: number;
  readonly bucket: number;
  /** Once the index has caught up with it, it holds this version and knows that the one before it ended. */
  readonly revision: string;
}

/**
 * Ends the current version of each memory and writes the next one at the same moment.
 *
 * @param next each memory once.
 * @param moment record time, as PostgreSQL prints it, read once all locks are held.
 */
export async function writeNextVersions(
  client: pg.PoolClient,
  tenantId: string,
  next: readonly NextVersion[],
  moment: string,
): Promise<WrittenVersion[]> {
  if (next.length === 0) return [];
  const column = <T>(pick: (version: NextVersion) => T | undefined) => next.map((one) => pick(one) ?? null);
  const { rows } = await client.query<Omit<WrittenVersion, "memoryId"> & { memory_id: string }>({
    name: "write_next_versions",
    text: NEXT_VERSIONS,
    values: [
      tenantId,
      moment,
      column(({ memoryId }) => memoryId),
      column(({ words }) => words?.text),
      column(({ words }) => words?.textMac),
      column(({ words }) => words?.window),
      column(({ words }) => words?.vector),
      column(({ words }) => words?.model),
      column(({ words }) => words?.isQuestion),
      column(({ words }) => words?.hasTime),
      column(({ detail }) => detail),
      column(({ kind }) => kind),
      column(({ category }) => category),
      column(({ origin }) => origin),
      column(({ confidence }) => confidence),
      column(({ importance }) => importance),
      column(({ validFrom }) => validFrom),
      column(({ validTo }) => validTo),
      column(({ outcome }) => outcome),
      column(({ extractor }) => extractor.name),
      column(({ extractor }) => extractor.version),
      column(({ extractionId }) => extractionId),
      column(({ rule }) => rule),
    ],
  });
  await countVersions(
    client,
    tenantId,
    column(({ memoryId }) => memoryId),
  );
  return rows.map(({ memory_id, ...version }) => ({ memoryId: memory_id, ...version }));
}

/** Versions may be marked as indexed at this moment: both take them in one order. */
const NEXT_VERSIONS = `
  with next as (
    select * from unnest($3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[],
      $9::boolean[], $10::boolean[], $11::bytea[], $12::text[], $13::text[], $14::text[], $15::real[],
      $16::real[], $17::timestamptz[], $18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::uuid[],
      $23::text[])
      as n (memory_id, text_ct, text_mac, window_ct, vector_ct, embedding_model, is_question, has_time,
        detail_ct, kind, category, origin, confidence, importance, valid_from, valid_to, outcome, extractor,
        extractor_version, extraction_id, rule)),
  held as (
    select memory_id, version from memory_versions
    where tenant_id = $1 and memory_id = any ($3) and recorded_to is null
    order by memory_id, version for no key update),
  closed as (
    update memory_versions v set recorded_to = $2::timestamptz, revision = nextval('index_revision')
    from held h where v.tenant_id = $1 and v.memory_id = h.memory_id and v.version = h.version
    returning v.*),
  written as (
    insert into memory_versions (tenant_id, memory_id, version, stream_id, bucket, text_ct, text_mac,
      window_ct, vector_ct, embedding_model, is_question, has_time, detail_ct, kind, category, origin,
      confidence, importance, role, said_at, valid_from, valid_to, recorded_from, outcome, extractor,
      extractor_version, extraction_id, rule)
    select v.tenant_id, v.memory_id, v.version + 1, v.stream_id, v.bucket, coalesce(n.text_ct, v.text_ct),
      coalesce(n.text_mac, v.text_mac), coalesce(n.window_ct, v.window_ct),
      coalesce(n.vector_ct, v.vector_ct), coalesce(n.embedding_model, v.embedding_model),
      coalesce(n.is_question, v.is_question), coalesce(n.has_time, v.has_time),
      coalesce(n.detail_ct, v.detail_ct), coalesce(n.kind, v.kind), coalesce(n.category, v.category),
      coalesce(n.origin, v.origin), coalesce(n.confidence, v.confidence),
      coalesce(n.importance, v.importance), v.role, v.said_at, coalesce(n.valid_from, v.valid_from),
      case when n.valid_to is not null
        then greatest(n.valid_to, coalesce(n.valid_from, v.valid_from)) end,
      $2::timestamptz, n.outcome, n.extractor, n.extractor_version, n.extraction_id, n.rule
    from closed v join next n on n.memory_id = v.memory_id
    returning memory_id, version, bucket, revision)
  select memory_id, version, bucket, greatest(revision, (select max(revision) from closed)) as revision
  from written`;

/** @param memoryIds one of each new version. */
async function countVersions(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly (string | null)[],
): Promise<void> {
  await client.query(
    `update memories m set current_version = m.current_version + n.versions
     from (select id, count(*)::integer as versions from unnest($2::uuid[]) as u (id) group by id) n
     where m.tenant_id = $1 and m.id = n.id`,
    [tenantId, memoryIds],
  );
}

/** Closes the current versions of memories, before new ones are written whole. */
export async function closeVersions(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
  moment: string,
): Promise<void> {
  if (memoryIds.length === 0) return;
  await client.query(
    `update memory_versions set recorded_to = $3::timestamptz, revision = nextval('index_revision')
     where tenant_id = $1 and memory_id = any ($2::uuid[]) and recorded_to is null`,
    [tenantId, memoryIds, moment],
  );
  await countVersions(client, tenantId, memoryIds);
}

/** A memory that is no longer so. */
export interface Ended {
  readonly memoryId: string;
  /** What replaced it. */
  readonly by: string;
  /** Since when it is no longer so. */
  readonly at: Date;
  readonly extractor: ExtractorVersion;
  readonly extractionId: string;
  readonly rule: string;
}

/**
 * Ends the validity of what is no longer so and points to what replaced it. The end is a version of its own:
 * what was known before this moment did not know of it. Of two ends at one moment the first counts; what ended before is in no decision.
 */
export async function endValidity(
  client: pg.PoolClient,
  tenantId: string,
  all: readonly Ended[],
  moment: string,
): Promise<void> {
  const ended = [...Map.groupBy(all, ({ memoryId }) => memoryId).values()].flatMap(([first]) => first ?? []);
  if (ended.length === 0) return;
  const ids = ended.map(({ memoryId }) => memoryId);
  const next = ended.map(({ memoryId, at, extractor, extractionId, rule }) => {
    return { memoryId, outcome: "supersede", validTo: at, extractor, extractionId, rule } as const;
  });
  await writeNextVersions(client, tenantId, next, moment);
  await client.query(
    `update memories m set state = 'superseded', replaced_by = n.by
     from unnest($2::uuid[], $3::uuid[]) as n (id, by) where m.tenant_id = $1 and m.id = n.id`,
    [tenantId, ids, ended.map(({ by }) => by)],
  );
  await moveRelations(client, tenantId, ids, moment);
}
