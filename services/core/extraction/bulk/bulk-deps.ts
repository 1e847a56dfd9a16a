import type { IngestDeps } from "../ingest-deps.ts";
import type { ReadableBatch } from "../read-stream.ts";
import type { BulkStore, ModelBatch } from "./bulk-store.ts";

/** What reads in batches. */
export interface BulkDeps {
  readonly ingest: IngestDeps;
  readonly batches: BulkStore;
}

/** Which batch it is. */
export interface BatchId {
  readonly tenantId: string;
  readonly batchId: string;
}

/** What holds now for a batch's project. */
export async function readingOf(
  { ingest }: BulkDeps,
  tenantId: string,
  { projectId }: Pick<ModelBatch, "projectId">,
): Promise<Omit<ReadableBatch, "batch">> {
  const settings = await ingest.settings.of(tenantId, projectId);
  const extractor = ingest.extractorFor?.(settings) ?? ingest.extractor;
  return { settings, extractor, reconciler: ingest.reconcilerFor?.(settings) };
}
