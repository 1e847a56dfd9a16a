import { type ApiConfig, readConfig } from "@mneme/api/config.ts";
import { createContext } from "@mneme/api/context.ts";
import { createLogger, exitOnFault } from "@mneme/api/log.ts";
import { createMetrics } from "@mneme/api/metrics.ts";
import { watchReadiness } from "@mneme/api/readiness.ts";
import { productServices } from "@mneme/api/routes/register.ts";
import { startServer } from "@mneme/api/server.ts";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import type { SearchStore } from "@mneme/core/search/search-store.ts";
import type { Authenticator, Known } from "@mneme/core/tenancy/authenticator.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { plainCipher } from "./plain-cipher.ts";

/**
 * The api as `main.ts` starts it, without the guards that are named as arguments. Without audit it is another module's
 * doing: `without-audit.ts`.
 */
const off = new Set(process.argv.slice(2));
const config = readConfig(process.env);
const log = createLogger({ level: config.logLevel });
exitOnFault(log);
await using context = await createContext(config, log, createMetrics());
const readiness = await watchReadiness({ probes: context.probes });
const { auditor, keySet, callLimits, deps } = context;
const server = await startServer({
  config,
  authenticator: off.has("authentication") ? trustAnybody(context.authenticator) : context.authenticator,
  auditor,
  keySet,
  ...(!off.has("limits") && { callLimits }),
  services: productServices(off.has("encryption") ? { ...deps, search: plainSearch(config) } : deps),
  readiness,
  log,
});
await new Promise((resolve) => process.once("SIGTERM", resolve));
await server.stop();

/** Who calls first is whoever calls later, for good. */
function trustAnybody(authenticator: Authenticator): Authenticator {
  let known: Known | undefined;
  return {
    async authenticate(credentials) {
      known ??= await authenticator.authenticate(credentials);
      return known;
    },
  };
}

/** Searches of a tenant whose content was never sealed. */
function plainSearch({ databaseUrl, databaseTls }: ApiConfig): SearchStore {
  const refuse = () => Promise.reject(new Error("there are no keys without encryption"));
  const keys: KeyStore = { admit: async () => {}, create: refuse, get: refuse, destroy: refuse };
  const pool = createPool({ url: databaseUrl, tls: databaseTls, max: 24, applicationName: "mneme api" });
  return createSearchStore({ pool, cipher: plainCipher, keys });
}
