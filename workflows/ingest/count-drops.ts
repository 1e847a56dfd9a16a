import type { DropListener } from "@mneme/core/extraction/ingest-tally.ts";
import type { WorkerMetrics } from "../metrics.ts";

/** Counts what is not kept, by why. */
export function countDrops({
  sensitive,
  leftOut,
}: Pick<WorkerMetrics, "sensitive" | "leftOut">): Required<DropListener> {
  return {
    onSensitive: (kind) => sensitive.inc({ kind }),
    onLeftOut: (rule) => leftOut.inc({ rule }),
  };
}
