import type { BulkDeps } from "./bulk-deps.ts";
import { bulkReaderOf } from "./set-aside.ts";

/** When a batch is closed. */
export interface GatherLimits {
  /** Once somebody has waited for so long, in milliseconds. */
  readonly waitMs: number;
  /** Or so many people do; a batch takes no more of them. */
  readonly streams: number;
}

/** Projects of one look. */
const MOST_PROJECTS = 100;

/**
 * Makes batches of people who have waited long enough, over all tenants. Whose project wants none any more goes on at
 * once.
 *
 * @returns batches made.
 */
export async function gatherBatches(
  { ingest, batches }: BulkDeps,
  { waitMs, streams }: GatherLimits,
): Promise<number> {
  let made = 0;
  for (const project of await batches.listGathered(waitMs, streams, MOST_PROJECTS)) {
    const settings = await ingest.settings.of(project.tenantId, project.projectId);
    const reader = bulkReaderOf(settings, ingest.extractorFor?.(settings) ?? ingest.extractor);
    if (typeof reader === "string") await batches.releaseGathered(project, reader);
    else if (await batches.gather(project, streams)) made += 1;
  }
  return made;
}
