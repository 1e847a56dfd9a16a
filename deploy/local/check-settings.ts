import { readConfig as readApiConfig } from "@mneme/api/config.ts";
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
 * @throws Error with what each of them says of its own.
 */
export function checkSettings(): void {
  const complaints = [
    complaintOf(() => readApiConfig(apiEnvironment(LATER, "127.0.0.1", 0, 0))),
    complaintOf(() => readWorkerConfig(workerEnvironment(LATER, 0))),
  ];
  const said = complaints.filter((complaint) => complaint !== undefined);
  if (said.length > 0) throw new Error(said.join("\n"));
}

function complaintOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
