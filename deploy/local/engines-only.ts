import { readConfig } from "./config.ts";
import { startEngines } from "./engines.ts";
import { describeDeath } from "./supervise.ts";

/** Starts the engines alone and keeps them running until it is told to stop. */
const config = readConfig();
const engines = await startEngines({
  dataDir: config.dataDir,
  cacheDir: config.cacheDir,
  ports: config.ports,
  external: config.external,
  temporalNamespace: config.temporalNamespace,
  log: (line) => console.log(line),
});
console.log(`PostgreSQL ${engines.postgres.url}`);
console.log(`OpenSearch ${engines.opensearch.url}`);
console.log(`Temporal   ${engines.temporal.address} (UI ${engines.temporal.uiUrl})`);

const ended = await new Promise<string>((resolve) => {
  engines.supervisor.onDeath((death) => resolve(describeDeath(death)));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(""));
});
if (ended !== "") console.error(ended);
await engines[Symbol.asyncDispose]();
process.exit(ended === "" ? 0 : 1);
