import type { Scenarios } from "./scenario.ts";
import { ageingScenarios } from "./scenarios/ageing.ts";
import { batchScenarios } from "./scenarios/batch.ts";
import { canaryScenarios } from "./scenarios/canary.ts";
import { ingestScenarios } from "./scenarios/ingest.ts";
import { maintenanceScenarios } from "./scenarios/maintenance.ts";
import { moveScenarios } from "./scenarios/move.ts";
import { reindexScenarios } from "./scenarios/reindex.ts";
import { replayScenarios } from "./scenarios/replay.ts";

/** Together they pass every branch of the workflows. */
export const SCENARIOS: Scenarios = {
  ...ingestScenarios,
  ...maintenanceScenarios,
  ...ageingScenarios,
  ...canaryScenarios,
  ...reindexScenarios,
  ...moveScenarios,
  ...batchScenarios,
  ...replayScenarios,
};
