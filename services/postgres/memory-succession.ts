import type { ExtractorVersion } from "@mneme/core/extraction/extractor.ts";
import type pg from "pg";

/** A memory that is no longer so. */
export interface Ended {
  readonly memoryId: string;
  /** What replaced it. */
  readonly by: string;
  /** Since when it is no longer so. */
  readonly at: Date;
  readonly extractor: ExtractorVersion;
  readonly extractionId: string;
}

/** Closes the current versions of memories, before new ones are written. */
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
  await client.query(
    `update memories m set current_version = m.current_version + n.versions
     from (select id, count(*)::integer as versions from unnest($2::uuid[]) as u (id) group by id) n
     where m.tenant_id = $1 and m.id = n.id`,
    [tenantId, memoryIds],
  );
}

/**
 * Ends the validity of what is no longer so and points to what replaced it. The end is a version of its own:
 * what was known before this moment did not know of it. Of two ends of one memory the first counts.
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
  const ends = ended.map(({ at }) => at);
  await client.query(END_VERSIONS, [
    tenantId,
    ids,
    ends,
    moment,
    ended.map(({ extractor }) => extractor.name),
    ended.map(({ extractor }) => extractor.version),
    ended.map(({ extractionId }) => extractionId),
  ]);
  await client.query(
    `update memories m set state = 'superseded', replaced_by = n.by, current_version = m.current_version + 1
     from unnest($2::uuid[], $3::uuid[]) as n (id, by) where m.tenant_id = $1 and m.id = n.id`,
    [tenantId, ids, ended.map(({ by }) => by)],
  );
  await client.query(END_RELATIONS, [tenantId, ids, ends, moment]);
}

const END_VERSIONS = `
  with closed as (
    update memory_versions v set recorded_to = $4::timestamptz, revision = nextval('index_revision')
    from unnest($2::uuid[], $3::timestamptz[], $5::text[], $6::text[], $7::uuid[])
      as n (id, at, extractor, extractor_version, extraction_id)
    where v.tenant_id = $1 and v.memory_id = n.id and v.recorded_to is null
    returning v.*, n.at as ends, n.extractor as by_extractor, n.extractor_version as by_version,
      n.extraction_id as by_extraction)
  insert into memory_versions (tenant_id, memory_id, version, stream_id, bucket, text_ct, text_mac, detail_ct, window_ct,
    vector_ct, embedding_model, kind, category, origin, confidence, importance, role, is_question, has_time,
    said_at, valid_from, valid_to, recorded_from, outcome, extractor, extractor_version, extraction_id)
  select tenant_id, memory_id, version + 1, stream_id, bucket, text_ct, text_mac, detail_ct, window_ct, vector_ct,
    embedding_model, kind, category, origin, confidence, importance, role, is_question, has_time, said_at,
    valid_from, greatest(ends, valid_from), $4::timestamptz, 'supersede', by_extractor, by_version,
    by_extraction
  from closed`;

const END_RELATIONS = `
  with closed as (
    update relations r set recorded_to = $4::timestamptz
    from unnest($2::uuid[], $3::timestamptz[]) as n (id, at)
    where r.tenant_id = $1 and r.memory_id = n.id and r.recorded_to is null and r.valid_to is null
    returning r.*, n.at as ends)
  insert into relations (tenant_id, id, source_entity_id, type, target_entity_id, memory_id, valid_from,
    valid_to, recorded_from)
  select tenant_id, gen_random_uuid(), source_entity_id, type, target_entity_id, memory_id, valid_from,
    greatest(ends, valid_from), $4::timestamptz
  from closed`;
