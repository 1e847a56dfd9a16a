import type { Prices } from "@mneme/core/cost/prices.ts";
import { type NamedEmbedder, namedEmbedders } from "@mneme/core/embedding/named-embedders.ts";
import {
  ENGINE_SETTINGS,
  type EngineAccess,
  engineAccess,
  engineNeeds,
} from "@mneme/core/engine-settings.ts";
import type { ExtractorChoice } from "@mneme/core/extraction/choose-extractor.ts";
import { KEY_SETTINGS, type KeyConfig, keyConfig, keyNeeds } from "@mneme/core/key-settings.ts";
import {
  COMMON_SETTINGS,
  type Environment,
  embedderNeeds,
  list,
  milliseconds,
  type Need,
  parseSettings,
  port,
  text,
} from "@mneme/core/settings.ts";
import type { Limits } from "@mneme/core/tenancy/limits.ts";
import { z } from "zod";
import { RERANKER_SETTINGS, type RerankerConfig, rerankerNeeds, rerankerOf } from "./reranker-config.ts";

const amount = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const SETTINGS = {
  ...COMMON_SETTINGS,
  ...ENGINE_SETTINGS,
  ...KEY_SETTINGS,
  MNEME_BOOTSTRAP_KEY_FILE: text.optional(),
  MNEME_API_HOST: text.default("127.0.0.1"),
  MNEME_API_PORT: z.union([z.literal("off"), port], "must be a port (0 to 65535) or off").default(7400),
  MNEME_API_TLS_PORT: port.optional(),
  MNEME_TLS_CERT: text.optional(),
  MNEME_TLS_KEY: text.optional(),
  MNEME_TLS_CLIENT_CA: text.optional(),
  MNEME_TLS_MIN_VERSION: z.enum(["1.3", "1.2"]).default("1.3"),
  MNEME_METRICS_HOST: text.default("127.0.0.1"),
  MNEME_METRICS_PORT: port.default(7401),
  MNEME_EMBEDDER_CACHE_SIZE: z.coerce.number().int().min(0).max(1_000_000).default(10_000),
  ...RERANKER_SETTINGS,
  MNEME_CORS_ORIGINS: list.default([]),
  MNEME_REFLECTION: z.enum(["on", "off"]).default("on"),
  MNEME_TOKEN_ISSUER: text.max(256).default("mneme"),
  MNEME_MAX_REQUEST_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(0xffffffff)
    .default(8 * 1024 * 1024),
  // As `mneme.tenancy.v1.Limits` bounds them.
  MNEME_LIMIT_REQUESTS_PER_SECOND: z.coerce.number().min(0.001).max(1_000_000).optional(),
  MNEME_LIMIT_BURST: amount.min(1).max(10_000_000).optional(),
  MNEME_LIMIT_MESSAGES_PER_DAY: amount.optional(),
  MNEME_LIMIT_MEMORIES: amount.optional(),
  MNEME_LIMIT_MODEL_TOKENS_PER_MONTH: amount.optional(),
  MNEME_LIMIT_STREAMS: amount.max(100_000).optional(),
  MNEME_DRAIN_SECONDS: z.coerce.number().min(0).max(3600).default(20),
  MNEME_DEFAULT_DEADLINE_MS: milliseconds.default(30_000),
  MNEME_STREAM_DEADLINE_MS: milliseconds.default(900_000),
  MNEME_MAX_STREAMS_PER_KEY: z.coerce.number().int().min(1).max(100_000).default(100),
};

type Settings = ReturnType<typeof parseSettings<typeof SETTINGS>>;

export interface TlsConfig {
  readonly port: number;
  /** Paths of PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities one of which must have signed a client's certificate; without it none is asked for. */
  readonly clientCaFile?: string | undefined;
  readonly minVersion: "TLSv1.3" | "TLSv1.2";
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
  /** Of tenants that have none of their own. */
  readonly perTenant: Limits;
}

/** Everything that the process can be told, checked. */
export interface ApiConfig extends EngineAccess {
  readonly host: string;
  /** Of HTTP without TLS; undefined where there is none. */
  readonly port: number | undefined;
  readonly tls: TlsConfig | undefined;
  /** Metrics and probes have neither TLS nor credentials: where the api is open to all, they need not be. */
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly databaseUrl: string;
  readonly keysDatabaseUrl: string;
  readonly keyProviders: KeyConfig;
  /** Holds the credential that makes the first operator's key; undefined where there is none. */
  readonly bootstrapKeyFile: string | undefined;
  readonly opensearchUrl: string;
  /** Tenants of a pool share its indices. */
  readonly indexPool: string;
  readonly embedder: EmbedderConfig;
  /** What projects may choose instead. */
  readonly namedEmbedders: readonly NamedEmbedder[];
  /** Vectors of queries that are kept; 0 keeps none. */
  readonly queryCacheSize: number;
  /** Of models' tokens. */
  readonly prices: Prices;
  /** Undefined: there is none. */
  readonly reranker: RerankerConfig | undefined;
  readonly logLevel: string;
  /** Origins whose browsers may call; `*` is any. */
  readonly corsOrigins: readonly string[];
  /** Whether anybody may ask for the services and their schemas. */
  readonly reflection: boolean;
  /** What the worker may read conversations with. */
  readonly extractors: ExtractorChoice;
  /** Models that tenants may name. */
  readonly allowedModels: Readonly<Record<"extractor" | "reconcile" | "consolidate", readonly string[]>>;
  readonly limits: LimitsConfig;
  /** What users' tokens name as their issuer. */
  readonly tokenIssuer: string;
  /** How long calls in progress may take to finish once the process was asked to stop. */
  readonly drainMs: number;
}

/** Reads the settings. @throws ConfigError naming every fault at once. */
export function readConfig(env: Environment): ApiConfig {
  const needs = [
    embedderNeeds(env),
    ...rerankerNeeds(env),
    ...tlsNeeds(env),
    ...engineNeeds(env),
    ...keyNeeds(env),
  ];
  const value = parseSettings(SETTINGS, env, needs);
  const databaseUrls = [value.MNEME_DATABASE_URL, value.MNEME_KEYS_DATABASE_URL];
  return {
    ...engineAccess(value, databaseUrls, value.MNEME_OPENSEARCH_URL),
    host: value.MNEME_API_HOST,
    port: value.MNEME_API_PORT === "off" ? undefined : value.MNEME_API_PORT,
    tls: tlsOf(value),
    metricsHost: value.MNEME_METRICS_HOST,
    metricsPort: value.MNEME_METRICS_PORT,
    databaseUrl: value.MNEME_DATABASE_URL,
    keysDatabaseUrl: value.MNEME_KEYS_DATABASE_URL,
    keyProviders: keyConfig(value),
    bootstrapKeyFile: value.MNEME_BOOTSTRAP_KEY_FILE,
    opensearchUrl: value.MNEME_OPENSEARCH_URL,
    indexPool: value.MNEME_INDEX_POOL,
    embedder: embedderOf(value),
    namedEmbedders: namedEmbedders(env),
    queryCacheSize: value.MNEME_EMBEDDER_CACHE_SIZE,
    prices: value.MNEME_PRICES_FILE,
    reranker: rerankerOf(value),
    logLevel: value.MNEME_LOG_LEVEL,
    corsOrigins: value.MNEME_CORS_ORIGINS,
    reflection: value.MNEME_REFLECTION === "on",
    extractors: extractorsOf(value),
    allowedModels: {
      extractor: value.MNEME_EXTRACTOR_MODELS,
      reconcile: value.MNEME_RECONCILE_MODELS,
      consolidate: value.MNEME_CONSOLIDATE_MODELS,
    },
    limits: {
      maxRequestBytes: value.MNEME_MAX_REQUEST_BYTES,
      unaryDeadlineMs: value.MNEME_DEFAULT_DEADLINE_MS,
      streamDeadlineMs: value.MNEME_STREAM_DEADLINE_MS,
      maxStreamsPerKey: value.MNEME_MAX_STREAMS_PER_KEY,
      perTenant: {
        requestsPerSecond: value.MNEME_LIMIT_REQUESTS_PER_SECOND,
        burst: value.MNEME_LIMIT_BURST,
        messagesPerDay: value.MNEME_LIMIT_MESSAGES_PER_DAY,
        memories: value.MNEME_LIMIT_MEMORIES,
        modelTokensPerMonth: value.MNEME_LIMIT_MODEL_TOKENS_PER_MONTH,
        streams: value.MNEME_LIMIT_STREAMS,
      },
    },
    tokenIssuer: value.MNEME_TOKEN_ISSUER,
    drainMs: value.MNEME_DRAIN_SECONDS * 1000,
  };
}

function tlsNeeds(env: Environment): Need[] {
  const files = ["MNEME_TLS_CERT", "MNEME_TLS_KEY"];
  const onTls = ["MNEME_API_TLS_PORT"];
  return [
    { names: env.MNEME_API_TLS_PORT ? files : [], because: "MNEME_API_TLS_PORT is set" },
    { names: env.MNEME_API_PORT === "off" ? onTls : [], because: "MNEME_API_PORT is off" },
    // Whoever sets it believes that clients are asked for a certificate.
    { names: env.MNEME_TLS_CLIENT_CA ? onTls : [], because: "MNEME_TLS_CLIENT_CA is set" },
  ];
}

function tlsOf(value: Settings): TlsConfig | undefined {
  const { MNEME_API_TLS_PORT: tlsPort, MNEME_TLS_CERT: certFile, MNEME_TLS_KEY: keyFile } = value;
  if (tlsPort === undefined || !certFile || !keyFile) return undefined;
  const { MNEME_TLS_CLIENT_CA: clientCaFile, MNEME_TLS_MIN_VERSION: version } = value;
  return { port: tlsPort, certFile, keyFile, clientCaFile, minVersion: `TLSv${version}` };
}

function extractorsOf({ MNEME_EXTRACTOR: extractor, MNEME_EXTRACTOR_URL: url }: Settings): ExtractorChoice {
  const standard = extractor === "openai" ? "model" : "embedded";
  return { standard, hasModel: standard === "model" || url !== undefined };
}

function embedderOf(value: Settings): EmbedderConfig {
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
