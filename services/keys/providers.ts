import { readFile } from "node:fs/promises";
import { type KeyProviders, PROVIDER_DEPENDENCY } from "@mneme/core/encryption/key-provider.ts";
import { createLocalKeyProvider } from "@mneme/core/encryption/local-key-provider.ts";
import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import type { KeyConfig, TransitConfig } from "@mneme/core/key-settings.ts";
import { Agent } from "undici";
import { connectPublic, isPublicUrl } from "./addresses.ts";
import { createTransitProvider } from "./transit-provider.ts";

/** Providers, with the connections that they keep. */
export interface OpenKeyProviders extends KeyProviders, AsyncDisposable {}

const CONNECT_MS = 2_000;
const TOKEN_MS = 5_000;

/** @throws Error when a file of the settings cannot be read, or is not of its form. */
export async function openKeyProviders(config: KeyConfig): Promise<OpenKeyProviders> {
  const { masterKeyFile: file, previousMasterKeyFile: previousFile, anyAddress } = config;
  const local = await createLocalKeyProvider({ file, previousFile });
  const own = new Agent({ connect: { timeout: CONNECT_MS, ...(await authorities(config.transit)) } });
  const options = { timeout: CONNECT_MS };
  const foreign = new Agent({ connect: anyAddress ? options : connectPublic(options) });
  const { transit } = config;
  const standing =
    transit &&
    createTransitProvider({
      owner: "deployment",
      reference: transit,
      token: tokenOf(transit.tokenFile),
      dispatcher: own,
    });
  return {
    standard: config.standard,
    has: (name) => name === "local" || standing !== undefined,
    of(name) {
      if (name === "local") return local;
      if (standing) return standing;
      throw absent("no transit engine is set for this process");
    },
    brought(reference, token) {
      const url = URL.parse(reference.url);
      if (!url || !/^https?:$/.test(url.protocol) || (!anyAddress && !isPublicUrl(url))) {
        throw invalidField("transit.url", "must be https, without credentials, and not at a private address");
      }
      return createTransitProvider({
        owner: "tenant",
        reference,
        token: async () => token,
        dispatcher: foreign,
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([own.close(), foreign.close()]);
    },
  };
}

async function authorities(transit: TransitConfig | undefined): Promise<{ readonly ca?: string }> {
  return transit?.caFile === undefined ? {} : { ca: await readFile(transit.caFile, "utf8") };
}

/** The token as its file has it, read anew every few seconds. */
function tokenOf(file: string): () => Promise<string> {
  let known: { readonly token: string; readonly at: number } | undefined;
  return async () => {
    if (known && performance.now() - known.at < TOKEN_MS) return known.token;
    const token = await readFile(file, "utf8").catch(() => {
      throw absent("the token of the transit engine cannot be read");
    });
    known = { token: token.trim(), at: performance.now() };
    return known.token;
  };
}

function absent(message: string): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", message, {
    metadata: { dependency: PROVIDER_DEPENDENCY.deployment },
  });
}
