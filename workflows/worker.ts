import { ConfigError } from "@mneme/core/settings.ts";
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
    const why = isOfStart(error) ? error.message : undefined;
    log.fatal({ err: error, why }, "worker cannot run");
    // Temporal's runtime would keep the process.
    process.exit(1);
  }
}

/** Of settings, files and ports, whose words hold nothing of anybody's. */
function isOfStart(error: unknown): error is Error {
  return error instanceof ConfigError || (error instanceof Error && "syscall" in error);
}
