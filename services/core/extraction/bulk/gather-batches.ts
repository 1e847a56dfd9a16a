import type { BulkDeps } from "./bulk-deps.ts";
import type { GatheredProject } from "./bulk-store.ts";
import { bulkReaderOf } from "./set-aside.ts";

/** When a batch is closed. */
export interface GatherLimits {
  /** Once somebody has waited for so long, in milliseconds. */
  readonly waitMs: number;
  /** Or so many people do; a batch takes no more of them. */
  readonly streams: number;
}

export interface GatherOptions extends GatherLimits {
  /** Told of each project that failed; the others are gathered all the same. */
  readonly onFailure?: (project: GatheredProject, error: unknown) => void;
}

/** Projects of one look. */
const MOST_PROJECTS = 100;
/** People who are let go on in one look: of a project, and of those who have waited for too long. */
const MOST_RELEASED = 500;

/**
 * Makes batches of people who have waited long enough, over all tenants. Whose project wants none any more goes on, and who
 * has waited for longer than anybody may, whatever became of their batch.
 *
 * @returns batches made.
 */
export async function gatherBatches(
  deps: BulkDeps,
  { onFailure, ...limits }: GatherOptions,
): Promise<number> {
  const { batches } = deps;
  const alone = async (project: GatheredProject, work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => onFailure?.(project, error));
  };
  for (const overdue of await batches.listOverdue(MOST_RELEASED)) {
    const { tenantId, batchId, streamIds } = overdue;
    await alone(overdue, () => batches.release(tenantId, batchId, streamIds, "unanswered"));
  }
  let made = 0;
  for (const project of await batches.listGathered(limits.waitMs, limits.streams, MOST_PROJECTS)) {
    await alone(project, async () => {
      if (await gatherProject(deps, project, limits)) made += 1;
    });
  }
  return made;
}

/** @returns whether a batch was made. */
async function gatherProject(
  { ingest, batches }: BulkDeps,
  project: GatheredProject,
  { streams }: GatherLimits,
): Promise<boolean> {
  const settings = await ingest.settings.of(project.tenantId, project.projectId);
  const reader = bulkReaderOf(settings, ingest.extractorFor?.(settings) ?? ingest.extractor);
  if (typeof reader !== "string") return batches.gather(project, streams);
  await batches.releaseGathered(project, reader, MOST_RELEASED);
  return false;
}
