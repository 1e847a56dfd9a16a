import type { DatabaseUrls } from "@mneme/postgres/migrate.ts";

/**
 * What the processes inherit: settings of theirs that whoever starts the stack may give, where the stack does not set
 * them itself, and what any program of the system needs.
 */
const INHERITED = /^(MNEME_\w+|OPENAI_\w+|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|PATH|HOME|LANG|LC_ALL|TZ|TMPDIR)$/;

/** The superuser's URL is the stack's alone, and addresses that it tells by themselves need not be looked up in files. */
const STACKS_OWN = /^MNEME_(POSTGRES_URL|POSTGRES_URL_FILE|(\w+_)?DATABASE_URL_FILE|OPENSEARCH_URL_FILE)$/;

/** What api and worker are told about where they are. */
export interface Surroundings {
  readonly databaseUrls: DatabaseUrls;
  readonly masterKeyFile: string;
  readonly opensearchUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  /** What `obtainMiniLm` returned. */
  readonly modelDir: string;
  readonly logLevel?: string;
  /** Settings of the caller for both processes; they win over everything else. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The api's whole environment. */
export function apiEnvironment(
  around: Surroundings,
  host: string,
  port: number,
  metricsPort: number,
): NodeJS.ProcessEnv {
  const own = { MNEME_API_HOST: host, MNEME_API_PORT: String(port) };
  return { ...common(around, metricsPort), ...own, ...around.env };
}

/** The worker's whole environment. */
export function workerEnvironment(around: Surroundings, metricsPort: number): NodeJS.ProcessEnv {
  const own = { MNEME_RELAY_DATABASE_URL: around.databaseUrls.relay };
  return { ...common(around, metricsPort), ...own, ...around.env };
}

function common(around: Surroundings, metricsPort: number): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => INHERITED.test(name) && !STACKS_OWN.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    MNEME_DATABASE_URL: around.databaseUrls.app,
    MNEME_KEYS_DATABASE_URL: around.databaseUrls.keys,
    MNEME_MASTER_KEY_FILE: around.masterKeyFile,
    MNEME_OPENSEARCH_URL: around.opensearchUrl,
    MNEME_TEMPORAL_ADDRESS: around.temporalAddress,
    MNEME_TEMPORAL_NAMESPACE: around.temporalNamespace,
    MNEME_MODEL_DIR: around.modelDir,
    MNEME_LOG_LEVEL: around.logLevel ?? process.env.MNEME_LOG_LEVEL ?? "info",
    MNEME_METRICS_PORT: String(metricsPort),
  };
}
