import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { z } from "zod";
import { ConfigError, type Environment, type Need, text } from "./settings.ts";

/** How a connection to an engine is encrypted. The engine's certificate is always verified, its name too. */
export interface EngineTls {
  /** Authorities that are trusted instead of those that Node knows, in PEM. */
  readonly ca?: string;
  /** This process's own certificate and its key, in PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the engine's certificate must have, where it is not the host's. */
  readonly serverName?: string;
}

/** What every connection to an engine asks for, whatever the environment (NODE_TLS_REJECT_UNAUTHORIZED) says. */
export const STRICT_TLS = { minVersion: "TLSv1.3", rejectUnauthorized: true } as const;

type Engine = "MNEME_DATABASE" | "MNEME_OPENSEARCH" | "MNEME_TEMPORAL";

const pem = text.transform((file, context) => {
  try {
    const read = readFileSync(file, "utf8");
    if (read.includes("-----BEGIN ")) return read;
    context.addIssue("must name a file in PEM");
  } catch (error) {
    context.addIssue(`must name a file that can be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return z.NEVER;
});

/** The settings of one engine; a file is read when they are. */
export function tlsSettings<E extends Engine>(engine: E) {
  const shape = {
    [`${engine}_TLS`]: z.enum(["on", "off"]).optional(),
    [`${engine}_TLS_CA`]: pem.optional(),
    [`${engine}_TLS_CERT`]: pem.optional(),
    [`${engine}_TLS_KEY`]: pem.optional(),
    [`${engine}_TLS_SERVER_NAME`]: text.optional(),
  };
  return shape as Record<`${E}_TLS`, z.ZodOptional<z.ZodEnum<{ on: "on"; off: "off" }>>> &
    Record<`${E}_TLS_${"CA" | "CERT" | "KEY"}`, z.ZodOptional<typeof pem>> &
    Record<`${E}_TLS_SERVER_NAME`, z.ZodOptional<typeof text>>;
}

/** A certificate is of no use without its key, and the other way round. */
export function tlsNeeds(env: Environment, engine: Engine): Need[] {
  const [cert, key] = [`${engine}_TLS_CERT`, `${engine}_TLS_KEY`];
  return [
    { names: env[cert] ? [key] : [], because: `${cert} is set` },
    { names: env[key] ? [cert] : [], because: `${key} is set` },
  ];
}

/**
 * TLS is on where any of its settings is given, or where the engine's address asks for it.
 *
 * @param asked what the address says; undefined where an address can say neither.
 * @returns undefined for a connection without TLS.
 * @throws ConfigError where settings contradict each other, or a key is not its certificate's.
 */
export function engineTls<E extends Engine>(
  engine: E,
  value: z.output<z.ZodObject<ReturnType<typeof tlsSettings<E>>>>,
  asked: boolean | undefined,
): EngineTls | undefined {
  const given = value as Readonly<Record<string, string | undefined>>;
  const of = (name: string) => given[`${engine}_TLS${name}`];
  const [ca, cert, key, serverName] = [of("_CA"), of("_CERT"), of("_KEY"), of("_SERVER_NAME")];
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }),
  };
  const isWanted = of("") === "on" || Object.keys(tls).length > 0;
  if (of("") === "off" && (asked || isWanted)) {
    throw new ConfigError([`${engine}_TLS is off, and its other settings or the address ask for TLS`]);
  }
  if (asked === false && isWanted) {
    throw new ConfigError([`${engine}_TLS is set, and the address asks for a connection without TLS`]);
  }
  if (!isWanted && !asked) return undefined;
  try {
    createSecureContext(tls);
  } catch {
    throw new ConfigError([`the files of ${engine}_TLS_* do not fit together or are not in PEM`]);
  }
  return tls;
}
