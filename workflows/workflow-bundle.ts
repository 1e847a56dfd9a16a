/** All workflows: the entry of the bundle that runs in Temporal's sandbox. */
export { ageing } from "./ageing/workflow.ts";
export { batch } from "./batch/workflow.ts";
export { canary } from "./canary/workflow.ts";
export { ingest } from "./ingest/workflow.ts";
export { maintenance } from "./maintenance/workflow.ts";
export { move } from "./move/workflow.ts";
export { reindex } from "./reindex/workflow.ts";
export { replay } from "./replay/workflow.ts";
