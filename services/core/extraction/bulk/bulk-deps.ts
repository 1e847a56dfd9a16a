import type { IngestDeps } from "../ingest-deps.ts";
import type { ReadableBatch } from "../read-stream.ts";
import type { BulkServer } from "./bulk-reader.ts";
import type { BulkStore, ModelBatch } from "./bulk-store.ts";

/** What reads in batches. */
export interface BulkDeps {
  readonly ingest: IngestDeps;
  readonly batches: BulkStore;
  /** The deployment's, whichever projects are read by it; undefined where it has none. */
  readonly server: BulkServer | undefined;
}

/** Which batch it is. */
export interface BatchId {
  readonly tenantId: string;
  readonly batchId: string;
}

/** Where a batch was sent; undefined where that is no server of this deployment any more. */
export function serverOf(
  { server }: Pick<BulkDeps, "server">,
  batch: Pick<ModelBatch, "server">,
): BulkServer | undefined {
  return batch.server === undefined || batch.server === server?.name ? server : undefined;
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
