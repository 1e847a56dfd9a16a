import { readConfig } from "./config.ts";
import { createContext } from "./context.ts";
import { createLogger, exitOnFault } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { watchReadiness } from "./readiness.ts";
import { productServices } from "./routes/register.ts";
import { startServer } from "./server.ts";

const config = readConfig(process.env);
const log = createLogger({ level: config.logLevel });
exitOnFault(log);
const metrics = createMetrics();
await using context = await createContext(config, log, metrics);
const readiness = await watchReadiness({ probes: context.probes });
const { authenticator, auditor, keySet, callLimits } = context;
const server = await startServer({
  config,
  authenticator,
  auditor,
  keySet,
  callLimits,
  services: productServices(context.deps),
  readiness,
  log,
  metrics,
});
log.info({ port: server.port, tlsPort: server.tlsPort, metricsPort: server.metricsPort }, "api serves");

const signal = await new Promise<string>((resolve) => {
  for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, resolve);
});
log.info({ signal }, "api drains");
await server.stop();
