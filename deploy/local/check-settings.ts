import { readConfig as readApiConfig } from "@mneme/api/config.ts";
import { ConfigError } from "@mneme/core/settings.ts";
import { readConfig as readWorkerConfig } from "@mneme/workflows/config.ts";
import { type LocalConfig, readConfig } from "./config.ts";
import { portClashes } from "./port-clashes.ts";
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
 * Reads the settings of the stack, and those that api and worker will be started with as they will, before anything is
 * started for them.
 * @throws ConfigError with what is wrong with any of them.
 */
export function readAllSettings(): LocalConfig {
  const stack = tryRead(readConfig);
  const faults = [
    ...stack.faults,
    ...portClashes(process.env),
    ...tryRead(() => readApiConfig(apiEnvironment(LATER, "127.0.0.1", 0, 0))).faults,
    ...tryRead(() => readWorkerConfig(workerEnvironment(LATER, 0))).faults,
  ];
  if (stack.value === undefined || faults.length > 0) throw new ConfigError([...new Set(faults)]);
  return stack.value;
}

function tryRead<T>(read: () => T): { readonly value?: T; readonly faults: readonly string[] } {
  try {
    return { value: read(), faults: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults };
    throw error;
  }
}
