import { readConfig as readApiConfig } from "@mneme/api/config.ts";
import { ConfigError } from "@mneme/core/settings.ts";
import { readConfig as readWorkerConfig } from "@mneme/workflows/config.ts";
import { apiEnvironment, type Surroundings, workerEnvironment } from "./process-environment.ts";

/** Stands for what the stack will give the processes by itself, which only the running engines tell. */
const LATER: Surroundings = {
  databaseUrls: {
    app: "postgresql://later/record",
    relay: "postgresql://later/record",
    keys: "postgresql://later/keys",
  },
  masterKeyFile: "later",
  opensearchUrl: "http://later",
  temporalAddress: "later:7233",
  temporalNamespace: "later",
  modelDir: "later",
};

/**
 * Reads the settings that api and worker will be started with as they will, before anything is started for them.
 * @throws ConfigError with what both of them say.
 */
export function checkSettings(): void {
  const faults = [
    ...faultsOf(() => readApiConfig(apiEnvironment(LATER, "127.0.0.1", 0, 0))),
    ...faultsOf(() => readWorkerConfig(workerEnvironment(LATER, 0))),
  ];
  if (faults.length > 0) throw new ConfigError([...new Set(faults)]);
}

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
