import type {
  CategoryCounts,
  Extraction,
  ExtractionState,
  SensitiveCounts,
} from "@mneme/core/extraction/extraction.ts";
import type { FailureReason } from "@mneme/core/extraction/failure-reason.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";

export interface ExtractionRow {
  id: string;
  state: ExtractionState;
  message_count: number;
  added: number;
  updated: number;
  superseded: number;
  unchanged: number;
  deleted: number;
  dropped: number;
  dropped_sensitive: SensitiveCounts;
  dropped_by_category: CategoryCounts;
  attempts: number;
  failure_reason: string | null;
  failed_at: Date | null;
  extractor: string | null;
  created_at: Date;
  extracted_at: Date | null;
  searchable_at: Date | null;
  held_until: Date | null;
  waits_for_batch: boolean;
  processing: Extraction["processing"];
  direct_reason: NonNullable<Extraction["directReason"]> | null;
  memory_ids: string[];
}

/** Of how many memories an extraction names the ids where it is read alone, and where it is one of many. */
const MEMORIES_OF_ONE = 10_000;
const MEMORIES_IN_LIST = 100;

/** Columns of `extractions e` that `toExtraction` reads of a single one. */
export const EXTRACTION_COLUMNS = columns(MEMORIES_OF_ONE);
/** The same of those in a list. */
export const LISTED_EXTRACTION_COLUMNS = columns(MEMORIES_IN_LIST);

/**
 * @param memories ids at most, the oldest first; they are read in the order of the primary key. What is still worked
 *   on names none: whoever waits for it looks every other second.
 */
function columns(memories: number): string {
  return `e.id, e.state, e.message_count, e.added, e.updated, e.superseded, e.unchanged, e.deleted, e.dropped,
    e.dropped_sensitive, e.dropped_by_category,
    e.attempts, e.failure_reason, e.failed_at, e.extractor, e.created_at, e.extracted_at, e.searchable_at,
    case when e.state in ('queued', 'running') then (select s.held_until from streams s
      where s.tenant_id = e.tenant_id and s.id = e.stream_id) end as held_until,
    exists (select from streams s where s.tenant_id = e.tenant_id and s.id = e.stream_id
      and s.batch_since is not null) as waits_for_batch, e.processing, e.direct_reason,
    case when e.state in ('queued', 'running') then '{}' else
      array(select em.memory_id from extraction_memories em
            where em.tenant_id = e.tenant_id and em.extraction_id = e.id
            order by em.memory_id limit ${memories}) end as memory_ids`;
}

/** @param scope in the application's own ids. */
export function toExtraction(row: ExtractionRow, scope: Scope): Extraction {
  return {
    id: row.id,
    state: row.state,
    scope,
    messageCount: row.message_count,
    counts: {
      added: row.added,
      updated: row.updated,
      superseded: row.superseded,
      unchanged: row.unchanged,
      deleted: row.deleted,
      dropped: row.dropped,
    },
    droppedSensitive: row.dropped_sensitive,
    droppedByCategory: row.dropped_by_category,
    memoryIds: row.memory_ids,
    attempts: row.attempts,
    failure:
      row.failure_reason && row.failed_at
        ? { reason: row.failure_reason as FailureReason, failedAt: row.failed_at }
        : undefined,
    waiting: row.held_until
      ? { reason: row.waits_for_batch ? "BATCH" : "BUDGET_EXCEEDED", until: row.held_until }
      : undefined,
    processing: row.processing,
    directReason: row.direct_reason ?? undefined,
    extractor: row.extractor ?? "",
    createdAt: row.created_at,
    extractedAt: row.extracted_at ?? undefined,
    searchableAt: row.searchable_at ?? undefined,
  };
}
