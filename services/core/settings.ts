import { readFileSync } from "node:fs";
import { z } from "zod";
import { NO_PRICES, type Prices, parsePrices } from "./cost/prices.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const A_PORT = "must be a port (0 to 65535)";
export const port = z.coerce.number(A_PORT).int(A_PORT).min(0, A_PORT).max(65_535, A_PORT);
export const milliseconds = z.coerce.number().int().min(1).max(86_400_000);
export const httpUrl = z.url({ protocol: /^https?$/, error: "must be an http or https URL" });
const A_POSTGRES_URL = "must be a postgres URL";
export const postgresUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: A_POSTGRES_URL })
  // A URL needs no slashes, the driver does.
  .regex(/^\w+:\/\//, A_POSTGRES_URL)
  .refine(saysNothingWeakerOfTls, "must say nothing of TLS but sslmode=verify-full or sslmode=disable");

/** The driver would let a URL's words win over settings: `no-verify`, or a name that nobody checks. */
function saysNothingWeakerOfTls(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const said = [...new URL(url).searchParams].filter(([name]) => /ssl|^uselibpqcompat$/i.test(name));
  return said.every(([name, value]) => name === "sslmode" && /^(verify-full|disable)$/.test(value));
}

/** `host:port`, or `[address]:port` of IPv6. */
export const hostPort = z
  .string()
  .regex(/^(\[[\da-f:]+\]|[^\s:/@[\]]+):\d+$/i, "must be host:port")
  .refine((value) => URL.canParse(`http://${value}`), "must be host:port");
export const text = z.string().min(1);
/** Items by comma. */
export const list = z.string().transform((value) => value.split(",").flatMap((item) => item.trim() || []));

/** A file of prices; nothing is priced without one. */
const pricesFile = z
  .string()
  .optional()
  .transform((file, context): Prices => {
    if (file === undefined) return NO_PRICES;
    try {
      return parsePrices(readFileSync(file, "utf8"));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      context.addIssue({
        code: "custom",
        message: code
          ? `must name a file that can be read (${code})`
          : `must name a table of prices: ${message}`,
      });
      return z.NEVER;
    }
  });

/** What every process of ours is told. */
export const COMMON_SETTINGS = {
  MNEME_DATABASE_URL: postgresUrl,
  MNEME_KEYS_DATABASE_URL: postgresUrl,
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
  MNEME_EXTRACTOR: z.enum(["embedded", "openai"]).default("embedded"),
  MNEME_EXTRACTOR_URL: httpUrl.optional(),
  MNEME_EXTRACTOR_MODELS: list.default([]),
  MNEME_RECONCILE_MODELS: list.default([]),
  MNEME_CONSOLIDATE_MODELS: list.default([]),
  MNEME_PRICES_FILE: pricesFile,
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

/** Settings that may hold a secret, which may stand in a file named by the same variable with `_FILE`. */
const SECRET = /^MNEME_(\w+_)?(URL|API_KEY|PASSWORD)$/;

/**
 * Reads settings. An empty variable is one that is not set: shells and compose files can't express the
 * difference well. What may be a secret (a URL, an API key, a password) may be given by the path of its file instead.
 *
 * @throws ConfigError naming every fault at once.
 */
export function parseSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: Environment,
  needs: readonly Need[] = [],
): z.output<z.ZodObject<Shape>> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const unread = readSecrets(Object.keys(shape), given);
  const faults = [...unread.values()];
  const parsed = z.object(shape).safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    if (!unread.has(issue.path.join("."))) faults.push(faultOf(issue, given));
  }
  for (const { names, because } of needs) {
    for (const name of names) {
      if (!given[name] && !unread.has(name)) faults.push(`${name} is required when ${because}`);
    }
  }
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new ConfigError(faults);
}

/** Puts what secrets' files hold beside the rest. @returns by setting what is wrong with a file, never what it holds. */
function readSecrets(names: readonly string[], given: Record<string, string | undefined>) {
  const faults = new Map<string, string>();
  for (const name of names.filter((setting) => SECRET.test(setting))) {
    const file = given[`${name}_FILE`];
    if (file === undefined) continue;
    if (given[name] !== undefined) faults.set(name, `${name} and ${name}_FILE are both set`);
    try {
      given[name] ??= readFileSync(file, "utf8").trim();
      if (given[name] === "") faults.set(name, `${name}_FILE names an empty file`);
    } catch (error) {
      faults.set(name, `${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  return faults;
}

/** Zod names the type that it got, never the value. */
function faultOf(issue: z.core.$ZodIssue, given: Environment): string {
  const name = issue.path.join(".");
  if (given[name] === undefined) return `${name} is not set`;
  return issue.message.startsWith("must") ? `${name} ${issue.message}` : `${name}: ${issue.message}`;
}
