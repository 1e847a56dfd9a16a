import { z } from "zod";
import { type Environment, httpUrl, type Need, text } from "./settings.ts";

/** What wraps tenants' keys, for each process that opens them. */
export const KEY_SETTINGS = {
  MNEME_MASTER_KEY_FILE: text,
  MNEME_MASTER_KEY_PREVIOUS_FILE: text.optional(),
  MNEME_KEY_PROVIDER: z.enum(["local", "transit"]).default("local"),
  MNEME_TRANSIT_URL: httpUrl.optional(),
  MNEME_TRANSIT_MOUNT: text.default("transit"),
  MNEME_TRANSIT_KEY: text.optional(),
  MNEME_TRANSIT_NAMESPACE: text.optional(),
  MNEME_TRANSIT_TOKEN_FILE: text.optional(),
  MNEME_TRANSIT_CA: text.optional(),
  MNEME_TENANT_KEY_ADDRESSES: z.enum(["public", "any"]).default("public"),
};

/** The deployment's own transit engine. */
export interface TransitConfig {
  readonly url: string;
  readonly mount: string;
  readonly key: string;
  /** Empty where the server has none. */
  readonly namespace: string;
  /** Read again and again: whoever renews the token writes it there. */
  readonly tokenFile: string;
  /** A PEM file of authorities; without it those of the system. */
  readonly caFile: string | undefined;
}

/** What wraps tenants' keys. */
export interface KeyConfig {
  readonly masterKeyFile: string;
  readonly previousMasterKeyFile: string | undefined;
  readonly standard: "local" | "transit";
  /** May be there beside `local`: what it has wrapped is then opened, and wrapped anew. */
  readonly transit: TransitConfig | undefined;
  /** Whether keys that tenants bring may lie at private addresses, and behind plain HTTP. */
  readonly anyAddress: boolean;
}

/** What the choice of a provider needs. */
export function keyNeeds(env: Environment): Need[] {
  const whole = ["MNEME_TRANSIT_URL", "MNEME_TRANSIT_KEY", "MNEME_TRANSIT_TOKEN_FILE"];
  const isSet = Boolean(env.MNEME_TRANSIT_URL || env.MNEME_TRANSIT_URL_FILE);
  return [
    { names: env.MNEME_KEY_PROVIDER === "transit" ? whole : [], because: "MNEME_KEY_PROVIDER is transit" },
    { names: isSet ? whole.slice(1) : [], because: "MNEME_TRANSIT_URL is set" },
  ];
}

export function keyConfig(value: z.output<z.ZodObject<typeof KEY_SETTINGS>>): KeyConfig {
  const { MNEME_TRANSIT_URL: url, MNEME_TRANSIT_KEY: key, MNEME_TRANSIT_TOKEN_FILE: tokenFile } = value;
  const transit =
    url && key && tokenFile
      ? {
          url,
          mount: value.MNEME_TRANSIT_MOUNT,
          key,
          namespace: value.MNEME_TRANSIT_NAMESPACE ?? "",
          tokenFile,
          caFile: value.MNEME_TRANSIT_CA,
        }
      : undefined;
  return {
    masterKeyFile: value.MNEME_MASTER_KEY_FILE,
    previousMasterKeyFile: value.MNEME_MASTER_KEY_PREVIOUS_FILE,
    standard: value.MNEME_KEY_PROVIDER,
    transit,
    anyAddress: value.MNEME_TENANT_KEY_ADDRESSES === "any",
  };
}
