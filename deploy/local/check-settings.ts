import { readConfig as readApiConfig } from "@mneme/api/config.ts";
import { ConfigError } from "@mneme/core/settings.ts";
import { readConfig as readWorkerConfig } from "@mneme/workflows/config.ts";
import { type ExternalEngines, type LocalConfig, readConfig, readExternal } from "./config.ts";
import { portClashes } from "./port-clashes.ts";
import { apiEnvironment, type Surroundings, workerEnvironment } from "./process-environment.ts";

/** Stands for what the stack will give the processes by itself, which only the running engines tell. */
const LATER: Surroundings = {
  databaseUrls: {
    // The stack's own PostgreSQL serves no TLS.
    app: "postgresql://later/record?sslmode=disable",
    relay: "postgresql://later/record?sslmode=disable",
    keys: "postgresql://later/keys?sslmode=disable",
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
  const around = { ...LATER, ...placesOf(tryRead(readExternal).value) };
  const faults = [
    ...stack.faults,
    ...portClashes(process.env),
    ...tryRead(() => readApiConfig(apiEnvironment(around, "127.0.0.1", 0, 0))).faults,
    ...tryRead(() => readWorkerConfig(workerEnvironment(around, 0))).faults,
  ];
  if (stack.value === undefined || faults.length > 0) throw new ConfigError([...new Set(faults)]);
  return stack.value;
}

/** What is known already of engines that run elsewhere. */
function placesOf({
  postgresUrl: url,
  opensearchUrl,
  temporalAddress,
}: ExternalEngines = {}): Partial<Surroundings> {
  return {
    ...(url !== undefined && { databaseUrls: { app: url, relay: url, keys: url } }),
    ...(opensearchUrl !== undefined && { opensearchUrl }),
    ...(temporalAddress !== undefined && { temporalAddress }),
  };
}

function tryRead<T>(read: () => T): { readonly value?: T; readonly faults: readonly string[] } {
  try {
    return { value: read(), faults: [] };
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults };
    throw error;
  }
}
