import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);
const milliseconds = z.coerce.number().int().min(1).max(86_400_000);
const list = z.string().transform((value) => value.split(",").flatMap((item) => item.trim() || []));
const http = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const postgres = z.url({ protocol: /^postgres(ql)?$/, error: "must be a postgres URL" });

const environment = z.object({
  MNEME_API_HOST: z.string().min(1).default("127.0.0.1"),
  MNEME_API_PORT: port.default(7400),
  MNEME_API_TLS_PORT: port.optional(),
  MNEME_TLS_CERT: z.string().min(1).optional(),
  MNEME_TLS_KEY: z.string().min(1).optional(),
  MNEME_METRICS_PORT: port.default(7401),
  MNEME_DATABASE_URL: postgres,
  MNEME_KEYS_DATABASE_URL: postgres,
  MNEME_MASTER_KEY_FILE: z.string().min(1),
  MNEME_OPENSEARCH_URL: http,
  MNEME_INDEX_POOL: z
    .string()
    .regex(/^[a-z0-9]{1,32}$/, "must be up to 32 lower-case letters and digits")
    .default("shared"),
  MNEME_EMBEDDER_CACHE_SIZE: z.coerce.number().int().min(0).max(1_000_000).default(10_000),
  MNEME_MODEL_DIR: z.string().min(1).optional(),
  MNEME_EMBEDDER: z.enum(["embedded", "openai"]).default("embedded"),
  MNEME_EMBEDDER_URL: http.optional(),
  MNEME_EMBEDDER_MODEL: z.string().min(1).optional(),
  MNEME_EMBEDDER_API_KEY: z.string().min(1).optional(),
  MNEME_EMBEDDER_DIMENSION: z.coerce.number().int().min(1).max(16_000).optional(),
  MNEME_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  MNEME_CORS_ORIGINS: list.default([]),
  MNEME_MAX_REQUEST_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(0xffffffff)
    .default(8 * 1024 * 1024),
  MNEME_DRAIN_SECONDS: z.coerce.number().min(0).max(3600).default(20),
  MNEME_DEFAULT_DEADLINE_MS: milliseconds.default(30_000),
  MNEME_STREAM_DEADLINE_MS: milliseconds.default(900_000),
  MNEME_MAX_STREAMS_PER_KEY: z.coerce.number().int().min(1).max(100_000).default(100),
});

/** What a choice needs, beside what always is needed. */
function missing(env: Readonly<Record<string, string | undefined>>): string[] {
  const needs = (names: readonly string[], because: string) =>
    names.flatMap((name) => (env[name] ? [] : `${name} is required when ${because}`));
  const tls = env.MNEME_API_TLS_PORT
    ? needs(["MNEME_TLS_CERT", "MNEME_TLS_KEY"], "MNEME_API_TLS_PORT is set")
    : [];
  const embedder =
    env.MNEME_EMBEDDER === "openai"
      ? needs(
          ["MNEME_EMBEDDER_URL", "MNEME_EMBEDDER_MODEL", "MNEME_EMBEDDER_DIMENSION"],
          "MNEME_EMBEDDER is openai",
        )
      : needs(["MNEME_MODEL_DIR"], "MNEME_EMBEDDER is embedded");
  return [...tls, ...embedder];
}

export interface TlsConfig {
  readonly port: number;
  /** Paths of PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
}

export type EmbedderConfig =
  | { readonly type: "embedded"; readonly modelDir: string }
  | {
      readonly type: "openai";
      readonly url: string;
      readonly model: string;
      readonly apiKey: string | undefined;
      readonly dimension: number;
    };

/** How requests are read, bounded and ended. */
export interface LimitsConfig {
  /** One message, after decompression. */
  readonly maxRequestBytes: number;
  /** Deadline of a unary call that asks for none, and the longest one that any may have. */
  readonly unaryDeadlineMs: number;
  /** The same for streams. */
  readonly streamDeadlineMs: number;
  readonly maxStreamsPerKey: number;
}

/** Everything that the process can be told, checked. */
export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsConfig | undefined;
  readonly metricsPort: number;
  readonly databaseUrl: string;
  readonly keysDatabaseUrl: string;
  readonly masterKeyFile: string;
  readonly opensearchUrl: string;
  /** Tenants of a pool share its indices. */
  readonly indexPool: string;
  readonly embedder: EmbedderConfig;
  /** Vectors of queries that are kept; 0 keeps none. */
  readonly queryCacheSize: number;
  readonly logLevel: string;
  /** Origins whose browsers may call; `*` is any. */
  readonly corsOrigins: readonly string[];
  readonly limits: LimitsConfig;
  /** How long calls in progress may take to finish once the process was asked to stop. */
  readonly drainMs: number;
}

/** Faults in the settings; its message names each one by variable and never holds a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(message: string) {
    super(message);
    // It is read by who starts the process, whom the place in our code does not help.
    this.stack = `ConfigError: ${message}`;
  }
}

/** Reads the settings. @throws ConfigError naming every fault at once. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ApiConfig {
  // An empty variable is one that is not set: shells and compose files can't express the difference well.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(given);
  const faults = [...(parsed.error?.issues.map((issue) => faultOf(issue, given)) ?? []), ...missing(given)];
  if (!parsed.success || faults.length > 0) {
    throw new ConfigError(`the settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  }
  const value = parsed.data;
  return {
    host: value.MNEME_API_HOST,
    port: value.MNEME_API_PORT,
    tls: tlsOf(value),
    metricsPort: value.MNEME_METRICS_PORT,
    databaseUrl: value.MNEME_DATABASE_URL,
    keysDatabaseUrl: value.MNEME_KEYS_DATABASE_URL,
    masterKeyFile: value.MNEME_MASTER_KEY_FILE,
    opensearchUrl: value.MNEME_OPENSEARCH_URL,
    indexPool: value.MNEME_INDEX_POOL,
    embedder: embedderOf(value),
    queryCacheSize: value.MNEME_EMBEDDER_CACHE_SIZE,
    logLevel: value.MNEME_LOG_LEVEL,
    corsOrigins: value.MNEME_CORS_ORIGINS,
    limits: {
      maxRequestBytes: value.MNEME_MAX_REQUEST_BYTES,
      unaryDeadlineMs: value.MNEME_DEFAULT_DEADLINE_MS,
      streamDeadlineMs: value.MNEME_STREAM_DEADLINE_MS,
      maxStreamsPerKey: value.MNEME_MAX_STREAMS_PER_KEY,
    },
    drainMs: value.MNEME_DRAIN_SECONDS * 1000,
  };
}

type Environment = z.output<typeof environment>;

/** Zod names the type that it got, never the value. */
function faultOf(issue: z.core.$ZodIssue, given: Readonly<Record<string, unknown>>): string {
  const name = issue.path.join(".");
  if (given[name] === undefined) return `${name} is not set`;
  return issue.message.startsWith("must") ? `${name} ${issue.message}` : `${name}: ${issue.message}`;
}

function tlsOf(value: Environment): TlsConfig | undefined {
  const { MNEME_API_TLS_PORT: tlsPort, MNEME_TLS_CERT: certFile, MNEME_TLS_KEY: keyFile } = value;
  return tlsPort !== undefined && certFile && keyFile ? { port: tlsPort, certFile, keyFile } : undefined;
}

function embedderOf(value: Environment): EmbedderConfig {
  if (value.MNEME_EMBEDDER === "embedded") {
    return { type: "embedded", modelDir: value.MNEME_MODEL_DIR ?? "" };
  }
  return {
    type: "openai",
    url: value.MNEME_EMBEDDER_URL ?? "",
    model: value.MNEME_EMBEDDER_MODEL ?? "",
    apiKey: value.MNEME_EMBEDDER_API_KEY,
    dimension: value.MNEME_EMBEDDER_DIMENSION ?? 0,
  };
}
