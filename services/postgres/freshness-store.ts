import type { Freshness, FreshnessStore } from "@mneme/core/freshness/freshness.ts";
import type { Database } from "./database.ts";
import { type Query, readTogether } from "./read-together.ts";

/** Asks the record what the index has caught up with. */
export function createFreshnessStore(database: Pick<Database, "pool">): FreshnessStore {
  return {
    async isSearchable({ tenantId, reach }, freshness, signal) {
      // A user's token waits for nothing of others, and so learns nothing of how far that is.
      const fence = { tenantId, subjectId: reach?.subject?.id };
      const [rows] = await readTogether(database.pool, fence, [lacking(tenantId, freshness)], signal);
      return rows.length === 0;
    },
  };
}

/** Gives a row while something is not searchable. */
function lacking(tenantId: string, freshness: Freshness): Query<object> {
  switch (freshness.type) {
    case "extraction":
      return extractionsQuery(tenantId, freshness.extractionIds);
    case "extraction_range":
      return extractionRangeQuery(tenantId, freshness.firstId, freshness.lastId);
    case "revision":
      return revisionQuery(tenantId, freshness);
  }
}

/** An extraction that is not there any more has nothing to wait for. */
function extractionsQuery(tenantId: string, extractionIds: readonly string[]): Query<object> {
  return {
    name: "unsettled_extractions",
    text: `select from extractions where tenant_id = $1 and id = any ($2::uuid[])
             and state not in ('searchable', 'failed', 'dropped') limit 1`,
    values: [tenantId, extractionIds],
  };
}

function extractionRangeQuery(tenantId: string, firstId: string, lastId: string): Query<object> {
  return {
    name: "unsettled_extraction_range",
    text: `select from extractions where tenant_id = $1 and id between $2 and $3
             and state not in ('searchable', 'failed', 'dropped') limit 1`,
    values: [tenantId, firstId, lastId],
  };
}

/**
 * What an unindexed version was written with may be lower than its revision now: another change may have
 * touched it before the index saw it. A version that was never indexed and has ended already is one.
 */
function revisionQuery(
  tenantId: string,
  { revision, buckets }: Extract<Freshness, { type: "revision" }>,
): Query<object> {
  return {
    name: "unindexed_revision",
    text: `(select from memory_versions where tenant_id = $1 and bucket = any ($3::smallint[])
              and indexed_revision < revision
              and (revision <= $2 or (indexed_revision = 0 and recorded_to is not null)) limit 1)
           union all
           (select from index_removals where tenant_id = $1 and bucket = any ($3::smallint[])
              and revision <= $2 limit 1)`,
    values: [tenantId, String(revision), buckets],
  };
}
