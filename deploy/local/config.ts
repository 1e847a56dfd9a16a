import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheDir } from "./cache.ts";

/** The checkout that this stack runs from. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A port of the stack, the variable that sets it, and what it is. */
export interface PortSetting {
  readonly variable: string;
  readonly usual: number;
  readonly what: string;
}

export const PORTS = {
  api: { variable: "MNEME_API_PORT", usual: 7400, what: "API" },
  metrics: { variable: "MNEME_METRICS_PORT", usual: 7401, what: "api's metrics" },
  workerMetrics: { variable: "MNEME_WORKER_METRICS_PORT", usual: 7402, what: "worker's metrics" },
  postgres: { variable: "MNEME_POSTGRES_PORT", usual: 7403, what: "PostgreSQL" },
  opensearch: { variable: "MNEME_OPENSEARCH_PORT", usual: 7404, what: "OpenSearch" },
  temporal: { variable: "MNEME_TEMPORAL_PORT", usual: 7405, what: "Temporal" },
  temporalUi: { variable: "MNEME_TEMPORAL_UI_PORT", usual: 7406, what: "Temporal's UI" },
  temporalMetrics: { variable: "MNEME_TEMPORAL_METRICS_PORT", usual: 7407, what: "Temporal's metrics" },
} as const satisfies Record<string, PortSetting>;

export type PortName = keyof typeof PORTS;
export type Ports = Readonly<Record<PortName, number>>;

/** Engines that run elsewhere and are used instead of own ones. */
export interface ExternalEngines {
  /** URL of a superuser, or a role that may create roles and databases. */
  readonly postgresUrl?: string;
  readonly opensearchUrl?: string;
  /** `host:port` of Temporal's frontend. */
  readonly temporalAddress?: string;
}

export interface LocalConfig {
  /** Everything the stack keeps: data, logs, secrets. */
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly ports: Ports;
  readonly external: ExternalEngines;
  readonly temporalNamespace: string;
}

/**
 * Reads the stack's settings from the environment.
 * @throws Error naming the variable whose value is no port.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): LocalConfig {
  const ports = Object.fromEntries(
    Object.entries(PORTS).map(([name, setting]) => [name, readPort(env, setting)]),
  ) as Record<PortName, number>;
  return {
    dataDir: resolve(env.MNEME_DATA_DIR || join(ROOT, ".mneme")),
    cacheDir: resolve(cacheDir(env)),
    ports,
    external: readExternal(env),
    temporalNamespace: env.MNEME_TEMPORAL_NAMESPACE || "mneme",
  };
}

/** The engines that the environment says run elsewhere. */
export function readExternal(env: NodeJS.ProcessEnv = process.env): ExternalEngines {
  const postgresUrl = env.MNEME_POSTGRES_URL;
  const opensearchUrl = env.MNEME_OPENSEARCH_URL;
  const temporalAddress = env.MNEME_TEMPORAL_ADDRESS;
  return {
    ...(postgresUrl ? { postgresUrl } : {}),
    ...(opensearchUrl ? { opensearchUrl } : {}),
    ...(temporalAddress ? { temporalAddress } : {}),
  };
}

function readPort(env: NodeJS.ProcessEnv, setting: PortSetting): number {
  const text = env[setting.variable];
  if (text === undefined || text === "") return setting.usual;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`${setting.variable} must be a port (0 to 65535, 0 picks a free one).`);
}
