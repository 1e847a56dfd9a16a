import type { CopiedPage, ReindexCursor } from "@mneme/core/search/reindex.ts";
import { Context } from "@temporalio/activity";
import type { WorkerMetrics } from "./metrics.ts";

/** Versions copied at once. */
export const PAGE_SIZE = 500;
/** An activity reports after this long: the workflow's history then shows how far it is. */
const STAY_MS = 30_000;

/** Counts and a cursor of ids. */
export interface CopyReport {
  readonly written: number;
  readonly refused: number;
  readonly embedded: number;
  /** Undefined when everything is copied. */
  readonly next?: ReindexCursor | undefined;
}

/**
 * Copies pages for a while, from where an earlier attempt of the activity came to.
 *
 * @param note what is kept with each heartbeat, for the next attempt.
 * @param copyPage copies the page that begins there.
 */
export async function copyForAWhile(
  metrics: Pick<WorkerMetrics, "reindexed">,
  begin: ReindexCursor | undefined,
  note: (total: CopyReport) => void,
  copyPage: (cursor: ReindexCursor | undefined) => Promise<CopiedPage>,
): Promise<CopyReport> {
  const resumed = Context.current().info.heartbeatDetails as CopyReport | undefined;
  let total = resumed ?? { written: 0, refused: 0, embedded: 0, next: begin };
  const start = performance.now();
  do {
    const page = await copyPage(total.next);
    metrics.reindexed.inc(page.written);
    total = {
      written: total.written + page.written,
      refused: total.refused + page.refused,
      embedded: total.embedded + page.embedded,
      next: page.next,
    };
    note(total);
  } while (total.next && performance.now() - start < STAY_MS);
  return total;
}
