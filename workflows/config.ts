import { availableParallelism } from "node:os";
import { DEFAULT_TASK_QUEUE } from "./contract.ts";

/** An OpenAI-compatible server. */
export interface ModelServer {
  readonly url: string;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly timeoutMs: number;
}

/** Where Temporal is, and which index its workflows serve. */
export interface TemporalConfig {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly taskQueue: string;
  /** Tenants of a pool share its indices. */
  readonly indexPool: string;
}

/** The worker's settings, read once. */
export interface WorkerConfig extends TemporalConfig {
  readonly databaseUrl: string;
  readonly relayDatabaseUrl: string;
  readonly keysDatabaseUrl: string;
  readonly masterKeyFile: string;
  readonly opensearchUrl: string;
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly logLevel: string;
  readonly extractor:
    | { readonly kind: "embedded" }
    | ({ readonly kind: "openai"; readonly concurrency: number } & ModelServer);
  readonly embedder:
    | { readonly kind: "embedded"; readonly modelDir: string; readonly threads: number }
    | ({ readonly kind: "openai"; readonly dimension: number } & ModelServer);
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The only place that reads the environment.
 *
 * @throws Error naming the first setting that is missing or wrong.
 */
export function readConfig(env: Environment = process.env): WorkerConfig {
  return {
    databaseUrl: required(env, "MNEME_DATABASE_URL"),
    relayDatabaseUrl: required(env, "MNEME_RELAY_DATABASE_URL"),
    keysDatabaseUrl: required(env, "MNEME_KEYS_DATABASE_URL"),
    masterKeyFile: required(env, "MNEME_MASTER_KEY_FILE"),
    opensearchUrl: required(env, "MNEME_OPENSEARCH_URL"),
    ...readTemporalConfig(env),
    metricsHost: env.MNEME_METRICS_HOST || "127.0.0.1",
    metricsPort: whole(env, "MNEME_METRICS_PORT", 9_465),
    logLevel: env.MNEME_LOG_LEVEL || "info",
    extractor: readExtractor(env),
    embedder: readEmbedder(env),
  };
}

/** Settings that whoever starts a workflow needs as well. Without any, those of `npm start`. */
export function readTemporalConfig(env: Environment = process.env): TemporalConfig {
  return {
    temporalAddress: env.MNEME_TEMPORAL_ADDRESS || `127.0.0.1:${env.MNEME_TEMPORAL_PORT || 7_405}`,
    temporalNamespace: env.MNEME_TEMPORAL_NAMESPACE || "mneme",
    taskQueue: env.MNEME_TASK_QUEUE || DEFAULT_TASK_QUEUE,
    indexPool: env.MNEME_INDEX_POOL || "shared",
  };
}

function readExtractor(env: Environment): WorkerConfig["extractor"] {
  const kind = oneOf(env, "MNEME_EXTRACTOR", ["embedded", "openai"]);
  if (kind === "embedded") return { kind };
  const concurrency = positive(env, "MNEME_EXTRACTOR_CONCURRENCY", 8);
  return { kind, concurrency, ...readServer(env, "MNEME_EXTRACTOR", 60_000) };
}

function readEmbedder(env: Environment): WorkerConfig["embedder"] {
  const kind = oneOf(env, "MNEME_EMBEDDER", ["embedded", "openai"]);
  if (kind === "embedded") {
    // More threads gain little on sentences, and the cores are shared with the engines.
    const threads = positive(env, "MNEME_EMBEDDER_THREADS", Math.min(2, availableParallelism()));
    return { kind, modelDir: required(env, "MNEME_MODEL_DIR"), threads };
  }
  const dimension = whole(env, "MNEME_EMBEDDER_DIMENSION", 0);
  if (dimension < 1) throw new Error("MNEME_EMBEDDER_DIMENSION must be the model's dimension, 1 or more");
  return { kind, dimension, ...readServer(env, "MNEME_EMBEDDER", 30_000) };
}

function readServer(env: Environment, prefix: string, timeoutMs: number): ModelServer {
  return {
    url: required(env, `${prefix}_URL`),
    model: required(env, `${prefix}_MODEL`),
    apiKey: env[`${prefix}_API_KEY`] || undefined,
    timeoutMs: whole(env, `${prefix}_TIMEOUT_MS`, timeoutMs),
  };
}

function required(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} must be set`);
  return value;
}

function whole(env: Environment, name: string, otherwise: number): number {
  const text = env[name];
  if (!text) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} must be a whole number`);
  return value;
}

function positive(env: Environment, name: string, otherwise: number): number {
  const value = whole(env, name, otherwise);
  if (value < 1) throw new Error(`${name} must be 1 or more`);
  return value;
}

function oneOf<const T extends readonly [string, ...string[]]>(
  env: Environment,
  name: string,
  values: T,
): T[number] {
  const value = env[name] || values[0];
  if (!values.includes(value)) throw new Error(`${name} must be one of: ${values.join(", ")}`);
  return value;
}
