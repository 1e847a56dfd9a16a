import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import type { TestRecord } from "@mneme/postgres/testing/record.ts";

/** Works and indexes what waits of a tenant, without a workflow. */
export async function workTenant(record: TestRecord, deps: IngestDeps, tenantId: string): Promise<void> {
  const { rows } = await record.admin.query<{ bucket: number }>(
    "select distinct bucket from mneme.streams where tenant_id = $1",
    [tenantId],
  );
  for (const { bucket } of rows) {
    const target = { tenantId, bucket };
    while ((await ingestBatch(deps, target, { limit: 128, exclude: [] })).more);
    while ((await indexPending(deps, target, 512)).more);
  }
}
