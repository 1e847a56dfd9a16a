import {
  type KeyProvider,
  KeyRefusedError,
  type ProviderOwner,
  type TransitReference,
} from "@mneme/core/encryption/key-provider.ts";
import type { Dispatcher } from "undici";
import { callTransit } from "./transit-client.ts";

export interface TransitOptions {
  readonly owner: ProviderOwner;
  readonly reference: TransitReference;
  /** Asked for each call. */
  readonly token: () => Promise<string>;
  readonly dispatcher: Dispatcher;
}

/**
 * Wraps keys by a key of a transit engine, of a type that authenticates additional data (aes256-gcm96, the default).
 * Its rewrap is not used: whoever wraps anew here holds the unwrapped key already.
 */
export function createTransitProvider({ owner, reference, token, dispatcher }: TransitOptions): KeyProvider {
  const call = async (
    operation: "encrypt" | "decrypt",
    body: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ) => callTransit(dispatcher, { ...reference, owner, token: await token(), operation, body }, signal);
  return {
    async wrap(context, key, signal) {
      const body = { plaintext: Buffer.from(key).toString("base64"), associated_data: encoded(context) };
      const { ciphertext } = await call("encrypt", body, signal);
      const [, version] = /^\w+:v(\d+):/.exec(String(ciphertext)) ?? [];
      if (version === undefined)
        throw new KeyRefusedError(owner, "the transit engine's answer holds no ciphertext");
      const { mount, key: name } = reference;
      return { bytes: Buffer.from(String(ciphertext)), providerKey: `${mount}/${name}/v${version}` };
    },
    async unwrap(context, wrapped, signal) {
      const ciphertext = Buffer.from(wrapped).toString("utf8");
      const { plaintext } = await call("decrypt", { ciphertext, associated_data: encoded(context) }, signal);
      if (typeof plaintext !== "string")
        throw new KeyRefusedError(owner, "the transit engine's answer holds no key");
      return Buffer.from(plaintext, "base64");
    },
  };
}

function encoded(context: string): string {
  return Buffer.from(context).toString("base64");
}
