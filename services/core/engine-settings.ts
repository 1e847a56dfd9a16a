import type { z } from "zod";
import { type EngineTls, engineTls, tlsNeeds, tlsSettings } from "./engine-tls.ts";
import { ConfigError, type Environment, type Need, text } from "./settings.ts";

/** How api and worker reach PostgreSQL and OpenSearch, beside their addresses. */
export const ENGINE_SETTINGS = {
  ...tlsSettings("MNEME_DATABASE"),
  ...tlsSettings("MNEME_OPENSEARCH"),
  MNEME_OPENSEARCH_USER: text.optional(),
  MNEME_OPENSEARCH_PASSWORD: text.optional(),
};

type Values = z.output<z.ZodObject<typeof ENGINE_SETTINGS>>;

/** What is reached over TLS, and by which account of the index. */
export interface EngineAccess {
  readonly databaseTls: EngineTls | undefined;
  readonly opensearchTls: EngineTls | undefined;
  readonly opensearchAuth: { readonly username: string; readonly password: string } | undefined;
}

/** Settings that make others required. */
export function engineNeeds(env: Environment): Need[] {
  const password = env.MNEME_OPENSEARCH_USER ? ["MNEME_OPENSEARCH_PASSWORD"] : [];
  return [
    ...tlsNeeds(env, "MNEME_DATABASE"),
    ...tlsNeeds(env, "MNEME_OPENSEARCH"),
    { names: password, because: "MNEME_OPENSEARCH_USER is set" },
  ];
}

/**
 * @param databaseUrls all that one process uses: they are reached alike.
 * @throws ConfigError where an address asks for something else than the settings.
 */
export function engineAccess(
  value: Values,
  databaseUrls: readonly string[],
  opensearchUrl: string,
): EngineAccess {
  return {
    databaseTls: databaseTls(value, databaseUrls),
    opensearchTls: undefined,
    opensearchAuth: undefined,
    ...opensearchAccess(value, opensearchUrl),
  };
}

/** @throws ConfigError where the address is without TLS and a setting asks for it. */
export function opensearchAccess(
  value: Pick<Values, Extract<keyof Values, `MNEME_OPENSEARCH_${string}`>>,
  url: string,
): { opensearchTls?: EngineTls; opensearchAuth?: NonNullable<EngineAccess["opensearchAuth"]> } {
  const { MNEME_OPENSEARCH_USER: username, MNEME_OPENSEARCH_PASSWORD: password } = value;
  const tls = engineTls("MNEME_OPENSEARCH", value, new URL(url).protocol === "https:");
  return {
    ...(tls && { opensearchTls: tls }),
    ...(username && password && { opensearchAuth: { username, password } }),
  };
}

/** @throws ConfigError where the URLs' `sslmode` contradict each other or the settings. */
export function databaseTls(
  value: Pick<Values, Extract<keyof Values, `MNEME_DATABASE_${string}`>>,
  urls: readonly string[],
): EngineTls | undefined {
  const modes = urls.map((url) => new URL(url).searchParams.get("sslmode")).filter((mode) => mode !== null);
  const [mode] = modes;
  if (modes.some((other) => other !== mode)) {
    throw new ConfigError([
      "the sslmode of the database URLs must be the same, or left to MNEME_DATABASE_TLS",
    ]);
  }
  return engineTls("MNEME_DATABASE", value, mode === undefined ? undefined : mode === "verify-full");
}
