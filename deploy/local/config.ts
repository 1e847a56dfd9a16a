import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { databaseTls, ENGINE_SETTINGS, engineNeeds, opensearchAccess } from "@mneme/core/engine-settings.ts";
import { type EngineTls, engineTls, tlsSettings } from "@mneme/core/engine-tls.ts";
import { hostPort, httpUrl, parseSettings, port, postgresUrl, text } from "@mneme/core/settings.ts";
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
  readonly databaseTls?: EngineTls;
  readonly opensearchUrl?: string;
  readonly opensearchTls?: EngineTls;
  readonly opensearchAuth?: { readonly username: string; readonly password: string };
  /** `host:port` of Temporal's frontend. */
  readonly temporalAddress?: string;
  readonly temporalTls?: EngineTls;
  readonly temporalApiKey?: string;
}

export interface LocalConfig {
  /** Everything the stack keeps: data, logs, secrets. */
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly ports: Ports;
  readonly external: ExternalEngines;
  readonly temporalNamespace: string;
}

const EXTERNAL = {
  ...ENGINE_SETTINGS,
  ...tlsSettings("MNEME_TEMPORAL"),
  MNEME_TEMPORAL_API_KEY: text.optional(),
  MNEME_POSTGRES_URL: postgresUrl.optional(),
  MNEME_OPENSEARCH_URL: httpUrl.optional(),
  MNEME_TEMPORAL_ADDRESS: hostPort.optional(),
};

const SETTINGS = {
  ...EXTERNAL,
  ...(Object.fromEntries(
    Object.values(PORTS).map(({ variable, usual }) => [variable, port.default(usual)]),
  ) as Record<(typeof PORTS)[PortName]["variable"], ReturnType<typeof port.default>>),
};

/**
 * Reads the stack's settings from the environment.
 * @throws ConfigError naming every port and address that cannot be used.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): LocalConfig {
  const value = parseSettings(SETTINGS, env, engineNeeds(env));
  const ports = Object.fromEntries(
    Object.entries(PORTS).map(([name, { variable }]) => [name, value[variable]]),
  ) as Record<PortName, number>;
  return {
    dataDir: resolve(env.MNEME_DATA_DIR || join(ROOT, ".mneme")),
    cacheDir: resolve(cacheDir(env)),
    ports,
    external: externalOf(value),
    temporalNamespace: env.MNEME_TEMPORAL_NAMESPACE || "mneme",
  };
}

/**
 * The engines that the environment says run elsewhere.
 * @throws ConfigError naming every address that cannot be used.
 */
export function readExternal(env: NodeJS.ProcessEnv = process.env): ExternalEngines {
  return externalOf(parseSettings(EXTERNAL, env, engineNeeds(env)));
}

function externalOf(value: ReturnType<typeof parseSettings<typeof EXTERNAL>>): ExternalEngines {
  const { MNEME_POSTGRES_URL: postgresUrl } = value;
  const { MNEME_OPENSEARCH_URL: opensearchUrl, MNEME_TEMPORAL_ADDRESS: temporalAddress } = value;
  const tls = postgresUrl === undefined ? undefined : databaseTls(value, [postgresUrl]);
  return {
    ...(postgresUrl ? { postgresUrl } : {}),
    ...(tls && { databaseTls: tls }),
    ...(opensearchUrl ? { opensearchUrl, ...opensearchAccess(value, opensearchUrl) } : {}),
    ...(temporalAddress ? { temporalAddress, ...temporalAccess(value) } : {}),
  };
}

function temporalAccess(
  value: ReturnType<typeof parseSettings<typeof EXTERNAL>>,
): Pick<ExternalEngines, "temporalTls" | "temporalApiKey"> {
  const { MNEME_TEMPORAL_API_KEY: apiKey } = value;
  const tls = engineTls("MNEME_TEMPORAL", value, apiKey === undefined ? undefined : true);
  return { ...(tls && { temporalTls: tls }), ...(apiKey !== undefined && { temporalApiKey: apiKey }) };
}

/** The ports that a stack with these engines elsewhere listens on. */
export function portsInUse(external: ExternalEngines): readonly PortName[] {
  const unused: readonly PortName[] = [
    ...(external.postgresUrl === undefined ? [] : (["postgres"] as const)),
    ...(external.opensearchUrl === undefined ? [] : (["opensearch"] as const)),
    ...(external.temporalAddress === undefined ? [] : TEMPORAL_PORTS),
  ];
  return (Object.keys(PORTS) as PortName[]).filter((name) => !unused.includes(name));
}

const TEMPORAL_PORTS = ["temporal", "temporalUi", "temporalMetrics"] as const;
