import { availableParallelism } from "node:os";
import type { Prices } from "@mneme/core/cost/prices.ts";
import { type NamedEmbedder, namedEmbedders } from "@mneme/core/embedding/named-embedders.ts";
import {
  ENGINE_SETTINGS,
  type EngineAccess,
  engineAccess,
  engineNeeds,
} from "@mneme/core/engine-settings.ts";
import { type EngineTls, engineTls, tlsNeeds, tlsSettings } from "@mneme/core/engine-tls.ts";
import { KEY_SETTINGS, type KeyConfig, keyConfig, keyNeeds } from "@mneme/core/key-settings.ts";
import {
  COMMON_SETTINGS,
  type Environment,
  embedderNeeds,
  hostPort,
  milliseconds,
  type Need,
  parseSettings,
  port,
  postgresUrl,
  text,
} from "@mneme/core/settings.ts";
import { z } from "zod";
import type { AgeingPlan } from "./ageing/plan.ts";
import { DEFAULT_TASK_QUEUE } from "./contract.ts";

const HOUR_MS = 3_600_000;
const count = z.coerce.number().int().min(1).max(1_000);

/** `22-4`: from one full hour of the day to another, over midnight perhaps. */
const hoursOfDay = z
  .string()
  .regex(/^([01]?\d|2[0-3])-([01]?\d|2[0-4])$/, "must be two full hours of the day, such as 1-5 or 22-4")
  .transform((value) => {
    const [from = 0, to = 24] = value.split("-").map(Number);
    return { from, hours: (to - from + 24) % 24 || 24 };
  });

const TEMPORAL_SETTINGS = {
  MNEME_TEMPORAL_ADDRESS: hostPort.optional(),
  MNEME_TEMPORAL_PORT: port.default(7405),
  MNEME_TEMPORAL_NAMESPACE: text.default("mneme"),
  MNEME_TASK_QUEUE: text.default(DEFAULT_TASK_QUEUE),
  ...tlsSettings("MNEME_TEMPORAL"),
  MNEME_TEMPORAL_API_KEY: text.optional(),
  MNEME_INDEX_POOL: COMMON_SETTINGS.MNEME_INDEX_POOL,
};

const SETTINGS = {
  ...COMMON_SETTINGS,
  ...ENGINE_SETTINGS,
  ...KEY_SETTINGS,
  ...TEMPORAL_SETTINGS,
  MNEME_RELAY_DATABASE_URL: postgresUrl,
  MNEME_SIGNING_KEY_DAYS: z.coerce.number().int().min(1).max(3_650).default(90),
  MNEME_METRICS_HOST: text.default("127.0.0.1"),
  MNEME_METRICS_PORT: port.default(9465),
  MNEME_EXTRACTOR_MODEL: text.optional(),
  MNEME_EXTRACTOR_API_KEY: text.optional(),
  MNEME_EXTRACTOR_TIMEOUT_MS: milliseconds.default(60_000),
  MNEME_EXTRACTOR_CONCURRENCY: count.default(8),
  MNEME_EXTRACTOR_MESSAGES_PER_CALL: count.max(100).default(20),
  MNEME_RECONCILE_MODEL: text.optional(),
  MNEME_CONSOLIDATE_MODEL: text.optional(),
  MNEME_MODEL_ANSWER_DAYS: z.coerce.number().int().min(0).max(3_650).default(30),
  MNEME_AGEING_EVERY_HOURS: z.coerce.number().int().min(1).max(720).default(24),
  MNEME_AGEING_HOURS: hoursOfDay.default({ from: 0, hours: 24 }),
  MNEME_BATCH_WAIT_SECONDS: z.coerce.number().int().min(0).max(86_400).default(60),
  // OpenAI takes 50,000, in files of 200 MB.
  MNEME_BATCH_REQUESTS: z.coerce.number().int().min(1).max(10_000).default(2_000),
  MNEME_EMBEDDER_TIMEOUT_MS: milliseconds.default(30_000),
  // A thread computes a batch by itself and takes a core; those are shared with the engines.
  MNEME_EMBEDDER_THREADS: count.default(Math.min(2, availableParallelism())),
};

type Settings = ReturnType<typeof parseSettings<typeof SETTINGS>>;

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
  /** Without it, no TLS. */
  readonly temporalTls: EngineTls | undefined;
  readonly temporalApiKey: string | undefined;
  readonly taskQueue: string;
  /** Tenants of a pool share its indices. */
  readonly indexPool: string;
}

/** How what may wait is gathered into batches. */
export interface BatchLimits {
  /** How long the first one waits for others, in milliseconds. */
  readonly waitMs: number;
  /** Requests at most. */
  readonly requests: number;
}

/** What reads conversations. */
export interface ExtractorConfig {
  /** Which one does for projects that choose none. */
  readonly standard: "embedded" | "model";
  /** Undefined where there is none to choose. */
  readonly model:
    | (ModelServer & {
        readonly concurrency: number;
        /** Those that projects may name. */
        readonly projectModels: readonly string[];
        /** Messages that one call reads where the project does not say. */
        readonly messagesPerCall: number;
        /** Decides, behind the same server, what a statement means for what is known; undefined where rules do. */
        readonly reconcileModel: string | undefined;
        /** Those that projects may name instead. */
        readonly reconcileModels: readonly string[];
        /** When a batch of what may wait is closed, and how much it takes. */
        readonly batches: BatchLimits;
        /** Words summaries of episodes, behind the same server; undefined where rules do. */
        readonly consolidateModel: string | undefined;
        /** Those that projects may name instead. */
        readonly consolidateModels: readonly string[];
      })
    | undefined;
}

/** The worker's settings, read once. */
export interface WorkerConfig extends TemporalConfig, EngineAccess {
  readonly databaseUrl: string;
  readonly relayDatabaseUrl: string;
  readonly keysDatabaseUrl: string;
  readonly keyProviders: KeyConfig;
  /** How long a key signs before another does. */
  readonly signingKeyMs: number;
  /** How long models' answers are kept; 0: they are not. */
  readonly modelAnswerDays: number;
  readonly opensearchUrl: string;
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly logLevel: string;
  /** When memories age. */
  readonly ageing: AgeingPlan;
  /** What models cost. */
  readonly prices: Prices;
  readonly extractor: ExtractorConfig;
  readonly embedder:
    | { readonly kind: "embedded"; readonly modelDir: string; readonly threads: number }
    | ({ readonly kind: "openai"; readonly dimension: number } & ModelServer);
  /** What projects may choose instead. */
  readonly namedEmbedders: readonly NamedEmbedder[];
  readonly embedderTimeoutMs: number;
}

/**
 * The only place that reads the environment.
 *
 * @throws ConfigError naming every setting that is missing or wrong.
 */
export function readConfig(env: Environment = process.env): WorkerConfig {
  const needs = [
    embedderNeeds(env),
    extractorNeeds(env),
    ...engineNeeds(env),
    ...keyNeeds(env),
    ...temporalNeeds(env),
  ];
  const value = parseSettings(SETTINGS, env, needs);
  const { MNEME_DATABASE_URL, MNEME_RELAY_DATABASE_URL, MNEME_KEYS_DATABASE_URL } = value;
  const databaseUrls = [MNEME_DATABASE_URL, MNEME_RELAY_DATABASE_URL, MNEME_KEYS_DATABASE_URL];
  return {
    ...engineAccess(value, databaseUrls, value.MNEME_OPENSEARCH_URL),
    databaseUrl: value.MNEME_DATABASE_URL,
    relayDatabaseUrl: value.MNEME_RELAY_DATABASE_URL,
    keysDatabaseUrl: value.MNEME_KEYS_DATABASE_URL,
    keyProviders: keyConfig(value),
    signingKeyMs: value.MNEME_SIGNING_KEY_DAYS * 86_400_000,
    modelAnswerDays: value.MNEME_MODEL_ANSWER_DAYS,
    opensearchUrl: value.MNEME_OPENSEARCH_URL,
    ...temporalOf(value),
    metricsHost: value.MNEME_METRICS_HOST,
    metricsPort: value.MNEME_METRICS_PORT,
    logLevel: value.MNEME_LOG_LEVEL,
    ageing: {
      everyMs: value.MNEME_AGEING_EVERY_HOURS * HOUR_MS,
      fromMs: value.MNEME_AGEING_HOURS.from * HOUR_MS,
      withinMs: value.MNEME_AGEING_HOURS.hours * HOUR_MS,
    },
    prices: value.MNEME_PRICES_FILE,
    extractor: extractorOf(value),
    embedder: embedderOf(value),
    namedEmbedders: namedEmbedders(env),
    embedderTimeoutMs: value.MNEME_EMBEDDER_TIMEOUT_MS,
  };
}

/** Settings that whoever starts a workflow needs as well. Without any, those of `npm start`. */
export function readTemporalConfig(env: Environment = process.env): TemporalConfig {
  return temporalOf(parseSettings(TEMPORAL_SETTINGS, env, temporalNeeds(env)));
}

function temporalNeeds(env: Environment): Need[] {
  return tlsNeeds(env, "MNEME_TEMPORAL");
}

function temporalOf(value: ReturnType<typeof parseSettings<typeof TEMPORAL_SETTINGS>>): TemporalConfig {
  return {
    temporalAddress: value.MNEME_TEMPORAL_ADDRESS ?? `127.0.0.1:${value.MNEME_TEMPORAL_PORT}`,
    temporalNamespace: value.MNEME_TEMPORAL_NAMESPACE,
    // An API key is sent with every call.
    temporalTls: engineTls(
      "MNEME_TEMPORAL",
      value,
      value.MNEME_TEMPORAL_API_KEY === undefined ? undefined : true,
    ),
    temporalApiKey: value.MNEME_TEMPORAL_API_KEY,
    taskQueue: value.MNEME_TASK_QUEUE,
    indexPool: value.MNEME_INDEX_POOL,
  };
}

/** A model that only some projects choose needs the same. */
function extractorNeeds(env: Environment): Need {
  const names = ["MNEME_EXTRACTOR_URL", "MNEME_EXTRACTOR_MODEL"];
  if (env.MNEME_EXTRACTOR === "openai") return { names, because: "MNEME_EXTRACTOR is openai" };
  const more = [
    "MNEME_EXTRACTOR_MODELS",
    "MNEME_RECONCILE_MODEL",
    "MNEME_RECONCILE_MODELS",
    "MNEME_CONSOLIDATE_MODEL",
    "MNEME_CONSOLIDATE_MODELS",
  ];
  const given = [...names, ...more].find((name) => env[name]);
  return { names: given ? names : [], because: `${given} is set` };
}

function extractorOf(value: Settings): ExtractorConfig {
  const { MNEME_EXTRACTOR_URL: url, MNEME_EXTRACTOR_MODEL: model } = value;
  return {
    standard: value.MNEME_EXTRACTOR === "openai" ? "model" : "embedded",
    model:
      url === undefined || model === undefined
        ? undefined
        : {
            url,
            model,
            projectModels: value.MNEME_EXTRACTOR_MODELS,
            apiKey: value.MNEME_EXTRACTOR_API_KEY,
            timeoutMs: value.MNEME_EXTRACTOR_TIMEOUT_MS,
            concurrency: value.MNEME_EXTRACTOR_CONCURRENCY,
            messagesPerCall: value.MNEME_EXTRACTOR_MESSAGES_PER_CALL,
            reconcileModel: value.MNEME_RECONCILE_MODEL,
            reconcileModels: value.MNEME_RECONCILE_MODELS,
            batches: {
              waitMs: value.MNEME_BATCH_WAIT_SECONDS * 1_000,
              requests: value.MNEME_BATCH_REQUESTS,
            },
            consolidateModel: value.MNEME_CONSOLIDATE_MODEL,
            consolidateModels: value.MNEME_CONSOLIDATE_MODELS,
          },
  };
}

function embedderOf(value: Settings): WorkerConfig["embedder"] {
  if (value.MNEME_EMBEDDER === "embedded") {
    return { kind: "embedded", modelDir: value.MNEME_MODEL_DIR ?? "", threads: value.MNEME_EMBEDDER_THREADS };
  }
  return {
    kind: "openai",
    dimension: value.MNEME_EMBEDDER_DIMENSION ?? 0,
    url: value.MNEME_EMBEDDER_URL ?? "",
    model: value.MNEME_EMBEDDER_MODEL ?? "",
    apiKey: value.MNEME_EMBEDDER_API_KEY,
    timeoutMs: value.MNEME_EMBEDDER_TIMEOUT_MS,
  };
}
