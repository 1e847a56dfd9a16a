import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MnemeError } from "../errors.ts";
import { decrypt, encrypt } from "./aes-gcm.ts";
import {
  type DeploymentProvider,
  type KeyProvider,
  type KeyProviders,
  KeyRefusedError,
  PROVIDER_DEPENDENCY,
} from "./key-provider.ts";

export interface LocalKeyFiles {
  /** Wraps. 64 hexadecimal digits, readable by its owner only. */
  readonly file: string;
  /** What wrapped before: it opens what is not wrapped anew yet. */
  readonly previousFile?: string | undefined;
}

/**
 * Wraps keys with a master key from a file.
 *
 * @throws Error when a file is missing or not of that form.
 */
export async function createLocalKeyProvider({ file, previousFile }: LocalKeyFiles): Promise<KeyProvider> {
  const current = await readMasterKey(file);
  const known = previousFile ? [current, await readMasterKey(previousFile)] : [current];
  const providerKey = fingerprint(current);
  return {
    wrap: async (context, key) => ({ bytes: encrypt(current, context, key), providerKey }),
    unwrap: async (context, wrapped) => {
      for (const master of known) {
        try {
          return decrypt(master, context, wrapped);
        } catch {
          // Another's, or damaged: the next one tells.
        }
      }
      throw new KeyRefusedError("deployment", "no master key opens it");
    },
  };
}

/** Where the master key's file is all there is: no transit engine, and no key of a tenant's own. */
export async function createLocalKeyProviders(files: LocalKeyFiles): Promise<KeyProviders> {
  const local = await createLocalKeyProvider(files);
  const absent = () => {
    throw new MnemeError(
      "unavailable",
      "DEPENDENCY_UNAVAILABLE",
      "this process knows the local master key alone",
      { metadata: { dependency: PROVIDER_DEPENDENCY.deployment } },
    );
  };
  const has = (name: DeploymentProvider) => name === "local";
  return { standard: "local", has, of: (name) => (has(name) ? local : absent()), brought: absent };
}

async function readMasterKey(file: string): Promise<Buffer> {
  const text = (await readFile(file, "utf8")).trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Error("the master key file must hold 64 hexadecimal digits");
  return Buffer.from(text, "hex");
}

/** Tells keys apart and says nothing of them: they have 256 random bits. */
function fingerprint(master: Uint8Array): string {
  return createHash("sha256").update("mneme master key\0").update(master).digest("hex").slice(0, 16);
}
