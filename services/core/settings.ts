import { z } from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

const A_PORT = "must be a port (0 to 65535)";
export const port = z.coerce.number(A_PORT).int(A_PORT).min(0, A_PORT).max(65_535, A_PORT);
export const milliseconds = z.coerce.number().int().min(1).max(86_400_000);
export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const A_POSTGRES_URL = "must be a postgres URL";
export const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: A_POSTGRES_URL })
  // A URL needs no slashes, the driver does.
  .regex(/^\w+:\/\//, A_POSTGRES_URL);
/** `host:port`, or `[address]:port` of IPv6. */
export const hostPort = z
  .string()
  .regex(/^(\[[\da-f:]+\]|[^\s:/@[\]]+):\d+$/i, "must be host:port")
  .refine((value) => URL.canParse(`http://${value}`), "must be host:port");
export const text = z.string().min(1);

/** What every process of ours is told. */
export const COMMON_SETTINGS = {
  MNEME_DATABASE_URL: postgresUrl,
  MNEME_KEYS_DATABASE_URL: postgresUrl,
  MNEME_MASTER_KEY_FILE: text,
  MNEME_OPENSEARCH_URL: httpUrl,
  MNEME_INDEX_POOL: z
    .string()
    .regex(/^[a-z0-9]{1,32}$/, "must be up to 32 lower-case letters and digits")
    .default("shared"),
  MNEME_MODEL_DIR: text.optional(),
  MNEME_EMBEDDER: z.enum(["embedded", "openai"]).default("embedded"),
  MNEME_EMBEDDER_URL: httpUrl.optional(),
  MNEME_EMBEDDER_MODEL: text.optional(),
  MNEME_EMBEDDER_API_KEY: text.optional(),
  MNEME_EMBEDDER_DIMENSION: z.coerce.number().int().min(1).max(16_000).optional(),
  MNEME_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
};

/** Variables that a choice makes required. */
export interface Need {
  readonly names: readonly string[];
  /** "MNEME_EMBEDDER is openai". */
  readonly because: string;
}

/** What the choice of an embedder needs. */
export function embedderNeeds(env: Environment): Need {
  return env.MNEME_EMBEDDER === "openai"
    ? {
        names: ["MNEME_EMBEDDER_URL", "MNEME_EMBEDDER_MODEL", "MNEME_EMBEDDER_DIMENSION"],
        because: "MNEME_EMBEDDER is openai",
      }
    : { names: ["MNEME_MODEL_DIR"], because: "MNEME_EMBEDDER is embedded" };
}

/** Faults in the settings; its message names each one by variable and never holds a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.faults = faults;
    // It is read by who starts the process, whom the place in our code does not help.
    this.stack = `ConfigError: ${this.message}`;
  }
}

/**
 * Reads settings. An empty variable is one that is not set: shells and compose files can't express the
 * difference well.
 *
 * @throws ConfigError naming every fault at once.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Environment,
  needs: readonly Need[] = [],
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = z.object(shape).safeParse(given);
  const faults = parsed.error?.issues.map((issue) => faultOf(issue, given)) ?? [];
  for (const { names, because } of needs) {
    for (const name of names) if (!given[name]) faults.push(`${name} is required when ${because}`);
  }
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new ConfigError(faults);
}

/** Zod names the type that it got, never the value. */
function faultOf(issue: z.core.$ZodIssue, given: Environment): string {
  const name = issue.path.join(".");
  if (given[name] === undefined) return `${name} is not set`;
  return issue.message.startsWith("must") ? `${name} ${issue.message}` : `${name}: ${issue.message}`;
}
