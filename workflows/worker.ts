import { readConfig } from "./config.ts";
import { createLog } from "./log.ts";
import { run } from "./run.ts";

const config = readConfig();
const log = createLog(config.logLevel);
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

try {
  await run(config, log, stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    // A start reads settings, files and ports, nothing of anybody's: here the words may be said.
    const why = error instanceof Error ? error.message : undefined;
    log.fatal({ err: error, why }, "worker cannot run");
    // Temporal's runtime would keep the process.
    process.exit(1);
  }
}
