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
    log.fatal({ err: error }, "worker cannot run");
    process.exitCode = 1;
  }
}
